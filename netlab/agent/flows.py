"""The flows that come by a node."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from netlab.agent.channel import Message
from netlab.agent.flow import Flow, Way, flow_of
from netlab.agent.network import Network, Tap
from netlab.wire.fields import Subject
from netlab.wire.filter import Filter
from netlab.wire.packet import decode_ip


class Flows:
    """All of them from ``watch`` on."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._flows: dict[tuple[str, frozenset[str]], Flow] = {}
        self._wanted: dict[str, tuple[Filter, frozenset[int]]] = {}
        self._watching: tuple[Tap, asyncio.Task[None]] | None = None
        self._news = asyncio.Event()
        self._count = 0

    async def watch(self, request: Message) -> None:
        """``replays`` are the packets of each flow to keep: by expression, their numbers."""
        self._wanted = {
            expression: (Filter(expression), frozenset(numbers))
            for expression, numbers in request["replays"].items()
        }
        if self._watching is None:
            tap = self._network.tap()
            self._watching = tap, asyncio.create_task(self._follow(tap))

    async def until_news(self) -> None:
        """Until another packet has come by."""
        await self._news.wait()

    def find(self, request: Message) -> tuple[Flow, str] | None:
        """The flow that a request is about, and its end that opened it.

        ``foreign`` is the other end. Without ``local`` and ``local_port``, any socket is meant
        that has sent there, the last one first.
        """
        assert self._watching is not None
        self._look(self._watching[0])
        return max(self._fitting(request), key=_last_heard, default=None)

    async def _follow(self, tap: Tap) -> None:
        while True:
            await tap.until_news()
            self._look(tap)

    def _look(self, tap: Tap) -> None:
        for datagram in tap.take():
            self._take(datagram)
        self._news.set()
        self._news = asyncio.Event()

    def _take(self, datagram: bytes) -> None:
        # A neighbour may leave checksums to the hardware, so that here they are wrong.
        packet = decode_ip(datagram, verify=False)
        named = flow_of(packet)
        if named is None:
            return
        transport, source, destination = named
        ends = source, destination
        key = transport, frozenset(ends)
        flow = self._flows.get(key)
        if flow is None:
            flow = self._flows[key] = Flow(transport, ends, {end: Way() for end in ends})
        self._count += 1
        self._keep(flow, flow.take(source, datagram, packet, self._count), datagram)

    def _keep(self, flow: Flow, subject: Subject, datagram: bytes) -> None:
        for expression, (compiled, numbers) in self._wanted.items():
            if compiled.matches(subject):
                number = flow.matched[expression] = flow.matched.get(expression, 0) + 1
                if number in numbers:
                    flow.kept[expression, number] = datagram

    def _fitting(self, request: Message) -> Iterator[tuple[Flow, str]]:
        for flow in self._flows.values():
            for local in flow.ends:
                asked = flow.transport == request["transport"] and _is_local(local, request)
                if asked and flow.other(local) == request["foreign"]:
                    yield flow, local


def _is_local(local: str, request: Message) -> bool:
    port = int(local.rpartition(":")[2])
    return request["local"] in {None, local} and request["local_port"] in {None, port}


def _last_heard(found: tuple[Flow, str]) -> int:
    flow, local = found
    return flow.ways[local].number
