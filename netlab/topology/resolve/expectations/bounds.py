"""Bounds of what files say in several keys: ``under``, ``at_least``, ``between``, ``near``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netlab.topology import units
from netlab.topology.expectations import Bounds
from netlab.topology.marks import Path
from netlab.topology.model.expectations.bounds import ranged
from netlab.topology.model.expectations.times import Intervals
from netlab.topology.resolve.expectations.base import Resolver

_KEYS = ("under", "at_least", "between", "near")
_TOLERANCE = 0.1

Spell = Callable[[float], str]


def chosen(resolver: Resolver, model: Any, path: Path) -> tuple[str, Any] | None:
    """The one key that says how much, and its value."""
    given = [key for key in _KEYS if getattr(model, key) is not None]
    if len(given) > 1:
        resolver.problems.add((*path, given[1]), f"{given[0]!r} says already how much it may be")
        return None
    if not given:
        resolver.problems.add(
            path, "nothing says how much it may be", "give under, at_least, between or near"
        )
        return None
    if model.tolerance is not None and given != ["near"]:
        resolver.problems.add((*path, "tolerance"), "'tolerance' belongs to 'near'")
        return None
    return given[0], getattr(model, given[0])


def _bounds(key: str, value: Any, tolerance: float | None, spell: Spell) -> Bounds:
    """ValueError in words when nothing can lie within."""
    if key == "under":
        return Bounds(f"under {spell(value)}", high=value, includes_high=False)
    if key == "at_least":
        return Bounds(f"at least {spell(value)}", low=value)
    if key == "near":
        part = _TOLERANCE if tolerance is None else tolerance
        text = f"{spell(value)} ± {part * 100:g}%"
        return Bounds(text, value * (1 - part), value * (1 + part))
    low, high = value
    return ranged(low, high, f"{spell(low)} to {spell(high)}")


def time_bounds(resolver: Resolver, model: Any, path: Path) -> Bounds | None:
    """Of seconds; None when the file says it wrong."""
    found = chosen(resolver, model, path)
    if found is None:
        return None
    key, value = found
    try:
        return _bounds(key, value, model.tolerance, units.spell_duration)
    except ValueError as error:
        resolver.problems.add((*path, key), str(error))
        return None


def interval_bounds(resolver: Resolver, model: Intervals, path: Path) -> tuple[Bounds, ...]:
    """One for each interval that the file names; none when it says it wrong."""
    if model.near is None:
        only = time_bounds(resolver, model, path)
        return () if only is None else (only,)
    if chosen(resolver, model, path) is None:
        return ()
    return tuple(
        _bounds("near", each, model.tolerance, units.spell_duration) for each in model.near
    )


def speed_bounds(resolver: Resolver, model: Any, path: Path) -> tuple[Bounds, bool] | None:
    """Of bits or packets per second, and whether of packets."""
    found = chosen(resolver, model, path)
    if found is None:
        return None
    key, value = found
    pairs = value if key == "between" else (value,)
    numbers = tuple(number for number, _ in pairs)
    of_packets = {is_packets for _, is_packets in pairs}
    if len(of_packets) > 1:
        resolver.problems.add((*path, key), "bits and packets per second cannot be compared")
        return None
    spell = _spell_packets if True in of_packets else units.spell_rate
    try:
        made = _bounds(key, numbers if len(numbers) > 1 else numbers[0], model.tolerance, spell)
    except ValueError as error:
        resolver.problems.add((*path, key), str(error))
        return None
    return made, True in of_packets


def _spell_packets(rate: float) -> str:
    return f"{rate:g} packets/s"
