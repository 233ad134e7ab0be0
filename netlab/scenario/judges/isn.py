"""Judges which initial sequence numbers ends chose (RFC 9293, 3.4.1; RFC 6528)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from netlab.analyse.model import Connection, Endpoint, Sighting
from netlab.scenario.judges.ends import NoEnd, connections, end_at
from netlab.scenario.judges.evidence import Evidence, Finding, elapsed, seconds
from netlab.topology.expectations import IsnExpected
from netlab.wire.tcp import Flags

_MODULUS = 1 << 32
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the SYN of an end says; ``pair`` is its own endpoint and its peer's."""

    name: str
    pair: tuple[Endpoint, Endpoint]
    syn: Sighting
    number: int


def judge_isn(expectation: IsnExpected, evidence: Evidence) -> Finding:
    try:
        chosen = [_chosen(name, node, evidence) for name, node in expectation.ends]
    except NoEnd as nothing:
        return Finding(passed=False, expected=expectation.text, seen=str(nothing))
    problems = list(_equal(chosen))
    if expectation.tick is not None:
        problems += _not_risen(chosen, expectation.tick * _SECOND, expectation.tolerance)
    lines = [f"{each.name} {each.number} at {seconds(each.syn.t)}" for each in chosen]
    return Finding(
        passed=not problems,
        expected=expectation.text,
        seen="\n".join([*lines, *problems]),
        frames=tuple(each.syn.number for each in chosen),
    )


def _chosen(name: str, node: str | None, evidence: Evidence) -> _Chosen:
    connection = connections(evidence, name)[0]
    end = end_at(connection, node, name)
    is_client = end is connection.client
    text = f"{name}@{node}" if node else name
    peer = connection.server if is_client else connection.client
    syn = _syn(connection, is_client=is_client)
    if syn is None or syn.packet.tcp is None:
        raise NoEnd(f"no SYN of {text} was seen")
    return _Chosen(text, (end.endpoint, peer.endpoint), syn, syn.packet.tcp.sequence)


def _syn(connection: Connection, *, is_client: bool) -> Sighting | None:
    for arrow in connection.arrows:
        first = arrow.transit.first
        if arrow.forward is is_client and first.packet.tcp and first.packet.tcp.has(Flags.SYN):
            return first
    return None


def _equal(chosen: Sequence[_Chosen]) -> Iterator[str]:
    for index, each in enumerate(chosen):
        twin = next((other for other in chosen[:index] if other.number == each.number), None)
        if twin is not None:
            yield f"{each.name} has the number of {twin.name}"


def _not_risen(chosen: Sequence[_Chosen], tick: float, tolerance: float) -> Iterator[str]:
    """``tick`` is ns."""
    for before, each in pairwise(chosen):
        if each.pair != before.pair:
            yield (
                f"{each.name} has other addresses or ports than {before.name}, for which numbers"
                " begin elsewhere (RFC 6528)"
            )
            continue
        passed = each.syn.t - before.syn.t
        counted = passed / tick
        risen = (each.number - before.number) % _MODULUS
        if abs(risen - counted % _MODULUS) > tolerance * counted:
            yield (
                f"{each.name} is {risen} above {before.name}, while the clock counts"
                f" {counted:.0f} in {elapsed(passed)}"
            )
