"""Which packets are seen, and where; which never; which are lost on their way."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import (
    AT_LEAST_ONE,
    Count,
    Expectation,
    LossExpected,
    PacketsExpected,
    Passage,
)
from netlab.topology.marks import Path
from netlab.topology.model.expectations.packets import Lost, Never, Packets, Survived, Way
from netlab.topology.plan import LinkKind
from netlab.topology.resolve import endpoints
from netlab.topology.resolve.expectations.base import Maker, Resolver, at_place, during


def _packets(resolver: Resolver, model: Packets, path: Path) -> Iterable[Expectation]:
    for index, expression in enumerate(model.packets):
        resolver.check_expression(expression, (*path, "packets", index))
    if model.count is not None and len(model.packets) > 1:
        resolver.problems.add(
            (*path, "count"), "a count is of one expression", "several match in order, once each"
        )
    if model.exact and len(model.packets) == 1:
        resolver.problems.add((*path, "exact"), "'exact' is for several expressions in order")
    resolver.check_connection(model.over, (*path, "over"))
    resolver.check_place(model.at, (*path, "at"))
    text = "packets " + ", then ".join(model.packets)
    text += f", count {model.count}" if model.count else ""
    text += f", at {model.at}" if model.at else ""
    yield PacketsExpected(
        **resolver.common(model, path, text + during(model)),
        **resolver.window(model, path),
        expressions=model.packets,
        count=model.count,
        exact=model.exact,
        at=model.at,
        connection=model.over,
    )


def _never(resolver: Resolver, model: Never, path: Path) -> Iterable[Expectation]:
    resolver.check_expression(model.never, (*path, "never"))
    resolver.check_connection(model.over, (*path, "over"))
    resolver.check_place(model.at, (*path, "at"))
    text = f"never {model.never}{at_place(model.at, model.over)}{during(model)}"
    yield PacketsExpected(
        **resolver.common(model, path, text),
        **resolver.window(model, path),
        expressions=(model.never,),
        count=Count("==", 0),
        at=model.at,
        connection=model.over,
        never=True,
    )


def _lost(resolver: Resolver, model: Lost, path: Path) -> Iterable[Expectation]:
    return _loss(resolver, model, model.lost, (path, "lost"))


def _survived(resolver: Resolver, model: Survived, path: Path) -> Iterable[Expectation]:
    return _loss(resolver, model, model.survived, (path, "survived"))


def _loss(
    resolver: Resolver, model: Lost | Survived, way: Way, key: tuple[Path, str]
) -> Iterable[Expectation]:
    path, verb = key
    inner = (*path, verb)
    resolver.check_expression(way.what, (*inner, "what"))
    resolver.check_connection(model.over, (*path, "over"))
    window = resolver.window(model, path)
    passage = _passage(resolver, way, inner)
    if passage is None:
        return
    count = model.count or AT_LEAST_ONE
    of = f" of {model.over}" if model.over else ""
    text = f"{way.what}{of} {verb} at {passage.text}, count {count}{during(model)}"
    yield LossExpected(
        **resolver.common(model, path, text),
        **window,
        expression=way.what,
        passage=passage,
        survived=verb == "survived",
        count=count,
        connection=model.over,
    )


def _passage(resolver: Resolver, way: Way, path: Path) -> Passage | None:
    if "--" in way.at or way.at in {link.name for link in resolver.directory.links}:
        return _link(resolver, way, path)
    if way.way is not None:
        resolver.problems.add((*path, "way"), "'way' is for a link, which has two")
    if not resolver.check_place(way.at, (*path, "at")):
        return None
    if ":" in way.at:
        return Passage(way.at, interface=way.at)
    return Passage(way.at, node=way.at)


def _link(resolver: Resolver, way: Way, path: Path) -> Passage | None:
    try:
        link = endpoints.link(way.at, resolver.directory)
    except ValueError as error:
        resolver.wrong((*path, "at"), error)
        return None
    if way.way is None:
        return Passage(link.name, ends=tuple(map(str, link.ends)))
    if link.kind is LinkKind.LAN:
        resolver.problems.add(
            (*path, "way"), "a LAN has more than two ways", "name a member's node:interface in 'at'"
        )
        return None
    entered = link.ends[0 if way.way == "->" else 1]
    return Passage(f"{link.name} {way.way}", ends=(str(entered),))


MAKERS: dict[type, Maker] = {
    Packets: _packets,
    Never: _never,
    Lost: _lost,
    Survived: _survived,
}
