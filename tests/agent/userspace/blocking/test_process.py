"""How programs end, and what then becomes of their threads and sockets."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from netlab.agent.userspace.blocking.installed import installed
from netlab.agent.userspace.blocking.process import Process, here
from netlab.testing.blocking import names
from netlab.testing.errnos import fails_with
from netlab.testing.worlds import SERVER, Two, two_hosts


def told(story: Callable[[Two], Awaitable[Any]]) -> Any:
    with installed(sys.modules[__name__]):
        return two_hosts().play(story)


def client(two: Two) -> Process:
    return Process(two.client, names("c1"), in_turn=True)


def connected_for_ever() -> None:
    end = socket.create_connection(("server", 7))
    try:
        end.recv(1)
    finally:
        end.sendall(b"never said")


def test_who_is_killed_closes_its_sockets_and_says_no_more():
    async def story(two: Two) -> tuple[bytes, int]:
        listener = two.server.listen((SERVER, 7))
        process = client(two)
        running = asyncio.create_task(process.run(connected_for_ever))
        stream = await listener.accept()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return await stream.receive(100), len(process.ends)

    assert told(story) == (b"", 0)


def test_what_a_program_leaves_open_is_closed_when_it_ends():
    kept = []

    def program() -> str:
        kept.append(socket.create_connection(("server", 7)))
        return "done"

    async def story(two: Two) -> tuple[str, bytes]:
        listener = two.server.listen((SERVER, 7))
        result = await client(two).run(program)
        return result, await (await listener.accept()).receive(100)

    assert told(story) == ("done", b"")


def test_what_a_program_raises_is_raised_and_its_threads_end():
    seen = []

    def go_on() -> None:
        while True:
            time.sleep(1)
            seen.append(1)

    def program() -> None:
        threading.Thread(target=go_on).start()
        time.sleep(3.5)
        raise LookupError("as programs fail")

    async def story(two: Two) -> None:
        with pytest.raises(LookupError, match="as programs fail"):
            await client(two).run(program)
        await asyncio.sleep(10)

    told(story)
    assert seen == [1, 1, 1]


def test_a_thread_that_is_begun_as_its_process_is_killed_has_no_turn_and_ends():
    begun: list[threading.Thread] = []
    seen: list[str] = []

    def program() -> None:
        time.sleep(10)
        begun.append(threading.Thread(target=seen.append, args=("thread",)))
        begun[0].start()
        time.sleep(10)

    async def kill(running: asyncio.Task[None]) -> None:
        await asyncio.sleep(10)
        running.cancel()

    async def story(two: Two) -> None:
        running = asyncio.create_task(client(two).run(program))
        await asyncio.gather(kill(running), running, return_exceptions=True)
        assert running.cancelled()

    told(story)
    threading.Thread.join(begun[0], 10)  # the machine's
    assert not threading.Thread.is_alive(begun[0])
    assert seen == []


def test_a_process_waits_for_its_threads_but_not_for_daemons():
    seen = []

    def work(name: str, seconds: float) -> None:
        time.sleep(seconds)
        seen.append(name)

    def program() -> None:
        threading.Thread(target=work, args=("thread", 20)).start()
        threading.Thread(target=work, args=("daemon", 30), daemon=True).start()

    async def story(two: Two) -> int:
        began = two.now
        await client(two).run(program)
        return two.now - began

    assert told(story) == 20 * 10**9
    assert seen == ["thread"]


def test_a_program_that_leaves_says_so():
    async def story(two: Two) -> None:
        with pytest.raises(RuntimeError, match="the program left: 3"):
            await client(two).run(sys.exit, 3)

    told(story)


def test_a_process_gets_arguments():
    async def story(two: Two) -> int:
        return await client(two).run(int, "ff", base=16)

    assert told(story) == 255


def test_a_descriptor_of_a_process_means_nothing_to_the_kernel():
    def program() -> None:
        with fails_with(errno.EBADF):
            os.fstat(socket.socket().fileno())

    async def story(two: Two) -> None:
        await client(two).run(program)

    told(story)


def test_a_thread_outside_is_told_how_to_have_a_stack():
    with pytest.raises(RuntimeError, match=r"let Process\.run begin"):
        here()
