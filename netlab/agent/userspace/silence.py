"""Keeping a node's kernel from saying anything at interfaces that the userspace stack has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def silencing_commands(interfaces: Iterable[str]) -> Iterator[str]:
    """Shell commands that leave the kernel nothing to answer with, in their order.

    To be carried out before the interfaces are up. Packet sockets see what comes all the same.
    """
    for name in interfaces:
        yield f"ip address flush dev {name}"
        yield f"ip link set dev {name} arp off multicast off"
        # -e: an interface whose MTU is too small for IPv6 has no such settings.
        yield f"sysctl -e -q -w net.ipv6.conf.{name}.disable_ipv6='1'"
        yield f"sysctl -q -w net.ipv4.conf.{name}.forwarding='0'"
