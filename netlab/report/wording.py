"""The phrases that every form of the report shares."""

from __future__ import annotations

from collections.abc import Sequence

from netlab.analyse.model import Endpoint, Met, Source, Transit
from netlab.report.run import Run

SOURCES = {
    Source.STACK: "stack (exact, the userspace stack's own log)",
    Source.TRACE: "trace (exact, the kernel's inet_sock_set_state event)",
    Source.CAPTURE: "capture (proved by the node's own packets)",
    Source.SOCK_DIAG: "sock_diag (polled: happened at this time or a little before)",
}

NOT_CAPTURED = "not captured"

_MOST_NODES = 8

#: So many frames of a judgement are listed; report.json has all.
MOST_FRAMES = 12


def outcome(run: Run) -> str:
    """``passed``, ``failed`` or ``interrupted``."""
    if run.verdict.interrupted is not None:
        return "interrupted"
    return "passed" if run.verdict.passed else "failed"


def headline(run: Run) -> str:
    """The verdict in one line."""
    verdict = run.verdict
    if verdict.interrupted is not None:
        return f"interrupted: {verdict.interrupted}"
    total = len(verdict.judgements)
    if verdict.passed:
        return (
            f"passed: {counted(total, 'expectation')} met"
            if total
            else "passed: nothing was expected"
        )
    unmet = sum(not judgement.passed for judgement in verdict.judgements)
    parts = []
    if unmet:
        parts.append(f"{unmet} of {counted(total, 'expectation')} not met")
    if verdict.failures:
        parts.append(
            f"{counted(len(verdict.failures), 'step or service', 'steps or services')} failed"
        )
    return f"failed: {', '.join(parts)}"


def counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def endpoint(end: Endpoint) -> str:
    """As in events: ``12.106.32.254:21`` or ``[fd00:1::2]:21``."""
    return f"[{end.address}]:{end.port}" if ":" in end.address else f"{end.address}:{end.port}"


def who(end: Endpoint) -> str:
    """The node and its endpoint; the address alone when no node has it."""
    return f"{end.node} {endpoint(end)}" if end.node else endpoint(end)


def sources(run: Run) -> list[str]:
    """How the states are known; where some nodes are on netlab's own stack, of which nodes."""
    known = run.sources
    is_mixed = len(known) > 1 and Source.STACK in known
    return [
        f"{SOURCES[source]} at {_some(nodes)}" if is_mixed else SOURCES[source]
        for source, nodes in known.items()
    ]


def _some(nodes: Sequence[str]) -> str:
    more = len(nodes) - _MOST_NODES
    return ", ".join(nodes[:_MOST_NODES]) + (f" and {more} more" if more > 0 else "")


def loss(transit: Transit) -> str | None:
    """Where a packet went missing, and why if an impaired link did it."""
    if transit.lost_after is None:
        return None
    last = transit.hops[-1]
    for met in reversed(transit.met):
        if met.action in {"drop", "corrupt"}:
            done = "lost" if met.action == "drop" else "corrupted"
            return f"{done} on {met.stretch} ({_cause(met)})"
    return f"lost after {transit.lost_after}" if last.outbound else f"lost in {last.node}"


def _cause(met: Met) -> str:
    return f"fault: {met.text}" if met.reason == "fault" else _CAUSES.get(met.reason, met.reason)


_CAUSES = {
    "loss": "random loss",
    "burst": "burst loss",
    "queue": "queue full",
    "corrupt": "a bit was flipped",
}


def milliseconds(t: int) -> str:
    return f"{t / 1e6:.3f}"


def some_frames(frames: Sequence[int]) -> tuple[tuple[int, ...], str]:
    """The first frames of a judgement, as many as a reader follows, and words for the others."""
    more = len(frames) - MOST_FRAMES
    return tuple(frames[:MOST_FRAMES]), f"and {more} more" if more > 0 else ""


def duration(t: int) -> str:
    """Nanoseconds in the unit that fits: ``41 µs``, ``1.250 ms`` or ``2.000 s``."""
    if t < 1_000_000:
        return f"{t / 1e3:.3f}".rstrip("0").rstrip(".") + " µs"
    return f"{t / 1e6:.3f} ms" if t < 1_000_000_000 else f"{t / 1e9:.3f} s"


def size(octets: int) -> str:
    if octets < 1024:
        return f"{octets} B"
    return f"{octets / 1024:.1f} KiB" if octets < 1024**2 else f"{octets / 1024**2:.1f} MiB"
