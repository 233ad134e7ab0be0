"""What a finding is worth when only the first part of a capture was analysed."""

from __future__ import annotations

from netlab.scenario.judges.evidence import Finding
from netlab.topology.expectations import Expectation, PacketsExpected, StatesExpected

_UNKNOWN = "only the first part of the capture was analysed, and the rest could show otherwise"


def of_a_part(expectation: Expectation, finding: Finding) -> Finding:
    """The finding, not passed unless no packet to come could have changed it."""
    if not expectation.on_packets or (finding.passed and _stays(expectation)):
        return finding
    return Finding(
        passed=False,
        expected=finding.expected,
        seen=f"{finding.seen}\n{_UNKNOWN}",
        frames=finding.frames,
    )


def _stays(expectation: Expectation) -> bool:
    """Whether what was once met stays so."""
    if isinstance(expectation, PacketsExpected):
        return expectation.count is None or expectation.count.comparison in {">", ">="}
    return isinstance(expectation, StatesExpected)
