"""What a link's `impair` and `faults` come to, at the link and at steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.impairment import BurstLoss, Engine, Fault, Impairment, Profile
from netlab.topology.marks import Path
from netlab.topology.model import impairment as file
from netlab.topology.problems import Problems
from netlab.topology.units import spell_duration
from netlab.wire.filter import Filter, FilterError

_ETHERNET_HEADER = 14

#: What the sender or the receiver knows of a packet, and a link does not.
_NOT_ON_A_LINK = re.compile(r'(?<![\w.])(src\.node|dst\.node)(?![\w.])|"(?:[^"\\]|\\.)*"')
_INSTEAD = {"src.node": "ip.src or the fault's way", "dst.node": "ip.dst or the fault's way"}


@dataclass(frozen=True, slots=True)
class Ends:
    """A link's ends: each with all the ways to name it; ``full`` is ``node:interface``.

    ``mtu`` is the smallest of them.
    """

    full: tuple[str, ...]
    names: tuple[frozenset[str], ...]
    is_lan: bool
    mtu: int

    def directions(self, way: str) -> tuple[tuple[str | None, bool], ...]:
        """(end of the stretch, forward) of each direction that ``way`` means.

        ValueError in words.
        """
        left, arrow, right = (part.strip() for part in way.partition("->"))
        if "<-" in way and not self.is_lan and way.strip() == "<-":
            return ((None, False),)
        if not arrow:
            return self._both(way.strip())
        if left and right:
            raise ValueError(f"{shown(way)} is no way: name one end, as in {self._examples()}")
        if self.is_lan:
            if not left and not right:
                raise ValueError(f"a LAN has no '->': name a member, as in {self._examples()}")
            return tuple((self.full[index], bool(left)) for index in self._find(left or right))
        if not left and not right:
            return ((None, True),)
        (index,) = self._find(left or right)
        return ((None, (index == 0) is bool(left)),)

    def _both(self, name: str) -> tuple[tuple[str | None, bool], ...]:
        if self.is_lan:
            if not name:
                raise ValueError(f"on a LAN, name the member: {self._examples()}")
            return tuple(
                (self.full[i], forward) for i in self._find(name) for forward in (True, False)
            )
        if name:
            raise ValueError(f"{shown(name)} is no way; a link has {self._examples()}")
        return ((None, True), (None, False))

    def _find(self, name: str) -> list[int]:
        found = [index for index, names in enumerate(self.names) if name in names]
        if not found:
            near = did_you_mean(name, {each for names in self.names for each in names})
            raise ValueError(
                f"{shown(name)} is no end of this link" + (f" ({near})" if near else "")
            )
        return found

    def _examples(self) -> str:
        name = self.full[0].partition(":")[0]
        return one_of(
            [f"'{name} ->'", f"'-> {name}'", repr(name)] if self.is_lan else ["'->'", "'<-'"]
        )


def impairments(
    impair: dict[str, file.Profile] | None,
    faults: Sequence[file.Fault],
    engine: str | None,
    ends: Ends,
    path: Path,
    problems: Problems,
) -> tuple[Impairment, ...]:
    """The stretches of a link; none where it is not impaired."""
    if impair is None and not faults:
        if engine is not None:
            problems.add((*path, "engine"), "nothing is impaired on this link")
        return ()
    fields: dict[tuple[str | None, bool], dict[str, Any]] = {}
    for direction, changed in changes(impair or {}, ends, (*path, "impair"), problems):
        fields.setdefault(direction, {}).update(changed)
    made: dict[str | None, list[Fault]] = {}
    for number, model in enumerate(faults):
        for end, fault in resolved_faults(model, ends, (*path, "faults", number), problems):
            made.setdefault(end, []).append(fault)
    wanted = [end for end, _ in fields] + list(made)
    stretches = tuple(
        Impairment(
            end=end,
            forward=Profile(**fields.get((end, True), {})),
            backward=Profile(**fields.get((end, False), {})),
            faults=tuple(made.get(end, ())),
            engine=Engine(engine) if engine else None,
        )
        for end in dict.fromkeys([None] if not ends.is_lan else wanted)
    )
    for stretch in stretches:
        if engine is not None and (beyond := stretch.beyond(Engine(engine))):
            message = f"{engine} cannot do: {', '.join(beyond)}"
            problems.add((*path, "engine"), message, "the emulator does it all")
    return stretches


def changes(
    impair: dict[str, file.Profile], ends: Ends, path: Path, problems: Problems
) -> Iterator[tuple[tuple[str | None, bool], dict[str, Any]]]:
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
    if why := _wrong_expression(model.expression):
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


def _wrong_expression(expression: str) -> str:
    try:
        Filter(expression)
    except FilterError as error:
        return f"{error} (column {error.column} of the expression)"
    for found in _NOT_ON_A_LINK.finditer(expression):
        if field := found[1]:
            return f"a link does not know a packet's {field}; use {_INSTEAD[field]}"
    return ""


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
