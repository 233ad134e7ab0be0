"""Judges how fast packets and data came."""

from __future__ import annotations

from netlab.scenario.judges.evidence import Evidence, Finding, elapsed
from netlab.scenario.judges.near import near_misses
from netlab.scenario.judges.view import view
from netlab.topology import units
from netlab.topology.expectations import GoodputExpected, RateExpected
from netlab.wire.filter import Filter

_SECOND = 1_000_000_000
_BITS = 8


def judge_rate(expectation: RateExpected, evidence: Evidence) -> Finding:
    seen = view(
        evidence,
        evidence.window(expectation),
        at=expectation.at,
        connection=expectation.connection,
    )
    wanted = Filter(expectation.expression)
    matching = [one.sighting for one in seen if wanted.matches(one.subject)]
    at = f" at {expectation.at}" if expectation.at else ""
    expected = f"{expectation.bounds}{at}: {expectation.expression}"
    if len(matching) < 2:
        lines = [f"{len(matching)} of two packets that a rate needs"]
        lines += near_misses(expectation.expression, seen) if not matching else ()
        return Finding(passed=False, expected=expected, seen="\n".join(lines))
    first, last = matching[0], matching[-1]
    took = max(last.t - first.t, 1)
    # The first packet opens the time, so what it carries is not of it.
    amount = (
        len(matching) - 1
        if expectation.of_packets
        else sum(one.packet.length for one in matching[1:]) * _BITS
    )
    rate = amount * _SECOND / took
    told = f"{rate:.4g} packets/s" if expectation.of_packets else units.spell_rate(rate)
    frames = f"frames {first.number} to {last.number}"
    lines = [f"{told}: {len(matching)} packets in {elapsed(took)} ({frames})"]
    if not (passed := expectation.bounds.allows(rate)):
        lines.append(_missed(expectation.bounds.missed_by(rate), rate))
    return Finding(passed, expected, "\n".join(lines), (first.number, last.number))


def _missed(by: float, value: float) -> str:
    bound = value - by
    return f"{abs(by) / bound:.1%} too {'high' if by > 0 else 'low'}" if bound else "too high"


def judge_goodput(expectation: GoodputExpected, evidence: Evidence) -> Finding:
    """The rate that an operation told, or else what all of them carried in the time they took."""
    name = expectation.connection
    expected = f"goodput of {name} {expectation.bounds}"
    operations = [e.data for e in evidence.of_kind("op", name) if e.data.get("status") == "ok"]
    told = [data["goodput"] for data in operations if data.get("goodput")]
    carried = [data for data in operations if data.get("bytes") and data.get("took")]
    if told:
        rate = told[-1] * _BITS
        seen = units.spell_rate(rate)
    elif carried:
        size = sum(data["bytes"] for data in carried)
        took = sum(data["took"] for data in carried)
        rate = size * _BITS * _SECOND / took
        seen = f"{units.spell_rate(rate)}: {size} bytes in {elapsed(took)}"
    else:
        seen = f"no operation on {name} carried data"
        return Finding(passed=False, expected=expected, seen=seen)
    passed = expectation.bounds.allows(rate)
    if not passed:
        seen += f"\n{_missed(expectation.bounds.missed_by(rate), rate)}"
    return Finding(passed, expected, seen)
