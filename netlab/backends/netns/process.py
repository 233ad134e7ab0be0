"""The orchestrator's handle on a lab's holder: starts it, speaks to it, ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Callable, Sequence
from typing import IO, Any

from netlab import bare
from netlab.backends.netns.control import LONGEST_MESSAGE
from netlab.errors import EnvironmentLacks, LabError

Message = dict[str, Any]

#: Seconds for anything that the holder is asked to do.
_WITHIN = 60.0


class Holder:
    """A running holder process. It dies with this process, whatever happens to either."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process = process
        self._control = control
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        self.on_lost: Callable[[str, int], None] = lambda _name, _code: None
        self.first_pid = 0
        self.ended = asyncio.Event()

    @classmethod
    def start(cls, log: IO[bytes] | int) -> Holder:
        """Start the interpreter that becomes the holder; it warms up while we go on."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = subprocess.Popen(
            bare.interpreter("netlab.backends.netns.holder", theirs.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[theirs.fileno()],
            cwd="/",
        )
        theirs.close()
        return cls(process, ours)

    async def ready(self) -> None:
        """Wait for the lab's namespaces; EnvironmentLacks when the kernel refuses them."""
        self._control.setblocking(False)
        asyncio.get_running_loop().add_reader(self._control, self._read)
        answer = await self._answer("make the lab's namespaces")
        if "error" in answer:
            raise EnvironmentLacks(answer["error"], hint=answer["hint"])
        self.first_pid = answer["first"]

    async def ask(self, request: Message, descriptors: Sequence[int] = ()) -> Message:
        data = json.dumps(request).encode()
        if len(data) > LONGEST_MESSAGE:
            raise LabError(f"a request to the lab's holder is too long: {len(data)} bytes")
        try:
            socket.send_fds(self._control, [data], list(descriptors))
        except OSError as error:
            raise LabError(f"the lab's holder process is gone: {error.strerror}") from error
        return await self._answer(request["do"])

    async def _answer(self, task: str) -> Message:
        try:
            async with asyncio.timeout(_WITHIN):
                return await self._answers.get()
        except TimeoutError:
            raise LabError(f"the lab's holder did not {task} within {_WITHIN:g} s") from None

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
            self._answers.put_nowait(
                {"error": "the lab's holder process ended", "hint": "see the run's lab.log"}
            )
            return
        message = json.loads(data)
        if "lost" in message:
            self.on_lost(message["lost"], message["code"])
        else:
            self._answers.put_nowait(message)

    async def end(self) -> None:
        """End the lab and wait until the kernel has removed all of it."""
        with contextlib.suppress(ValueError, OSError):
            asyncio.get_running_loop().remove_reader(self._control)
        self.kill()
        await asyncio.to_thread(self._process.wait)

    def kill(self) -> None:
        """End the lab at once; usable from anywhere, any number of times."""
        self._control.close()
        if self._process.poll() is None:
            if self.first_pid:
                # The namespace's first process: the kernel ends all others with it, and the
                # holder returns from waiting for it only when they are gone.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(self.first_pid, 9)
            else:
                self._process.kill()
