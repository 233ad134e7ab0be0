"""Programs of the host's file system, run inside the node."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import signal

from netlab.agent.channel import Message
from netlab.agent.children import Children, Emit

#: What is kept of a program's output; a program that floods its output fills no memory.
OUTPUT_LIMIT = 64 * 1024

#: Ignored by Python, and so by a program that it starts unless told otherwise: `yes | head` would
#: not end as it should.
_IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)


class Programs:
    def __init__(self, emit: Emit, children: Children) -> None:
        self._emit = emit
        self._children = children

    async def run(self, request: Message) -> Message:
        """Run ``argv`` to its end or for ``within`` seconds, then kill its process group."""
        argv: list[str] = request["argv"]
        output_end, program_end = os.pipe()
        try:
            pid = os.posix_spawnp(  # noqa: ASYNC221 - starting it does not block
                argv[0],
                argv,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, program_end, 1),
                    (os.POSIX_SPAWN_DUP2, program_end, 2),
                ],
                setsid=True,
                setsigdef=_IGNORED,
            )
        except OSError as error:
            os.close(output_end)
            raise self._not_started(request, error) from None
        finally:
            os.close(program_end)
        ended = self._children.ending(pid)
        reading = asyncio.create_task(_read_all(output_end))
        timed_out = not (await asyncio.wait([ended], timeout=request["within"]))[0]
        if timed_out:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        ending = await ended
        output, truncated = await _finish(reading)
        result: Message = {
            "argv": argv,
            "exit_code": ending.exit_code,
            "signal": ending.signal,
            "output": output,
            "truncated": truncated,
        }
        self._emit({"kind": "program", "conn": request["conn"], **result})
        if timed_out:
            raise TimeoutError(110, f"still running after {request['within']:g} s, killed")
        return result

    def _not_started(self, request: Message, error: OSError) -> OSError:
        """Tell of a program that cannot be run, with the exit code that a shell would give.

        A search for it ends with EACCES when any folder of PATH cannot be read, found or not.
        """
        name = request["argv"][0]
        if error.errno == errno.EACCES and shutil.which(name) is None:
            error = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        self._emit(
            {
                "kind": "program",
                "conn": request["conn"],
                "argv": request["argv"],
                "exit_code": 127 if error.errno == errno.ENOENT else 126,
                "signal": None,
                "output": f"{name}: {error.strerror}",
                "truncated": False,
            }
        )
        return error


async def _read_all(descriptor: int) -> tuple[bytearray, bool]:
    """Everything up to the limit, and whether there was more. Drains to the end either way."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "rb")
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    kept = bytearray()
    truncated = False
    try:
        while chunk := await reader.read(65536):
            room = OUTPUT_LIMIT - len(kept)
            kept += chunk[:room]
            truncated = truncated or len(chunk) > room
    except asyncio.CancelledError:
        return kept, truncated
    finally:
        transport.close()
    return kept, truncated


async def _finish(reading: asyncio.Task[tuple[bytearray, bool]]) -> tuple[str, bool]:
    """The output once the program has ended; a daemon it left may hold the pipe open for ever."""
    await asyncio.wait([reading], timeout=0.2)
    reading.cancel()
    output, truncated = await reading
    return output.decode(errors="replace"), truncated
