"""Which packets are seen, which are lost, and which errors are told of them."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.expectations.base import AT_LEAST_ONE, Count, Windowed


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketsExpected(Windowed):
    """Packets match ``expressions`` (see netlab.wire.filter).

    One expression with ``count``: so many packets match. Several: they match in this order, others
    between them allowed unless ``exact``. Each packet is seen once, where its source sent it, or,
    with ``at`` (``node`` or ``node:interface``), as often as that place saw it. ``connection``
    limits the view to one connection's packets. ``never``: no packet matches, to the run's end.
    """

    expressions: tuple[str, ...]
    count: Count | None = None
    exact: bool = False
    at: str | None = None
    connection: str | None = None
    never: bool = False

    @property
    def may_break(self) -> bool:
        return self.never


@dataclass(frozen=True, slots=True)
class IcmpMeant:
    """Type and code of an error of IPv4 (``version`` 4) or IPv6; ``code`` None is any."""

    version: int
    type: int
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IcmpExpected(Windowed):
    """So many ICMP errors of one of ``kinds`` (none given: any error).

    ``about`` is the connection whose packet is quoted, ``reporter`` the node that sends the error,
    ``receiver`` the one that gets it, ``mtu`` the next-hop MTU told in it.
    """

    called: str
    kinds: tuple[IcmpMeant, ...] = ()
    about: str | None = None
    mtu: int | None = None
    reporter: str | None = None
    receiver: str | None = None
    count: Count = AT_LEAST_ONE


@dataclass(frozen=True, slots=True)
class Passage:
    """Where packets are lost or get through, called ``text``.

    Of a link: ``ends`` are the ``node:interface`` that it is entered at. Of a node: what came in.
    Of an interface: what it saw.
    """

    text: str
    ends: tuple[str, ...] = ()
    node: str | None = None
    interface: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossExpected(Windowed):
    """Of the packets that match ``expression``, so many are lost at ``passage``.

    ``survived``: so many get through it instead.
    """

    expression: str
    passage: Passage
    survived: bool = False
    count: Count = AT_LEAST_ONE
    connection: str | None = None
