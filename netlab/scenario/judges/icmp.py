"""Judges which ICMP errors were told, matched to connections by what they quote."""

from __future__ import annotations

from collections.abc import Iterator

from netlab.analyse.model import Transit
from netlab.scenario.judges.evidence import Evidence, Finding
from netlab.scenario.judges.near import SHOWN
from netlab.scenario.judges.view import first_seen, transits
from netlab.topology.expectations import IcmpExpected, IcmpMeant
from netlab.wire import address
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6


def judge_icmp(expectation: IcmpExpected, evidence: Evidence) -> Finding:
    window = evidence.window(expectation)
    errors = [
        transit
        for transit in transits(evidence)
        if _message(transit) is not None and transit.t in window
    ]
    about = {each.first.number for each in _related(expectation, evidence)}
    differing = [(each, list(_differences(expectation, each, about))) for each in errors]
    matching = [each for each, differences in differing if not differences]
    passed = expectation.count.allows(len(matching))
    lines = [f"{len(matching)} of {_errors(len(errors))} match{_es(len(matching))}"]
    if not passed:
        lines += [str(first_seen(each, None)) for each in matching[:SHOWN]]
        if not expectation.count.allows(0):
            nearest = sorted((each for each in differing if each[1]), key=lambda pair: len(pair[1]))
            lines += [
                f"near miss: {first_seen(each, None)}: {', '.join(differences)}"
                for each, differences in nearest[:SHOWN]
            ]
    frames = tuple(each.first.number for each in matching)
    return Finding(
        passed, f"{expectation.count} of: {_wanted(expectation)}", "\n".join(lines), frames
    )


def _message(transit: Transit) -> Icmp | Icmpv6 | None:
    packet = transit.first.packet
    told = packet.icmp or packet.icmpv6
    return told if told is not None and told.is_error else None


def _related(expectation: IcmpExpected, evidence: Evidence) -> Iterator[Transit]:
    if expectation.about is not None:
        for connection in evidence.connections(expectation.about):
            yield from connection.related


def _differences(expectation: IcmpExpected, transit: Transit, about: set[int]) -> Iterator[str]:
    told = _message(transit)
    assert told is not None
    version = 4 if isinstance(told, Icmp) else 6
    if expectation.kinds and not any(_is(kind, version, told) for kind in expectation.kinds):
        family = "icmpv6" if version == 6 else "icmp"
        yield f"it is {family} {told.type}/{told.code} ({told.name})"
    if expectation.about is not None and transit.first.number not in about:
        yield f"it is not about {expectation.about}"
    if expectation.mtu not in {None, told.mtu}:
        yield f"its MTU is {told.mtu}" if told.mtu is not None else "it tells no MTU"
    if expectation.reporter not in {None, reporter := _reporter(transit)}:
        yield f"it is from {reporter}"
    receiver = transit.received.node if transit.received else None
    if expectation.receiver not in {None, receiver}:
        yield f"it came to {receiver}" if receiver else "it did not arrive"


def _is(kind: IcmpMeant, version: int, told: Icmp | Icmpv6) -> bool:
    return (kind.version, kind.type) == (version, told.type) and kind.code in {None, told.code}


def _reporter(transit: Transit) -> str:
    if transit.sent is not None:
        return transit.sent.node
    ip = transit.first.packet.ip
    return address.to_text(ip.source) if ip else transit.first.node


def _wanted(expectation: IcmpExpected) -> str:
    parts = [
        f"ICMP {expectation.called}",
        f"MTU {expectation.mtu}" if expectation.mtu is not None else "",
        f"about {expectation.about}" if expectation.about else "",
        f"from {expectation.reporter}" if expectation.reporter else "",
        f"to {expectation.receiver}" if expectation.receiver else "",
    ]
    return ", ".join(filter(None, parts))


def _errors(number: int) -> str:
    return f"{number} ICMP error" + ("" if number == 1 else "s")


def _es(number: int) -> str:
    return "es" if number == 1 else ""
