"""The orchestrator's handle on a lab's holder: starts it, speaks to it, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from netlab import bare, processes
from netlab.backends.netns.answers import Answers
from netlab.backends.netns.control import LONGEST_MESSAGE, SPILLED
from netlab.errors import EnvironmentLacks, LabError

Message = dict[str, Any]

#: Seconds for anything that the holder is asked to do.
_WITHIN = 60.0


class Holder:
    """A running holder process. It dies with this process, whatever happens to either."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, log: int) -> None:
        self._process = process
        self._log = log
        self._control = control
        self._answers = Answers()
        self.on_lost: Callable[[str, int], None] = lambda _name, _code: None
        self.first_pid = 0
        self.ended = asyncio.Event()

    @classmethod
    def start(cls, log: int) -> Holder:
        """Start the interpreter that becomes the holder; it warms up while we go on.

        What the lab's processes print goes to the descriptor ``log``.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            process = subprocess.Popen(
                bare.interpreter("netlab.backends.netns.holder", theirs.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the orchestrator, not for every service
            )
        except BlockingIOError as error:
            raise processes.none_left() from error
        theirs.close()
        return cls(process, ours, log)

    async def ready(self) -> None:
        """Wait for the lab's namespaces; EnvironmentLacks when the kernel refuses them."""
        self._control.setblocking(False)
        asyncio.get_running_loop().add_reader(self._control, self._read)
        # The holder tells the pid of the lab's first process, that process that it is ready; either
        # may come first.
        told: Message = {}
        while not {"first", "ready"} <= told.keys():
            told |= await self._answer("make the lab's namespaces")
            if "error" in told:
                raise EnvironmentLacks(told["error"], hint=told["hint"])
        self.first_pid = told["first"]

    async def ask(self, request: Message, descriptors: Sequence[int] = ()) -> Message:
        """The holder's answer; EnvironmentLacks when it says what this machine lacks."""
        data = json.dumps(request).encode()
        try:
            if len(data) > LONGEST_MESSAGE:
                with _memory_file(data) as spilled:
                    socket.send_fds(self._control, [SPILLED], [*descriptors, spilled])
            else:
                socket.send_fds(self._control, [data], list(descriptors))
        except OSError as error:
            raise LabError(f"the lab's holder process is gone: {error.strerror}") from error
        answer = await self._answer(request["do"])
        if "lacks" in answer:
            raise EnvironmentLacks(answer["lacks"], hint=answer["hint"])
        return answer

    async def _answer(self, task: str) -> Message:
        future = self._answers.next()
        # Unlike wait_for, this does not cancel it: a late answer is not for the next who asks.
        await asyncio.wait([future], timeout=_WITHIN)
        if not future.done():
            raise LabError(f"the lab's holder did not {task} within {_WITHIN:g} s")
        answer = future.result()
        if answer is None:
            raise LabError(
                f"the lab's holder ended before it could {task}", hint=self._last_words()
            )
        return answer

    def _last_words(self) -> str:
        """The last line that the lab's processes printed: of a traceback, the one that says why."""
        size = os.fstat(self._log).st_size
        lines = os.pread(self._log, size, 0).decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")

    def _read(self) -> None:
        try:
            data = self._control.recv(LONGEST_MESSAGE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._control)
            self.ended.set()
            self._answers.end()
            return
        message = json.loads(data)
        if "lost" in message:
            self.on_lost(message["lost"], message["code"])
        else:
            self._answers.give(message)

    async def end(self) -> None:
        """End the lab and wait until the kernel has removed all of it."""
        with contextlib.suppress(ValueError, OSError):
            asyncio.get_running_loop().remove_reader(self._control)
        await asyncio.to_thread(self.kill)

    def kill(self) -> None:
        """End the lab at once and wait for it; usable from anywhere, any number of times."""
        self._control.close()
        if self._process.poll() is None:
            # The namespace's first process: the kernel ends all others with it, and the holder
            # returns from waiting for it only when they are gone.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.first_pid or self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def _memory_file(data: bytes) -> Iterator[int]:
    descriptor = os.memfd_create("netlab-request")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.write(data)
        yield descriptor
    finally:
        os.close(descriptor)
