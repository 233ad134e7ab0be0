"""The orchestrator's end of the streams, with a fabric that is played by the test."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netlab.backends.docker import attached
from netlab.backends.docker.attached import Attached
from netlab.backends.docker.frames import CONTROL, Frames, frame, message
from netlab.errors import EnvironmentLacks, LabError
from netlab.testing.container import ERRORS, PlayedContainer


class Fabric(PlayedContainer):
    """The other end of the engine's connection."""

    def __init__(self) -> None:
        super().__init__()
        self._frames = Frames()
        self._heard: Iterator[tuple[int, bytes]] = iter(())

    async def hears(self) -> tuple[int, bytes]:
        """The next frame; (0, nothing) when its input has ended."""
        return await asyncio.to_thread(self._next)

    def _next(self) -> tuple[int, bytes]:
        while (heard := next(self._heard, None)) is None:
            data = self.streams.recv(1 << 16)
            if not data:
                return CONTROL, b""
            self._heard = self._frames.feed(data)
        return heard

    async def is_asked(self) -> dict[str, Any]:
        stream, content = await self.hears()
        assert stream == CONTROL
        request: dict[str, Any] = json.loads(content)
        return request


Story = Callable[[Attached, Fabric], Awaitable[None]]


def play(story: Story) -> None:
    async def told() -> None:
        fabric = Fabric()
        streams = Attached(fabric.connection)
        try:
            async with asyncio.timeout(20):
                await story(streams, fabric)
        finally:
            streams.close()
            fabric.end()
            await streams.ended.wait()

    asyncio.run(told())


def test_each_who_asks_gets_the_answer_to_the_own_request():
    async def story(streams: Attached, fabric: Fabric) -> None:
        one, other = (asyncio.create_task(streams.ask({"do": what})) for what in ("this", "that"))
        asked = [await fabric.is_asked(), await fabric.is_asked()]
        for request in reversed(asked):
            fabric.print(message({"id": request["id"], "done": request["do"]}))
        assert (await one)["done"] == "this"
        assert (await other)["done"] == "that"

    play(story)


def test_what_comes_byte_by_byte_is_understood():
    async def story(streams: Attached, fabric: Fabric) -> None:
        asking = asyncio.create_task(streams.ask({"do": "this"}))
        request = await fabric.is_asked()
        for byte in message({"id": request["id"], "ok": True}):
            fabric.print(bytes([byte]))
        assert (await asking)["ok"]

    play(story)


def test_what_the_engines_machine_lacks_is_told_with_the_fix():
    async def story(streams: Attached, fabric: Fabric) -> None:
        asking = asyncio.create_task(streams.ask({"do": "wire"}))
        request = await fabric.is_asked()
        fabric.print(message({"id": request["id"], "lacks": "no bridges", "hint": "modprobe"}))
        with pytest.raises(EnvironmentLacks, match="no bridges") as caught:
            await asking
        assert caught.value.hint == "modprobe"

    play(story)


def test_news_that_nobody_asked_for_is_heard():
    async def story(streams: Attached, fabric: Fabric) -> None:
        told: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        streams.on_told = told.set_result
        fabric.print(message({"lost": "emulator", "code": -9}))
        assert await told == {"lost": "emulator", "code": -9}

    play(story)


def test_a_stream_goes_both_ways_and_ends_where_the_process_ends():
    async def story(streams: Attached, fabric: Fabric) -> None:
        local, given = socket.socketpair()
        number = streams.new_stream(given.fileno())
        given.close()
        reader, writer = await asyncio.open_connection(sock=local)

        writer.write(b"what is there?")
        assert await fabric.hears() == (number, b"what is there?")
        fabric.print(frame(number, b"a socket"))
        assert await reader.read(100) == b"a socket"
        fabric.print(frame(number, b""))
        assert await reader.read(100) == b""
        writer.close()

    play(story)


def test_a_stream_ends_at_the_fabric_where_the_local_process_ends():
    async def story(streams: Attached, fabric: Fabric) -> None:
        local, given = socket.socketpair()
        number = streams.new_stream(given.fileno())
        given.close()
        local.close()
        assert await fabric.hears() == (number, b"")

    play(story)


def test_a_slow_reader_gets_everything():
    async def story(streams: Attached, fabric: Fabric) -> None:
        local, given = socket.socketpair()
        number = streams.new_stream(given.fileno())
        given.close()
        told = os.urandom(4 << 20)
        reader, writer = await asyncio.open_connection(sock=local, limit=1 << 12)
        for start in range(0, len(told), 1 << 16):
            await asyncio.to_thread(fabric.print, frame(number, told[start : start + (1 << 16)]))
        assert await reader.readexactly(len(told)) == told
        writer.close()

    play(story)


def test_a_file_has_all_that_was_told_before_who_waits_for_it_is_answered(tmp_path: Path):
    capture = tmp_path / "lab.pcapng"

    async def story(streams: Attached, fabric: Fabric) -> None:
        with capture.open("wb") as file:
            asking = asyncio.create_task(streams.ask({"do": "capture"}, [file.fileno()]))
            request = await fabric.is_asked()
        (stream,) = request["streams"]
        assert stream["tells"]
        packets = frame(stream["number"], b"packet ") + frame(stream["number"], b"packet")
        fabric.print(packets + message({"id": request["id"]}))
        await asking
        assert capture.read_bytes() == b"packet packet"

    play(story)


def test_a_disk_that_is_full_is_remembered_and_the_lab_goes_on():
    async def story(streams: Attached, fabric: Fabric) -> None:
        full = os.open("/dev/full", os.O_WRONLY)
        number = streams.new_stream(full)
        os.close(full)
        asking = asyncio.create_task(streams.ask({"do": "flush"}))
        request = await fabric.is_asked()
        fabric.print(frame(number, b"packet") + message({"id": request["id"], "ok": True}))
        assert (await asking)["ok"]
        assert streams.failed_write
        assert streams.failed_write.errno == errno.ENOSPC

    play(story)


def test_a_fabric_that_ends_says_why_to_whoever_waits_and_to_whoever_asks_later():
    async def story(streams: Attached, fabric: Fabric) -> None:
        local, given = socket.socketpair()
        streams.new_stream(given.fileno())
        given.close()
        asking = asyncio.create_task(streams.ask({"do": "wire"}))
        await fabric.is_asked()
        fabric.print(b"Traceback:\nOSError: no veth\n", to=ERRORS)
        fabric.end()
        with pytest.raises(LabError, match="fabric container has ended") as caught:
            await asking
        assert caught.value.hint == "OSError: no veth"
        assert streams.log() == "Traceback:\nOSError: no veth\n"
        with pytest.raises(LabError, match="has ended: OSError: no veth"):
            await streams.ask({"do": "wire"})
        assert await asyncio.to_thread(local.recv, 1) == b""  # streams have ended with it
        local.close()

    play(story)


def test_a_fabric_that_does_not_answer_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attached, "_WITHIN", 0.05)

    async def story(streams: Attached, _fabric: Fabric) -> None:
        with pytest.raises(LabError, match="did not wire within"):
            await streams.ask({"do": "wire"})

    play(story)


def test_to_close_is_to_end_the_fabrics_input_after_all_that_was_said():
    async def story(streams: Attached, fabric: Fabric) -> None:
        asking = asyncio.create_task(streams.ask({"do": "last"}))
        await asyncio.sleep(0)
        streams.close()
        assert (await fabric.is_asked())["do"] == "last"
        assert await fabric.hears() == (CONTROL, b"")
        fabric.end()
        with pytest.raises(LabError):
            await asking

    play(story)
