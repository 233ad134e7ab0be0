"""One lab from a Plan to a verdict: up, play, collect, judge, down."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from netlab import clock, folder
from netlab.collect.capture import CaptureFile
from netlab.collect.eventlog import EventLog
from netlab.collect.trace import StateTrace
from netlab.errors import LabError, NetlabError
from netlab.folder import RunFacts, RunFolder
from netlab.logs import Logs
from netlab.scenario.filters import count_filters, install_filters
from netlab.scenario.injections import watch_flows
from netlab.scenario.nodes import start_services
from netlab.scenario.player import Player
from netlab.scenario.snapshots import Snapshots
from netlab.settling import Settling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from netlab.analyse.model import Analysis
    from netlab.backends.protocol import Backend, Message
    from netlab.collect.counts import InterfaceCount
    from netlab.scenario.verdict import Judgement, Verdict
    from netlab.topology.plan import Plan

_SIGNALS = tuple(
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

#: Told which phase begins.
Progress = Callable[[str], None]


class Lab:
    """A lab on a backend, with the folder that its run is written to.

    It is made and run in ``backend.runner()``.
    """

    def __init__(
        self, plan: Plan, backend: Backend, run_folder: RunFolder, facts: RunFacts
    ) -> None:
        self.plan = plan
        self.backend = backend
        self.folder = run_folder
        self.facts = facts
        self.log = EventLog(
            run_folder / folder.EVENTS,
            lab=plan.name,
            seed=plan.seed,
            netlab=facts.netlab,
            backend=facts.backend,
        )
        self.broken: NetlabError | None = None
        self._trace = StateTrace(plan, self.log.tell)
        self._capture: CaptureFile | None = None
        self._player: Player | None = None
        self._logs = Logs(run_folder.path)

    @asynccontextmanager
    async def up(self, *, capture: bool = True) -> AsyncIterator[None]:
        """Build the lab and start its services; take it down at the end, whatever happens."""
        self.folder.write_json(folder.PLAN, self.plan.to_json())
        try:
            await self._trace.start()
            pcapng = self.folder / folder.CAPTURE if capture else None
            await self.backend.up(self.plan, pcapng, self._hear)
            self._capture = CaptureFile(pcapng) if pcapng else None
            await self._trace.begun()
            await install_filters(self.plan, self.backend)
            await watch_flows(self.plan, self.backend)
            await start_services(self.backend, self.plan.nodes)
            yield
        finally:
            await self._trace.stop()
            await self.backend.down()
            self.log.close()
            with suppress(OSError):  # of which the run has said so already
                self._write_log()

    async def play(self) -> None:
        """Play the scenario, and wait for what it set off and may still come true."""
        self._player = Player(self.plan, self.backend, self.log)
        await self._player.play()
        await Snapshots(self.plan, self.backend, self.log).take_final()
        await Settling(self.plan, self.backend, self.log, self._judgements).wait()

    def _judgements(self) -> Sequence[Judgement] | None:
        analysis = self.analysis()
        return None if analysis.is_partial else self.judge(analysis).judgements

    def _hear(self, message: Message) -> None:
        """What nodes and collector tell are events, but what programs print is for their logs."""
        if message["kind"] == "output":
            self._logs.write(message)
        else:
            self.log.tell(message)

    def _write_log(self) -> None:
        (self.folder / folder.LOG).write_text(self.backend.log())

    def end_early(self, error: NetlabError) -> None:
        """Keep why the lab broke: the first cause counts."""
        if self.broken is None:
            self.broken = error
            self.log.tell({"kind": "interrupted", "reason": str(error)})

    def analysis(self) -> Analysis:
        """What the packets and events so far mean."""
        from netlab.analyse import analyse  # noqa: PLC0415 - loads while the scenario plays

        frames = self._capture.frames() if self._capture else ()
        return analyse(self.plan, self.log.events, frames)

    def judge(self, analysis: Analysis) -> Verdict:
        from netlab.scenario.judge import judge  # noqa: PLC0415 - loads while the scenario plays

        return judge(self.plan, self.log.events, analysis)

    async def collect(self) -> None:
        """Bring trace and capture to their ends, and write down what the capture saw and lost."""
        await self._trace.stop()
        await self._count_impaired()
        try:
            if self._capture is not None:
                await self._finish_capture(self._capture)
            if self._player is not None and self.broken is None:
                await self._player.end_programs()
            self._write_log()
        except OSError as error:  # what is written stays
            self.end_early(folder.cannot_write(self.folder.path, error))
        if self.log.failed is not None:
            self.end_early(folder.cannot_write(self.folder / folder.EVENTS, self.log.failed))

    async def _finish_capture(self, capture: CaptureFile) -> None:
        counts: Sequence[InterfaceCount] = ()
        try:
            silent = self._player.silent if self._player is not None else frozenset()
            await count_filters(self.plan, self.backend, silent)
            counts = await self.backend.flush()
        except NetlabError as error:  # what was captured before stays
            self.end_early(error)
        for count in counts:
            self.log.tell({"kind": "capture", **asdict(count)})
        frames = capture.finish(counts, clock.now())
        from netlab.analyse import partial  # noqa: PLC0415 - loaded while the scenario played

        if text := partial.notice(frames):
            self.log.tell({"kind": "notice", "text": text})

    async def _count_impaired(self) -> None:
        """Write down what became of the packets of impaired links."""
        if not any(link.impairments for link in self.plan.links):
            return
        try:
            counts = (await self.backend.impair("counts"))["counts"]
        except LabError as error:
            self.end_early(error)
            return
        for each in counts:
            stretch = {"stretch": each["name"], "link": each["link"], "engine": each["engine"]}
            for way in ("forward", "backward"):
                self.log.tell({"kind": "impaired", **stretch, "way": way, **each[way]})


class Interruption:
    """Turns the first signal into the end of one task; what is left then ends in order."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self.target: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._received, number)
        try:
            yield
        finally:
            for number in _SIGNALS:
                loop.remove_signal_handler(number)

    def _received(self, number: signal.Signals) -> None:
        first, self.signal = self.signal is None, self.signal or number
        if first and self.target is not None:
            self.target.cancel()


