"""A program of the host's file system, started inside the node."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass

from netlab import linux
from netlab.agent.channel import Message
from netlab.agent.children import Children, Ending
from netlab.agent.output import Output, Pass


@dataclass(frozen=True, slots=True)
class Program:
    """One that runs, or has ended: then ``ended`` is done."""

    argv: list[str]
    pid: int
    ended: asyncio.Future[Ending]
    output: Output

    @property
    def runs(self) -> bool:
        return not self.ended.done()

    def send(self, number: signal.Signals) -> None:
        """To all of its process group, for a shell may stand between us and the program itself."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)

    async def end_within(self, seconds: float) -> bool:
        return bool((await asyncio.wait([self.ended], timeout=seconds))[0])

    async def outcome(self) -> Message:
        """How it ended and what it printed; waits for its end."""
        ending = await asyncio.shield(self.ended)
        await self.output.finish()
        return {
            "argv": self.argv,
            "exit_code": ending.exit_code,
            "signal": ending.signal,
            "output": self.output.text,
            "truncated": self.output.truncated,
        }

    def how_it_ended(self) -> str:
        ending = self.ended.result()
        if ending.signal:
            return f"was ended by {ending.signal}"
        return f"ended with exit code {ending.exit_code}"


def launch(request: Message, children: Children, pass_on: Pass | None = None) -> Program:
    """Start ``argv``; OSError when it cannot be started.

    ``input`` is its standard input, ``env`` comes on top of our environment, ``cwd`` is where it
    starts; ``unprivileged`` takes all capabilities from it.
    """
    argv: list[str] = request["argv"]
    output_end, program_end = os.pipe()
    given = _input(request.get("input"))
    try:
        process = subprocess.Popen(
            argv,
            stdin=given,
            stdout=program_end,
            stderr=program_end,
            env={**os.environ, **request.get("env", {})},
            cwd=request.get("cwd"),
            start_new_session=True,
            preexec_fn=linux.drop_capabilities if request.get("unprivileged") else None,  # noqa: PLW1509 - the agent has one thread
        )
    except OSError as error:
        os.close(output_end)
        raise refusal(argv[0], request.get("cwd"), error) from None
    finally:
        os.close(program_end)
        os.close(given)
    process.returncode = 0  # it is waited for with all others
    return Program(argv, process.pid, children.ending(process.pid), Output(output_end, pass_on))


def _input(text: str | None) -> int:
    if text is None:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    descriptor = os.memfd_create("netlab-input")
    with os.fdopen(os.dup(descriptor), "wb") as stream:
        stream.write(text.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def refusal(name: str, cwd: str | None, error: OSError) -> OSError:
    """Why a program is not started: one that is nowhere is not found.

    The search for it ends with EACCES when any folder of PATH cannot be read.
    """
    if cwd is not None and error.filename == cwd:
        return OSError(error.errno, f"its folder {cwd} cannot be entered: {error.strerror}")
    if error.errno == errno.EACCES and shutil.which(name) is None:
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return OSError(error.errno, error.strerror)
