"""How long things take, how fast they are, and what a connection measures."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology.expectations import (
    DelayExpected,
    Expectation,
    GoodputExpected,
    IntervalsExpected,
    MetricExpected,
    RateExpected,
    TimeExpected,
)
from netlab.topology.marks import Path
from netlab.topology.model.expectations.metrics import SAMPLED, Metric
from netlab.topology.model.expectations.rates import Goodput, Rate
from netlab.topology.model.expectations.times import Delay, Intervals, Time
from netlab.topology.model.steps.base import moment
from netlab.topology.resolve.expectations.base import Maker, Resolver, at_place, during
from netlab.topology.resolve.expectations.bounds import (
    interval_bounds,
    speed_bounds,
    time_bounds,
)
from netlab.topology.resolve.names import TRAFFIC, Thing
from netlab.topology.steps import EVENTS, Moment


def _time(resolver: Resolver, model: Time, path: Path) -> Iterable[Expectation]:
    span, inner = model.time, (*path, "time")
    start = _instant(resolver, span.start, (*inner, "from"))
    end = _instant(resolver, span.end, (*inner, "to"))
    resolver.check_place(span.at, (*inner, "at"))
    resolver.check_connection(span.over, (*inner, "over"))
    made = time_bounds(resolver, model, path)
    if made is None:
        return
    text = f"from {start} to {end}{at_place(span.at, span.over)}: {made}"
    yield TimeExpected(
        **resolver.common(model, path, text),
        start=start,
        end=end,
        bounds=made,
        at=span.at,
        connection=span.over,
    )


def _instant(resolver: Resolver, text: str, path: Path) -> Moment | str:
    """Two words of which the second is an event are a moment, all else is about packets."""
    words = text.split()
    if len(words) == 2 and words[1] in EVENTS:
        made = moment(text)
        resolver.names.check_moment(made, path)
        return made
    resolver.check_expression(text, path)
    return text


def _delay(resolver: Resolver, model: Delay, path: Path) -> Iterable[Expectation]:
    resolver.check_expression(model.delay, (*path, "delay"))
    resolver.check_connection(model.over, (*path, "over"))
    window = resolver.window(model, path)
    made = time_bounds(resolver, model, path)
    if made is None:
        return
    of = f" of {model.over}" if model.over else ""
    yield DelayExpected(
        **resolver.common(model, path, f"each {model.delay}{of} on its way {made}{during(model)}"),
        **window,
        expression=model.delay,
        bounds=made,
        connection=model.over,
    )


def _intervals(resolver: Resolver, model: Intervals, path: Path) -> Iterable[Expectation]:
    resolver.check_expression(model.intervals, (*path, "intervals"))
    resolver.check_place(model.at, (*path, "at"))
    resolver.check_connection(model.over, (*path, "over"))
    window = resolver.window(model, path)
    made = interval_bounds(resolver, model, path)
    if not made:
        return
    lengths = ", ".join(map(str, made))
    place = at_place(model.at, model.over)
    text = f"intervals of {model.intervals}{place}: {lengths}{during(model)}"
    yield IntervalsExpected(
        **resolver.common(model, path, text),
        **window,
        expression=model.intervals,
        bounds=made,
        at=model.at,
        connection=model.over,
    )


def _rate(resolver: Resolver, model: Rate, path: Path) -> Iterable[Expectation]:
    stream, inner = model.rate, (*path, "rate")
    resolver.check_expression(stream.packets, (*inner, "of"))
    resolver.check_place(stream.at, (*inner, "at"))
    resolver.check_connection(stream.over, (*inner, "over"))
    window = resolver.window(model, path)
    made = speed_bounds(resolver, model, path)
    if made is None:
        return
    bounds, of_packets = made
    text = f"rate of {stream.packets}{at_place(stream.at, stream.over)}: {bounds}{during(model)}"
    yield RateExpected(
        **resolver.common(model, path, text),
        **window,
        expression=stream.packets,
        bounds=bounds,
        of_packets=of_packets,
        at=stream.at,
        connection=stream.over,
    )


def _goodput(resolver: Resolver, model: Goodput, path: Path) -> Iterable[Expectation]:
    for name, bounds in model.goodput.items():
        inner = (*path, "goodput", name)
        if resolver.names.find(name, TRAFFIC, inner, key=True) is not None:
            yield GoodputExpected(
                **resolver.common(model, inner, f"goodput of {name} {bounds}"),
                connection=name,
                bounds=bounds,
            )


def _metric(resolver: Resolver, model: Metric, path: Path) -> Iterable[Expectation]:
    for text, measures in model.metric.items():
        inner = (*path, "metric", text)
        end = resolver.end(text, (Thing.TCP, Thing.CROWD), inner)
        if end is None:
            continue
        name, node = end
        for index, measure in enumerate(measures):
            place = (*inner, index)
            if measure.metric in SAMPLED:
                _check_sampled(resolver, name, node, place)
            yield MetricExpected(
                **resolver.common(model, place, f"{text}: {measure}"),
                connection=name,
                node=node,
                metric=measure.metric,
                pick=measure.pick,
                bounds=measure.bounds,
            )


def _check_sampled(resolver: Resolver, name: str, node: str | None, path: Path) -> None:
    """Only the kernel of the end itself knows it, and has to be asked."""
    found = resolver.asked(name, node, path)
    if found is not None and found.tcp_info is None:
        resolver.problems.add(
            path,
            f"the kernel of {found.name} is not asked for it",
            "add 'observe: {tcp_info: 10ms}' to the lab or the node",
        )


MAKERS: dict[type, Maker] = {
    Time: _time,
    Delay: _delay,
    Intervals: _intervals,
    Rate: _rate,
    Goodput: _goodput,
    Metric: _metric,
}