async def run(
    lab: Lab,
    progress: Progress,
    *,
    as_it_plays: Callable[[], None],
    as_it_ends: Callable[[], None],
) -> Interruption:
    """The whole life of a lab. The two calls are made in threads, to use the time.

    A signal ends the scenario early, and so does a lab that breaks (``lab.broken``): what was seen
    so far is collected all the same. A signal before the lab is up raises CancelledError.
    """
    interruption = Interruption()
    with interruption.watching():
        interruption.target = asyncio.current_task()
        progress("up")
        async with lab.up():
            progress("play")
            loading = asyncio.create_task(asyncio.to_thread(as_it_plays))
            await _play(lab, interruption)
            await loading
            progress("collect")
            await lab.collect()
            progress("report")
            reporting = asyncio.create_task(asyncio.to_thread(as_it_ends))
        await reporting
    return interruption


async def _play(lab: Lab, interruption: Interruption) -> None:
    playing = asyncio.create_task(lab.play())
    watching = asyncio.create_task(_watch(lab, playing))
    interruption.target = playing
    await asyncio.wait([playing])
    interruption.target = None
    watching.cancel()
    if playing.cancelled():
        name = interruption.signal.name if interruption.signal else "cancelled"
        if lab.broken is None:
            lab.log.tell({"kind": "interrupted", "reason": name})
    elif error := playing.exception():
        if not isinstance(error, NetlabError):
            raise error
        lab.end_early(error)


async def _watch(lab: Lab, playing: asyncio.Task[None]) -> None:
    """End the scenario of a lab that breaks where nobody asks for anything."""
    try:
        await lab.backend.ended()
    except NetlabError as error:
        lab.end_early(error)
        playing.cancel()
