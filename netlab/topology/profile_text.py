"""Profiles of impaired links in words, with the units of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from netlab.topology import units
from netlab.topology.impairment import BurstLoss


def told(parameters: Mapping[str, Any]) -> str:
    """``delay 20ms, loss 1%`` of a Profile's fields; what is None is not there (any more)."""
    return ", ".join(
        f"no {_name(name)}" if value is None else f"{_name(name)} {_SPELLED.get(name, str)(value)}"
        for name, value in parameters.items()
    )


def _name(field: str) -> str:
    return field.replace("_", " ")


def _burst(burst: Any) -> str:
    chances: Mapping[str, float] = asdict(burst) if isinstance(burst, BurstLoss) else burst
    told = (f"{name} {units.spell_percentage(chance)}" for name, chance in chances.items())
    return f"({', '.join(told)})"


_SPELLED: dict[str, Callable[[Any], str]] = {
    "delay": units.spell_duration,
    "jitter": units.spell_duration,
    "reorder_by": units.spell_duration,
    "loss": units.spell_percentage,
    "reorder": units.spell_percentage,
    "duplicate": units.spell_percentage,
    "corrupt": units.spell_percentage,
    "burst": _burst,
    "rate": units.spell_rate,
    "queue": units.spell_size,
}
