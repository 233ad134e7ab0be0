"""Which directions of a link a text names: ``->``, ``<-``, ``c1 ->``, ``-> c1`` or ``c1``."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.hints import did_you_mean, one_of, shown

#: The end of a stretch as in Impairment, and whether the direction is forward.
Direction = tuple[str | None, bool]


@dataclass(frozen=True, slots=True)
class Ends:
    """A link's ends: each with all the ways to name it; ``full`` is ``node:interface``.

    ``mtu`` is the smallest of them.
    """

    full: tuple[str, ...]
    names: tuple[frozenset[str], ...]
    is_lan: bool
    mtu: int

    def directions(self, way: str) -> tuple[Direction, ...]:
        """The directions that ``way`` means; an empty text is both. ValueError in words."""
        left, arrow, right = (part.strip() for part in way.partition("->"))
        if left and right:
            raise ValueError(f"{shown(way)} is no way: name one end, as in {self._examples()}")
        if self.is_lan:
            return self._of_members(left or right, arrow=bool(arrow), sent=bool(left))
        if not arrow:
            return self._of_cable(way.strip())
        if not left and not right:
            return ((None, True),)
        (index,) = self._find(left or right)
        return ((None, (index == 0) is bool(left)),)

    def _of_members(self, name: str, *, arrow: bool, sent: bool) -> tuple[Direction, ...]:
        if not name:
            raise ValueError(f"on a LAN, name the member: {self._examples()}")
        members = [self.full[index] for index in self._find(name)]
        ways = (sent,) if arrow else (True, False)
        return tuple((end, forward) for end in members for forward in ways)

    def _of_cable(self, way: str) -> tuple[Direction, ...]:
        if way == "<-":
            return ((None, False),)
        if way:
            raise ValueError(f"{shown(way)} is no way; a link has {self._examples()}")
        return ((None, True), (None, False))

    def _find(self, name: str) -> list[int]:
        found = [index for index, names in enumerate(self.names) if name in names]
        if not found:
            near = did_you_mean(name, {each for names in self.names for each in names})
            advice = f" ({near})" if near else ""
            raise ValueError(f"{shown(name)} is no end of this link{advice}")
        return found

    def _examples(self) -> str:
        if not self.is_lan:
            return one_of(["'->'", "'<-'"])
        name = self.full[0].partition(":")[0]
        return one_of([f"'{name} ->'", f"'-> {name}'", repr(name)])
