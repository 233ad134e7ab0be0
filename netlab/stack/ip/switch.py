"""A setting that each interface has, and the host for all of them, as Linux' ``conf.all``."""

from __future__ import annotations


class Switch:
    """``everywhere`` is the host's; ``each`` is an interface's for which nothing else is set."""

    __slots__ = ("_at", "_each", "everywhere")

    def __init__(self, *, everywhere: bool, each: bool) -> None:
        self.everywhere = everywhere
        self._each = each
        self._at: dict[str, bool] = {}

    def set(self, interface: str, *, is_on: bool) -> None:
        self._at[interface] = is_on

    def at(self, interface: str) -> bool:
        return self._at.get(interface, self._each)

    def either(self, interface: str) -> bool:
        return self.everywhere or self.at(interface)

    def both(self, interface: str) -> bool:
        return self.everywhere and self.at(interface)
