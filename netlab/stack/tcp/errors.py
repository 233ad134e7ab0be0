"""ICMP errors about segments of a connection (RFC 9293, 3.9.2.2; RFC 5927)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlab.stack.tcp.sequence import unwrap
from netlab.stack.tcp.states import Input
from netlab.wire.states import State

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection


def quotes_what_is_on_its_way(c: Connection, sequence: int) -> bool:
    """RFC 5927, 4.1: others are forged, or too late to matter. ``sequence`` is 32 bits."""
    end = c.cb.snd_nxt + c.profile.acks_are_quoted
    return c.cb.snd_una <= unwrap(sequence, c.cb.snd_una) < end


def happened(c: Connection, now: int, number: int, *, is_hard: bool) -> None:
    """An error ends attempts to open.

    Later it is remembered, and its errno ``number`` is told if the connection dies of it.
    """
    opening_fails = is_hard or c.profile.soft_errors_refuse
    if c.state in {State.SYN_SENT, State.SYN_RCVD} and opening_fails:
        c.finish(now, number, Input.UNREACHABLE)
    else:
        c.soft_error = number
