"""What a link's `impair` and `faults` come to, at the link and at steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from netlab.topology.impairment import BurstLoss, Engine, Fault, Impairment, Profile
from netlab.topology.marks import Path
from netlab.topology.model import impairment as file
from netlab.topology.model.link import Link
from netlab.topology.problems import Problems
from netlab.topology.resolve.expressions import refusal
from netlab.topology.resolve.ways import Direction, Ends
from netlab.topology.units import spell_duration

_ETHERNET_HEADER = 14

#: What the sender or the receiver knows of a packet, and a link does not.
_INSTEAD = {"src.node": "ip.src or the fault's way", "dst.node": "ip.dst or the fault's way"}


def impairments(model: Link, ends: Ends, path: Path, problems: Problems) -> tuple[Impairment, ...]:
    """The stretches of a link; none where it is not impaired."""
    if model.impair is None and not model.faults:
        if model.engine is not None:
            problems.add((*path, "engine"), "nothing is impaired on this link")
        return ()
    engine = Engine(model.engine) if model.engine else None
    fields: dict[Direction, dict[str, Any]] = {}
    for direction, changed in changes(model.impair or {}, ends, (*path, "impair"), problems):
        fields.setdefault(direction, {}).update(changed)
    made: dict[str | None, list[Fault]] = {}
    for number, each in enumerate(model.faults):
        for end, fault in resolved_faults(each, ends, (*path, "faults", number), problems):
            made.setdefault(end, []).append(fault)
    wanted = [end for end, _ in fields] + list(made)
    stretches = tuple(
        Impairment(
            end=end,
            forward=Profile(**fields.get((end, True), {})),
            backward=Profile(**fields.get((end, False), {})),
            faults=tuple(made.get(end, ())),
            engine=engine,
        )
        for end in dict.fromkeys([None] if not ends.is_lan else wanted)
    )
    for stretch in stretches:
        if engine is not None and (beyond := stretch.beyond(engine)):
            message = f"{engine} cannot do: {', '.join(beyond)}"
            problems.add((*path, "engine"), message, "the emulator does it all")
    return stretches


def changes(
    impair: dict[str, file.Profile], ends: Ends, path: Path, problems: Problems
) -> Iterator[tuple[Direction, dict[str, Any]]]:
    """The fields of a Profile that each direction gets, those of both ways first."""
    for way, model in sorted(impair.items(), key=lambda item: "->" in item[0] or "<-" in item[0]):
        try:
            directions = ends.directions(way)
        except ValueError as error:
            problems.add((*path, way), str(error), key=True)
            continue
        for direction in directions:
            yield direction, dict(_fields(model, ends.mtu))


def _fields(model: file.Profile, mtu: int) -> Iterator[tuple[str, Any]]:
    given = model.model_fields_set
    for name in ("delay", "jitter", "duplicate", "corrupt", "rate"):
        if name in given:
            yield name, getattr(model, name)
    if model.loss is not None:
        loss = model.loss
        yield "loss", loss.chance or 0.0
        burst = None
        if loss.enter is not None and loss.leave is not None:
            burst = BurstLoss(loss.enter, loss.leave, loss.bad, loss.good)
        yield "burst", burst
    if model.reorder is not None:
        yield "reorder", model.reorder.chance
        yield "reorder_by", model.reorder.by
    if "queue" in given:
        yield "queue", _queue_bytes(model.queue, mtu)


def _queue_bytes(queue: file.Queue | None, mtu: int) -> int | None:
    if queue is None:
        return None
    return queue.size * (mtu + _ETHERNET_HEADER) if queue.packets else queue.size


def resolved_faults(
    model: file.Fault, ends: Ends, path: Path, problems: Problems
) -> list[tuple[str | None, Fault]]:
    """The fault of each direction that is meant, with the end of its stretch."""
    if why := refusal(model.expression, "a link", _INSTEAD):
        problems.add((*path, str(model.action)), why)
        return []
    try:
        directions = ends.directions(model.way)
    except ValueError as error:
        problems.add((*path, "way"), str(error), "" if model.way else "with the key 'way'")
        return []
    fault = Fault(
        action=model.action,
        expression=model.expression,
        forward=True,
        where=problems.document.where(path),
        text=_text(model),
        nth=tuple(sorted(set(model.nth or ()))),
        every=model.every,
        since=model.since,
        before=model.before,
        duration=model.duration,
        until=model.until,
    )
    return [(end, replace(fault, forward=forward)) for end, forward in directions]


def _text(model: file.Fault) -> str:
    """Such as ``drop tcp.flags.fin, the 2nd``."""
    parts = [f"{model.action} {model.expression}"]
    if model.nth:
        parts.append(f"the {' and '.join(map(_ordinal, model.nth))}")
    if model.every:
        parts.append(f"every {_ordinal(model.every)}")
    if model.since is not None:
        parts.append(f"from {spell_duration(model.since)}")
    if model.before is not None:
        parts.append(f"to {spell_duration(model.before)}")
    if model.duration is not None:
        parts.append(f"for {spell_duration(model.duration)}")
    if model.until is not None:
        parts.append(f"until {model.until}")
    return ", ".join(parts)


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
