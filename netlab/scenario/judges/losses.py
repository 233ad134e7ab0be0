"""Judges how many packets were lost at a place, and how many got through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from netlab.analyse.model import Sighting, Transit
from netlab.scenario.judges.evidence import Evidence, Finding
from netlab.scenario.judges.near import SHOWN
from netlab.scenario.judges.view import Seen, arrows, first_seen, transits
from netlab.topology.expectations import LossExpected, Passage
from netlab.wire.filter import Filter


def judge_loss(expectation: LossExpected, evidence: Evidence) -> Finding:
    window, wanted = evidence.window(expectation), Filter(expectation.expression)
    arrow = arrows(evidence)
    packets = [
        (transit, seen)
        for transit in transits(evidence, expectation.connection)
        if transit.t in window
        and wanted.matches((seen := first_seen(transit, arrow(transit))).subject)
    ]
    found = survivors if expectation.survived else losses
    matching = [seen for transit, seen in packets if found(transit, expectation.passage)]
    passed = expectation.count.allows(len(matching))
    verb = "survived" if expectation.survived else "lost"
    lines = [f"{len(matching)} of {len(packets)} {verb} at {expectation.passage.text}"]
    if not passed:
        lines += map(str, matching[:SHOWN])
        lines += _elsewhere(expectation, [transit for transit, _ in packets])
    expected = f"{expectation.count} {verb} at {expectation.passage.text}: {expectation.expression}"
    return Finding(passed, expected, "\n".join(lines), _frames(matching))


def losses(transit: Transit, passage: Passage) -> bool:
    """Whether the packet was lost at ``passage``."""
    return transit.lost_after is not None and _is_at(transit.hops[-1], passage)


def survivors(transit: Transit, passage: Passage) -> bool:
    """Whether the packet came by and was seen again behind it, or taken by who it was for."""
    reached = [place for place, hop in enumerate(transit.hops) if _is_at(hop, passage)]
    if not reached:
        return False
    return reached[0] + 1 < len(transit.hops) or transit.lost_after is None


def _is_at(hop: Sighting, passage: Passage) -> bool:
    place = f"{hop.node}:{hop.interface}"
    if passage.interface is not None:
        return place == passage.interface
    if passage.node is not None:
        return not hop.outbound and hop.node == passage.node
    return hop.outbound and place in passage.ends


def _elsewhere(expectation: LossExpected, packets: Sequence[Transit]) -> list[str]:
    """Where packets of this kind were lost instead."""
    if expectation.survived:
        lost = Counter(each.lost_after for each in packets if each.lost_after)
    else:
        lost = Counter(
            each.lost_after
            for each in packets
            if each.lost_after and not losses(each, expectation.passage)
        )
    places = ", ".join(f"{place} ({number})" for place, number in lost.most_common(SHOWN))
    return [f"last seen elsewhere before they were lost: {places}"] if places else []


def _frames(seen: Sequence[Seen]) -> tuple[int, ...]:
    return tuple(one.sighting.number for one in seen)
