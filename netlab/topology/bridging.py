"""How many bridges a LAN takes: Linux gives a bridge 1,024 ports, numbered from 1."""

from __future__ import annotations

from collections.abc import Iterator

#: net/bridge/br_private.h: BR_MAX_PORTS, of which number 0 is none.
BRIDGE_PORTS = 1023

#: Of several bridges, each keeps a port for the cable to the one in their middle.
_MEMBERS = BRIDGE_PORTS - 1


def bridges(name: str, members: int) -> Iterator[tuple[str, range]]:
    """Each bridge of the LAN ``name``, and which of its members are there.

    Of several, the first is the one in the middle, and has none.
    """
    if members <= BRIDGE_PORTS:
        yield name, range(members)
        return
    yield name, range(0)
    for number, first in enumerate(range(0, members, _MEMBERS)):
        yield f"{name}s{number}", range(first, min(first + _MEMBERS, members))


def bridging_notice(link: str, members: int) -> str | None:
    """What to say of a LAN that one bridge cannot be; None when one can."""
    outer = sum(1 for _ in bridges(link, members)) - 1
    if not outer:
        return None
    return (
        f"the LAN '{link}' has {members} members, and a Linux bridge {BRIDGE_PORTS} ports: it is"
        f" {outer} bridges, each joined to one in their middle"
    )
