"""The orchestrator's end of the streams to a fabric container: one connection to the engine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import socket
import stat
import threading
from collections.abc import Callable, Sequence
from typing import Any

from netlab.backends.docker.frames import CONTROL, Frames, frame, message
from netlab.backends.docker.streams import PIECE, STANDARD_ERROR, Connection, pieces
from netlab.errors import EnvironmentLacks, LabError

Message = dict[str, Any]

#: Seconds that the fabric may take for one request.
_WITHIN = 90.0


class Attached:
    """Requests, and streams for descriptors that go with them; made inside a running event loop.

    Whatever the connection is, it blocks: one thread reads, another writes.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._next = 1
        self._sockets: dict[int, socket.socket] = {}
        self._files: dict[int, int] = {}
        self._waiting: dict[int, bytearray] = {}
        self._failed_write: OSError | None = None
        self._log = bytearray()
        self.on_told: Callable[[Message], None] = lambda _message: None
        self.ended = asyncio.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._read, self._write)
        ]
        for thread in self._threads:
            thread.start()

    def log(self) -> str:
        """What the fabric has printed to its standard error."""
        return self._log.decode(errors="replace")

    def new_stream(self, descriptor: int) -> int:
        """Relay a new stream to a socket or into a file; ``descriptor`` may be closed then."""
        number = self._next
        self._next += 1
        own = os.dup(descriptor)
        if stat.S_ISSOCK(os.fstat(own).st_mode):
            endpoint = socket.socket(fileno=own)
            endpoint.setblocking(False)
            self._sockets[number] = endpoint
            self._loop.add_reader(endpoint, self._pass_on, number)
        else:
            self._files[number] = own
        return number

    async def ask(self, request: Message, descriptors: Sequence[int] = ()) -> Message:
        """The fabric's answer; EnvironmentLacks when it says what its machine lacks."""
        streams = [self.new_stream(each) for each in descriptors]
        described = [{"number": number, "tells": number in self._files} for number in streams]
        number = self._next
        self._next += 1
        answer: asyncio.Future[Message] = self._loop.create_future()
        self._answers[number] = answer
        if self.ended.is_set():
            raise LabError(f"the lab's fabric container has ended: {self._last_words()}")
        self._to_write.put(message({"id": number, "streams": described, **request}))
        try:
            async with asyncio.timeout(_WITHIN):
                told = await answer
        except TimeoutError:
            raise LabError(
                f"the lab's fabric did not {request['do']} within {_WITHIN:g} s"
            ) from None
        finally:
            del self._answers[number]
        if "lacks" in told:
            raise EnvironmentLacks(told["lacks"], hint=told["hint"])
        return told

    def _last_words(self) -> str:
        lines = [line for line in self.log().splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"

    def close(self) -> None:
        """Let the fabric's input end, and so the lab."""
        self._to_write.put(None)
        for number in list(self._sockets):
            self._end(number)

    # From the fabric, in a thread of its own

    def _read(self) -> None:
        frames = Frames()
        try:
            for stream, data in pieces(self._connection):
                if stream == STANDARD_ERROR:
                    self._log += data
                    continue
                for number, content in frames.feed(data):
                    self._receive(number, content)
        except OSError:
            pass
        finally:
            self._say(self._connection_ended)

    def _receive(self, number: int, content: bytes) -> None:
        """What a file is to hold is written at once: before whoever waits for it is answered."""
        if (file := self._files.get(number)) is not None:
            self._write_to(file, content)
        else:
            self._say(self._deliver, number, content)

    def _write_to(self, file: int, content: bytes) -> None:
        view = memoryview(content)
        try:
            while view and self.failed_write is None:
                view = view[os.write(file, view) :]
        except OSError as error:  # what is in the file stays; the next to ask is told
            self._failed_write = error

    @property
    def failed_write(self) -> OSError | None:
        """Why what the fabric tells can not be written to a file any more."""
        return self._failed_write

    def _say(self, what: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(what, *arguments)

    # In the event loop

    def _deliver(self, number: int, content: bytes) -> None:
        if number == CONTROL:
            self._hear(json.loads(content))
        elif not content:
            self._end(number)
        elif number in self._sockets:
            self._waiting.setdefault(number, bytearray()).extend(content)
            self._flush(number)

    def _hear(self, told: Message) -> None:
        if "id" not in told:
            self.on_told(told)
        elif (answer := self._answers.get(told["id"])) and not answer.done():
            answer.set_result(told)

    def _pass_on(self, number: int) -> None:
        """What a local process says to its stream."""
        try:
            data = self._sockets[number].recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._to_write.put(frame(number, data))
        if not data:
            self._end(number)

    def _flush(self, number: int) -> None:
        endpoint, waiting = self._sockets.get(number), self._waiting[number]
        if endpoint is None:
            return
        try:
            del waiting[: endpoint.send(waiting)]
        except BlockingIOError:
            pass
        except OSError:  # its reader has gone
            waiting.clear()
        if waiting:
            self._loop.add_writer(endpoint, self._flush, number)
        else:
            self._loop.remove_writer(endpoint)

    def _end(self, number: int) -> None:
        if endpoint := self._sockets.pop(number, None):
            self._loop.remove_reader(endpoint)
            self._loop.remove_writer(endpoint)
            endpoint.close()
        self._waiting.pop(number, None)

    def _connection_ended(self) -> None:
        self.ended.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(
                    LabError("the lab's fabric container has ended", hint=self._last_words())
                )
        for number in list(self._sockets):
            self._end(number)
        for file in self._files.values():
            os.close(file)
        self._files.clear()
        self._to_write.put(None)

    # To the fabric, in a thread of its own

    def _write(self) -> None:
        try:
            while (data := self._to_write.get()) is not None:
                self._connection.sendall(data)
        except OSError:
            pass  # it has ended, as its reader finds out
        finally:
            self._connection.close()
