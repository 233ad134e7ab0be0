"""Programs of the host's file system, as a scenario and as services run them."""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import Awaitable, Callable

from netlab.agent.channel import Emit, Message
from netlab.agent.children import HARMLESS, Children
from netlab.agent.output import Pass
from netlab.agent.program import Program, launch
from netlab.agent.readiness import last_words, until_ready
from netlab.agent.swarm import Swarm

#: Seconds between SIGTERM and SIGKILL at the end of a run.
_END_WITHIN = 1.0


class Programs:
    def __init__(self, emit: Emit, children: Children, swarm: Swarm) -> None:
        self._emit = emit
        self._children = children
        self._swarm = swarm
        self._programs: dict[str, Program] = {}
        self._followed: dict[str, asyncio.Task[None]] = {}
        self.verbs: dict[str, Callable[[Message], Awaitable[Message | None]]] = {
            "exec": self._run,
            "start": self._start,
            "await": self._await,
            "signal": self._signal,
            "run-service": self._serve,
            "end-programs": self._end_all,
        }

    async def _run(self, request: Message) -> Message:
        """Run ``argv`` to its end or for ``within`` seconds, then kill its process group."""
        program = self._launch(request)
        self._programs[request["conn"]] = program
        timed_out = not await program.end_within(request["within"])
        if timed_out:
            program.kill()
        result = await program.outcome()
        self._emit({"kind": "program", "conn": request["conn"], **result})
        if timed_out:
            raise TimeoutError(
                errno.ETIMEDOUT, f"still running after {request['within']:g} s, killed"
            )
        return result

    async def _start(self, request: Message) -> Message:
        """Start ``argv`` in the background; answers when it is ready."""
        name = request["conn"]
        program = self._launch(request, self._log_of(name))
        self._programs[name] = program
        self._followed[name] = asyncio.create_task(self._follow(name, program))
        self._emit({"kind": "process", "process": name, "status": "started", "pid": program.pid})
        try:
            await until_ready(program, request, self._children)
        except OSError:
            program.kill()
            raise
        return {"pid": program.pid}

    async def _follow(self, name: str, program: Program) -> None:
        self._emit({"kind": "program", "conn": name, **await program.outcome()})

    async def _await(self, request: Message) -> None:
        await self._ended(request["conn"], request["within"])

    async def _signal(self, request: Message) -> None:
        program = self._find(request["conn"])
        number = signal.Signals[request["signal"]]
        program.send(number)
        if number not in HARMLESS:
            await self._ended(request["conn"], request["within"])

    async def _ended(self, name: str, within: float) -> None:
        program = self._find(name)
        if not await program.end_within(within):
            raise TimeoutError(errno.ETIMEDOUT, f"still running after {within:g} s")
        if name in self._followed:
            await self._followed[name]

    def _find(self, name: str) -> Program:
        try:
            return self._programs[name]
        except KeyError:
            raise ProcessLookupError(errno.ESRCH, f"no program {name} was started") from None

    async def _end_all(self, _request: Message) -> Message:
        """End what still runs in the background; its names."""
        running = [name for name in self._followed if self._programs[name].runs]
        await asyncio.gather(*(self._end(self._programs[name]) for name in running))
        await asyncio.gather(*self._followed.values())
        return {"ended": running}

    async def _end(self, program: Program) -> None:
        program.send(signal.SIGCONT)  # a stopped program hears no SIGTERM
        program.send(signal.SIGTERM)
        if not await program.end_within(_END_WITHIN):
            program.kill()
            await program.ended

    async def _serve(self, request: Message) -> Message:
        """Start a program as a service; answers when it is ready."""
        name = request["service"]
        try:
            program = launch(request, self._children, self._log_of(name))
        except OSError as error:
            reason = f"{request['argv'][0]}: {error.strerror}"
            raise OSError(error.errno, reason) from None
        self._swarm.follow(name, program.ended)
        self._tell_service(name, "started", pid=program.pid)
        try:
            await until_ready(program, request, self._children)
        except OSError as error:
            self._tell_service(name, "failed", pid=program.pid, error=error.strerror)
            program.kill()
            raise
        self._tell_service(name, "ready", pid=program.pid)
        self._followed_service(request, program)
        return {"pid": program.pid}

    def _followed_service(self, request: Message, program: Program) -> None:
        async def follow() -> None:
            outcome = await program.outcome()
            name, pid = request["service"], program.pid
            if request["may_end"]:
                self._tell_service(name, "ended", pid=pid, exit_code=outcome["exit_code"])
            else:
                error = f"it {program.how_it_ended()}{last_words(program)}"
                self._tell_service(name, "failed", pid=pid, error=error)

        task = asyncio.create_task(follow())
        program.ended.add_done_callback(lambda _: task)  # the task lives as long as its program

    def _tell_service(self, name: str, status: str, **more: str | int | None) -> None:
        self._emit({"kind": "service", "service": name, "status": status, **more})

    def _log_of(self, name: str) -> Pass:
        def pass_on(text: str, rest_is_left_out: bool) -> None:
            self._emit(
                {"kind": "output", "name": name, "text": text, "truncated": rest_is_left_out}
            )

        return pass_on

    def _launch(self, request: Message, pass_on: Pass | None = None) -> Program:
        """Start a program, or tell of it as one that ended with a shell's exit code."""
        try:
            program = launch(request, self._children, pass_on)
        except OSError as error:
            self._emit(
                {
                    "kind": "program",
                    "conn": request["conn"],
                    "argv": request["argv"],
                    "exit_code": 127 if error.errno == errno.ENOENT else 126,
                    "signal": None,
                    "output": f"{request['argv'][0]}: {error.strerror}",
                    "truncated": False,
                }
            )
            raise
        self._swarm.follow(request["argv"][0], program.ended)
        return program
