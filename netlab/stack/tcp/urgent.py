"""Urgent data as systems have it: one byte, out of the stream unless told to stay (RFC 6093).

The pointer names the byte behind the urgent one. Bytes before the last urgent one are ordinary.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from netlab.stack.events import Urgent
from netlab.stack.failure import failure

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection
    from netlab.stack.tcp.segment import Segment


class UrgentByte:
    """The last one that the peer announced, if any: its ``number``, and itself once it is here."""

    __slots__ = ("number", "value", "was_read")

    def __init__(self) -> None:
        self.number: int | None = None
        self.value = b""
        self.was_read = False

    @property
    def is_awaited(self) -> bool:
        return self.number is not None and not self.value

    @property
    def is_here(self) -> bool:
        """It has come, and nobody has read it out of band."""
        return bool(self.value) and not self.was_read

    def announce(self, number: int) -> None:
        self.number, self.value, self.was_read = number, b"", False

    def forget(self) -> None:
        self.number, self.value = None, b""


def announced(c: Connection, segment: Segment) -> None:
    """A segment with URG. What is announced again, or was here before, is no news."""
    cb, byte = c.cb, c.urgent
    end = segment.sequence + segment.header.urgent_pointer
    if c.profile.urgent_is_pointed_at:
        end += 1
    cb.rcv_up = max(cb.rcv_up, end)
    number = end - 1
    if number < cb.rcv_nxt or (byte.number is not None and number <= byte.number):
        return
    if byte.number == c.first_unread and not c.settings.urgent_inline and c.receiving.queued:
        c.receiving.read(1)  # one that nobody asked for gives way
    byte.announce(number)
    c.owner.tell(Urgent(c))


def arrived(c: Connection, segment: Segment) -> None:
    """Text, in whatever order: the byte may be in it."""
    byte = c.urgent
    if byte.number is not None and segment.start <= byte.number < segment.start + len(
        segment.payload
    ):
        place = byte.number - segment.start
        byte.value = bytes(segment.payload[place : place + 1])
        c.owner.tell(Urgent(c))


def unread(c: Connection) -> int:
    """How many bytes are to be read in the stream."""
    number, queued = c.urgent.number, c.receiving.queued
    if number is None or c.settings.urgent_inline:
        return queued
    return queued - (c.first_unread <= number < c.receiving.next)


def read(c: Connection, size: int) -> bytes:
    """Up to ``size`` bytes of the stream, and not across the mark; empty when there are none."""
    byte = c.urgent
    if byte.number is None:
        return c.receiving.read(size)
    ahead = byte.number - c.first_unread
    if ahead > 0:
        return c.receiving.read(min(size, ahead))
    if ahead == 0 and not c.settings.urgent_inline and size:
        c.receiving.read(1)
    data = c.receiving.read(size)
    if c.first_unread > byte.number:
        byte.forget()
    return data


def is_at_mark(c: Connection) -> bool:
    return c.urgent.number == c.first_unread


def take(c: Connection) -> bytes:
    """Out of band, once. EAGAIN: announced, not here yet; EINVAL: none, read already, or inline."""
    byte = c.urgent
    if c.settings.urgent_inline or byte.number is None or byte.was_read:
        raise failure(errno.EINVAL)
    if byte.value:
        byte.was_read = True
        return byte.value
    if not c.may_receive:
        return b""
    raise BlockingIOError(errno.EAGAIN, "the urgent byte is not here yet")
