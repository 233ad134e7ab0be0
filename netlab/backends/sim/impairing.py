"""Impaired links of a world as netlab.fabric.emulator.process has those of the kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial

from netlab.backends.protocol import Listener, Message
from netlab.backends.sim.clock import date
from netlab.backends.sim.link import Passage
from netlab.backends.sim.network import SimNetwork
from netlab.errors import LabError
from netlab.fabric.emulator import requests
from netlab.fabric.emulator.hit import Hit
from netlab.fabric.stretches import stretches
from netlab.topology.impairment import Engine, stretch_name
from netlab.topology.plan import Plan

_WAYS = {"forward": True, "backward": False}


class Impairing:
    """Answers what a scenario asks of impaired links, and tells what happens on them."""

    def __init__(self, plan: Plan, listener: Listener) -> None:
        self._links = {
            stretch_name(link.name, each.end): link.name
            for link in plan.links
            for each in link.impairments
        }
        self._stretches = stretches(plan)
        self._listener = listener

    def begin(self) -> None:
        """Tell which engine each has: there is one."""
        for each in self._stretches:
            asked = each.impairment.engine
            instead = f": there is no kernel, and so no {asked}" if _is_of_kernel(asked) else ""
            self._listener(
                {
                    "kind": "stretch",
                    "link": each.link,
                    "stretch": each.name,
                    "engine": str(Engine.EMULATOR),
                    "text": f"{Engine.EMULATOR}{instead}",
                }
            )

    def hit(self, stretch: str, way: str, hit: Hit) -> None:
        self._listener(hit.told(link=self._links[stretch], stretch=stretch, way=way, date=date))

    def ask(self, network: SimNetwork, do: str, arguments: Message) -> Message:
        """As Backend.impair."""
        known: dict[str, Callable[..., Message]] = {
            "change": self._change,
            "fault": self._add_fault,
            "release": self._release,
            "begin": self._begin,
            "counts": self._count,
        }
        name = arguments.get("name")
        if name is not None and name not in self._links:
            raise LabError(
                "the link was not made to be impaired: write 'impair: {}' at it", where=name
            )
        try:
            return {"ok": True, **partial(known[do], network)(**arguments)}
        except (TypeError, ValueError) as error:
            raise LabError(f"a link could not be impaired: {do}: {error}") from error

    def _change(self, network: SimNetwork, *, name: str, way: str, profile: Message) -> Message:
        passage = network.passage(name, forward=_WAYS[way])
        assert passage.way is not None
        passage.change(replace(passage.way.profile, **requests.profile_fields(profile)))
        return {}

    def _add_fault(self, network: SimNetwork, *, name: str, fault: Message) -> Message:
        network.add_fault(name, requests.fault(fault))
        return {}

    def _release(self, network: SimNetwork, *, moment: str) -> Message:
        network.happen(moment)
        return {}

    def _begin(self, network: SimNetwork, **_at: int) -> Message:
        network.begin()
        return {}

    def _count(self, network: SimNetwork) -> Message:
        counts = [
            {
                "name": each.name,
                "link": each.link,
                **{
                    way: _tally(network.passage(each.name, forward=forward))
                    for way, forward in _WAYS.items()
                },
                "engine": str(Engine.EMULATOR),
            }
            for each in self._stretches
        ]
        return {"counts": counts}


def _is_of_kernel(engine: Engine | None) -> bool:
    return engine not in {None, Engine.EMULATOR}


def _tally(passage: Passage) -> Message:
    assert passage.way is not None
    return asdict(passage.way.tally)
