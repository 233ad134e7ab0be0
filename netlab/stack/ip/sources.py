"""Which of its addresses a host sends from (RFC 1122, 3.3.4.3; RFC 6724)."""

from __future__ import annotations

import errno
from collections.abc import Iterable

from netlab.stack.failure import failure
from netlab.stack.ip import addresses
from netlab.stack.ip.addresses import Scope
from netlab.stack.ip.interface import AddressState, Assigned, Interface


def for_ipv4(next_hop: bytes, out: Interface, interfaces: Iterable[Interface]) -> bytes:
    """One of the next hop's network, else any of the way out, else any of the host.

    The last is the weak host model, as Linux has it. OSError(EADDRNOTAVAIL) if there is none.
    """
    on_link = out.on_link(next_hop)
    if on_link is not None:
        return on_link.address
    for interface in (out, *interfaces):
        for assigned in interface.usable(4):
            return assigned.address
    raise failure(errno.EADDRNOTAVAIL)


def for_ipv6(destination: bytes, out: Interface, interfaces: Iterable[Interface]) -> bytes:
    """OSError(EADDRNOTAVAIL) if there is none."""
    candidates = [(a, True) for a in out.usable(16)]
    if addresses.scope(destination) is not Scope.LINK:  # RFC 6724, section 4
        others = (i for i in interfaces if i is not out)
        candidates += [(a, False) for i in others for a in i.usable(16)]
    if not candidates:
        raise failure(errno.EADDRNOTAVAIL)
    best, _ = max(candidates, key=lambda c: _preference(c[0], destination, is_outgoing=c[1]))
    return best.address


def _preference(
    candidate: Assigned, destination: bytes, *, is_outgoing: bool
) -> tuple[bool, int, bool, bool, int]:
    """The rules 1, 2, 3, 5 and 8 of RFC 6724, section 5; the greatest is best."""
    own, needed = addresses.scope(candidate.address), addresses.scope(destination)
    return (
        candidate.address == destination,
        -own if own >= needed else own - 100,
        candidate.state is not AddressState.DEPRECATED,
        is_outgoing,
        addresses.common_prefix_length(candidate.address, destination),
    )
