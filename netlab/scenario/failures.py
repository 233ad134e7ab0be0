"""Steps, services and nodes that failed although nothing in the file expected it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from netlab.analyse.clients import transfers
from netlab.collect.events import Event
from netlab.scenario.judges.evidence import Evidence
from netlab.topology.expectations import ErrnoExpected, OperationsExpected, ProgramExpected
from netlab.topology.steps import every_step


def unexpected_failures(evidence: Evidence) -> tuple[str, ...]:
    """One sentence each, in the order they happened."""
    found = [text for event in evidence.events if (text := _failure(event, evidence)) is not None]
    damaged = [each.name for each in transfers(evidence.events) if each.intact is False]
    return (
        *found,
        *(f"transfer over {name}: its server did not get what it sent" for name in damaged),
    )


def _failure(event: Event, evidence: Evidence) -> str | None:
    status = event.data.get("status")
    if event.kind == "node" and status == "lost":
        return f"{event.node} was lost{_because(event)}"
    if event.kind == "service" and status == "failed":
        return f"{event.data.get('service')} on {event.node} failed{_because(event)}"
    if event.kind != "step" or status not in {"failed", "skipped"}:
        return None
    if _expected_names(evidence).intersection(_names(event, evidence)):
        return None
    if status == "skipped" and evidence.of_kind("interrupted"):
        return None
    return f"{_place(event, evidence)}{event.data.get('text')}: {status}{_because(event)}"


def _place(event: Event, evidence: Evidence) -> str:
    """Events name the file without its folder."""
    where = event.data.get("where")
    return f"{Path(evidence.plan.source).parent / where}: " if where else ""


def _because(event: Event) -> str:
    parts = [str(event.data[key]) for key in ("errno", "error", "reason") if event.data.get(key)]
    return f": {', '.join(parts)}" if parts else ""


def _expected_names(evidence: Evidence) -> set[str]:
    """Connections, sockets and programs whose failure an expectation is about."""
    names = {each.name for each in evidence.plan.expectations if isinstance(each, ProgramExpected)}
    for each in evidence.plan.expectations:
        if isinstance(each, ErrnoExpected) and each.errno in _errnos(each.name, evidence):
            names.add(each.name)
        if isinstance(each, OperationsExpected) and each.failed and _fails_so(each, evidence):
            names.add(each.name)
    return names


def _fails_so(expected: OperationsExpected, evidence: Evidence) -> bool:
    """Whether an operation has failed as ``expected`` has it; the count is its own affair."""
    return any(
        event.data.get("status") == "error"
        and expected.op in {None, event.data.get("op")}
        and expected.errno in {None, event.data.get("errno")}
        for event in evidence.of_kind("op", expected.name)
    )


def _errnos(name: str, evidence: Evidence) -> Iterator[str | None]:
    for event in evidence.of_kind("op", name):
        if event.data.get("status") == "error":
            yield event.data.get("errno")


def _names(event: Event, evidence: Evidence) -> Iterator[str]:
    """What a step is about; a skipped step also is about what it waited for."""
    if event.conn:
        yield event.conn
    if event.data.get("status") != "skipped":
        return
    place = (event.data.get("where"), event.data.get("text"))
    for step in every_step(evidence.plan.steps):
        if (Path(step.where).name, step.text) == place and step.timing.after:
            yield step.timing.after.name
