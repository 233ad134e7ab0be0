"""Quantities with units: durations, sizes, percentages and rates.

A bare number is refused, because ``10`` does not say whether it is seconds or milliseconds.
"""

from __future__ import annotations

import re
from typing import Any

from netlab.topology.hints import shown

_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
}
_BYTES = {
    "byte": 1,
    "bytes": 1,
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
_BITS_PER_SECOND = {
    "bit/s": 1,
    "kbit/s": 10**3,
    "Mbit/s": 10**6,
    "Gbit/s": 10**9,
}

MAX_SECONDS = 7 * 24 * 3600
MAX_SIZE = 2**30
LEAST_MEMORY, MOST_MEMORY = 6 * 2**20, 2**40

_QUANTITY = re.compile(
    r"\s*(?P<number>[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*(?P<unit>[^\s0-9.]\S*)\s*", re.ASCII
)
_FREQUENCY = re.compile(r"\s*(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)\s*/s\s*", re.ASCII)
_NUMBER = r"^\s*[0-9]+(\.[0-9]+)?\s*"


def _pattern(units: dict[str, float] | dict[str, int]) -> str:
    return f"{_NUMBER}({'|'.join(units)})\\s*$"


DURATION_PATTERN = _pattern(_SECONDS)
SIZE_PATTERN = _pattern(_BYTES)
PERCENTAGE_PATTERN = f"{_NUMBER}%\\s*$"
RATE_PATTERN = _pattern(_BITS_PER_SECOND)

FREQUENCY_PATTERN = f"{_NUMBER}/s\\s*$"


def duration(value: Any) -> float:
    """Seconds of ``10ms``, ``2s``, ``1.5 s`` or ``1m``, at most a week; ValueError in words."""
    number, unit = _split(value, "a duration", "10ms or 2s", _SECONDS)
    seconds = float(number) * _SECONDS[unit]
    if seconds > MAX_SECONDS:
        raise ValueError(f"{value!r} is longer than a week")
    return seconds


def size(value: Any) -> int:
    """Bytes of ``4000 bytes``, ``64 KiB`` or ``1 MB``, at most 1 GiB; ValueError in words."""
    exact = _bytes(value, "a size", "4000 bytes or 64 KiB")
    if exact > MAX_SIZE:
        raise ValueError(f"{value!r} is larger than 1 GiB")
    return exact


def memory(value: Any) -> int:
    """Bytes of ``256 MiB`` or ``2 GiB``, 6 MiB to 1024 GiB; ValueError in words.

    With less, no container starts.
    """
    exact = _bytes(value, "an amount of memory", "256 MiB or 2 GiB")
    if not LEAST_MEMORY <= exact <= MOST_MEMORY:
        raise ValueError(f"memory is 6 MiB to 1024 GiB, not {value!r}")
    return exact


def _bytes(value: Any, noun: str, example: str) -> int:
    number, unit = _split(value, noun, example, _BYTES)
    exact = float(number) * _BYTES[unit]
    if exact != int(exact):
        raise ValueError(f"{value!r} is not a whole number of bytes")
    return int(exact)


def percentage(value: Any) -> float:
    """The fraction, 0 to 1, of ``0.5%``; ValueError in words."""
    number, _ = _split(value, "a percentage", "0.5%", {"%": 0.01})
    fraction = float(number) / 100
    if fraction > 1:
        raise ValueError(f"{value!r} is more than 100%")
    return fraction


def rate(value: Any) -> int:
    """Bits per second of ``10 Mbit/s``; ValueError in words."""
    number, unit = _split(value, "a rate", "10 Mbit/s", _BITS_PER_SECOND)
    return round(float(number) * _BITS_PER_SECOND[unit])


def frequency(value: Any) -> float:
    """Times per second of ``100/s``; ValueError in words."""
    match = _FREQUENCY.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match["number"]) == 0:
        raise ValueError(f"how often looks like 100/s, not {value!r}")
    return float(match["number"])


def is_size(text: str) -> bool:
    """Whether ``text`` is meant as a size: a number and one of the units of size."""
    match = _QUANTITY.fullmatch(text)
    return match is not None and match["unit"] in _BYTES


def spell_duration(seconds: float) -> str:
    """``duration`` of the answer is ``seconds``."""
    if seconds >= 1 or seconds == 0:
        return f"{_plain(seconds)}s"
    if seconds < 1e-3:
        return f"{_plain(seconds * 1e6)}us"
    return f"{_plain(seconds * 1000)}ms"


def spell_rate(rate: float) -> str:
    """``rate`` of the answer is ``rate``, to four digits."""
    unit = next((u for u, n in reversed(_BITS_PER_SECOND.items()) if rate >= n), "bit/s")
    return f"{rate / _BITS_PER_SECOND[unit]:.4g} {unit}"


def spell_percentage(fraction: float) -> str:
    """``percentage`` of the answer is ``fraction``."""
    return f"{_plain(fraction * 100)}%"


def spell_size(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"


def _plain(number: float) -> str:
    return f"{number:.9f}".rstrip("0").rstrip(".")


def _split(
    value: Any, noun: str, example: str, units: dict[str, float] | dict[str, int]
) -> tuple[str, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"the number {value} needs a unit: {noun} looks like {example}")  # noqa: TRY004 - a user's value
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{noun} looks like {example}, not {shown(value)}")
    if match["unit"] not in units:
        raise ValueError(f"{match['unit']!r} is no unit here; {noun} looks like {example}")
    return match["number"], match["unit"]
