"""Carries out what a scenario does to links."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from netlab.backends.protocol import Backend, Message
from netlab.collect.eventlog import EventLog
from netlab.scenario.networks import Networks
from netlab.topology.impairment import CLEAR, Profile, stretch_name
from netlab.topology.plan import Plan
from netlab.topology.steps import AddFault, FlapLink, ImpairLink, ProfileChange, SetLink

_WAYS = {True: "forward", False: "backward"}


class Links:
    """``later`` takes what a step sets off for a later time.

    ``elapsed`` gives the seconds since the scenario began.
    """

    def __init__(
        self,
        plan: Plan,
        backend: Backend,
        networks: Networks,
        log: EventLog,
        later: list[asyncio.Task[None]],
        *,
        elapsed: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._plan = plan
        self._backend = backend
        self._networks = networks
        self._log = log
        self._later = later
        self._elapsed = elapsed
        self._profiles: dict[tuple[str, bool], Profile] = {
            (stretch_name(link.name, each.end), forward): profile
            for link in plan.links
            for each in link.impairments
            for forward, profile in ((True, each.forward), (False, each.backward))
        }

    async def set(self, step: SetLink) -> Message:
        await self.switch(step.link, up=step.up)
        if step.duration is not None:
            self._do_later(step.duration, lambda: self.switch(step.link, up=not step.up))
        return {}

    async def flap(self, step: FlapLink) -> Message:
        await self.switch(step.link, up=False)
        self._later.append(asyncio.create_task(self._flap_on(step)))
        return {}

    async def _flap_on(self, step: FlapLink) -> None:
        for number in range(step.times):
            await asyncio.sleep(step.down)
            await self.switch(step.link, up=True)
            if number + 1 < step.times:
                await asyncio.sleep(step.up)
                await self.switch(step.link, up=False)

    def _do_later(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await do()

        self._later.append(asyncio.create_task(wait()))

    async def switch(self, name: str, *, up: bool) -> None:
        """Take a link up or down at all its ends."""
        link = next(link for link in self._plan.links if link.name == name)
        await asyncio.gather(*(self._networks.set_link(end, up=up) for end in link.ends))
        if up:
            await self._networks.settle(link)
        self._log.tell({"kind": "link", "link": name, "status": "up" if up else "down"})

    async def impair(self, step: ImpairLink) -> Message:
        before = [await self._change(step.link, change) for change in step.changes]
        if step.duration is not None:

            async def put_back() -> None:
                for change in before:
                    await self._change(step.link, change)

            self._do_later(step.duration, put_back)
        return {}

    async def _change(self, link: str, change: ProfileChange) -> ProfileChange:
        """The change that puts back what this one changes."""
        name = stretch_name(link, change.end)
        way = (name, change.forward)
        profile = self._profiles.get(way, CLEAR)
        changed = replace(profile, **dict(change.fields))
        fields = {key: _plain(getattr(changed, key)) for key, _ in change.fields}
        await self._backend.impair("change", name=name, way=_WAYS[change.forward], profile=fields)
        self._profiles[way] = changed
        self._log.tell(
            {
                "kind": "link",
                "link": link,
                "status": "impaired",
                "stretch": name,
                "way": _WAYS[change.forward],
                "profile": fields,
            }
        )
        return replace(
            change, fields=tuple((key, getattr(profile, key)) for key, _ in change.fields)
        )

    async def add_faults(self, step: AddFault) -> Message:
        for end, fault in step.faults:
            if step.duration is not None:
                before = self._elapsed() + step.duration
                fault = replace(fault, before=min(before, fault.before or before))  # noqa: PLW2901 - the same fault, as long as the step says
            name = stretch_name(step.link, end)
            await self._backend.impair("fault", name=name, fault=asdict(fault))
        return {}


def _plain(value: Any) -> Any:
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value
