"""What one nftables rule can ask of a packet, and alternatives of such rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Family(StrEnum):
    """Of the table: ``inet`` sees IP only, ``netdev`` every frame."""

    INET = "inet"
    NETDEV = "netdev"


class Untranslatable(ValueError):
    """nftables cannot ask this; the text says what and why."""


#: More alternatives than this are no rule set that anybody reads.
MAX_ALTERNATIVES = 64


@dataclass(frozen=True, slots=True)
class Match:
    """A conjunction: what the packet is, what it is not, and further match texts."""

    network: str | None = None  # ip, ip6, arp
    transport: str | None = None  # tcp, udp, icmp, ipv6-icmp
    not_network: frozenset[str] = frozenset()
    not_transport: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()

    def __and__(self, other: Match) -> Match | None:
        """None when no packet can match both."""
        if _differ(self.network, other.network) or _differ(self.transport, other.transport):
            return None
        joined = Match(
            self.network or other.network,
            self.transport or other.transport,
            self.not_network | other.not_network,
            self.not_transport | other.not_transport,
            tuple(dict.fromkeys(self.texts + other.texts)),
        )
        impossible = (
            joined.network in joined.not_network or joined.transport in joined.not_transport
        )
        return None if impossible else joined

    def exists_in(self, family: Family) -> bool:
        if family is Family.NETDEV:
            return True
        return self.network != "arp" and not {"ip", "ip6"} <= self.not_network

    def text(self) -> str:
        parts = []
        if self.network:
            parts.append(f"meta protocol {self.network}")
        else:
            parts += [f"meta protocol != {each}" for each in sorted(self.not_network)]
        if self.transport:
            parts.append(f"meta l4proto {self.transport}")
        else:
            parts += [f"meta l4proto != {each}" for each in sorted(self.not_transport)]
        return " ".join([*parts, *self.texts])


#: Alternatives, of which none is never and an empty one is always.
Matches: TypeAlias = tuple[Match, ...]

ALWAYS: Matches = (Match(),)
NEVER: Matches = ()


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def all_of(first: Matches, *others: Matches) -> Matches:
    found = first
    for each in others:
        joined = (one & two for one in found for two in each)
        found = tuple(dict.fromkeys(match for match in joined if match is not None))
        if len(found) > MAX_ALTERNATIVES:
            raise Untranslatable(f"it comes to more than {MAX_ALTERNATIVES} nftables rules")
    return found


def any_of(*parts: Matches) -> Matches:
    return tuple(dict.fromkeys(match for part in parts for match in part))


def asking(*texts: str, network: str | None = None, transport: str | None = None) -> Match:
    return Match(network, transport, texts=texts)
