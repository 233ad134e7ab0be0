"""The standard services as dialogues: generators that ask for input and say what to send.

A dialogue knows no socket; conversation.py plays it on one. So a service is written once for every
server model and every stack. A UDP service is a function from a datagram to its reply.
"""

from __future__ import annotations

import itertools
import struct
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

from netlab import clock

#: RFC 868: seconds between 1900-01-01 and 1970-01-01.
SECONDS_1900_TO_1970 = 2_208_988_800

#: RFC 864: 72 characters a line, of the 95 printing ones.
_PRINTING = bytes(range(0x20, 0x7F))
_LINE = 72


#: What a server reads at once unless its file says otherwise.
READ_SIZE = 65_536


@dataclass(frozen=True, slots=True)
class Receive:
    """Asks for the next bytes of the connection, ``size`` at most; answered with b"" at its FIN."""

    size: int = READ_SIZE


@dataclass(frozen=True, slots=True)
class Send:
    data: bytes


@dataclass(frozen=True, slots=True)
class Think:
    """Asks for the time that the service was told to spend on a request."""


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


Command = Receive | Send | Think | Pause
Dialogue = Generator[Command, bytes, None]


def echo() -> Dialogue:
    """RFC 862: sends back what it receives."""
    while data := (yield Receive()):
        yield Think()
        yield Send(data)


def discard() -> Dialogue:
    """RFC 863: throws away what it receives."""
    while (yield Receive()):
        pass


def daytime() -> Dialogue:
    """RFC 867: the date and time as a line of text, then close."""
    yield Think()
    yield Send(daytime_text())


def chargen() -> Dialogue:
    """RFC 864: lines of characters until the peer closes."""
    for line in chargen_lines():
        yield Send(line)


def time_of_day() -> Dialogue:
    """RFC 868: the time in seconds since 1900, 32 bits in network order, then close."""
    yield Think()
    yield Send(time_bytes())


def slowly(
    dialogue: Dialogue, *, after: float, size: int, every: float, until_eof: bool = False
) -> Dialogue:
    """``dialogue`` with a reader that begins ``after`` s, and reads ``size`` bytes ``every`` s.

    With ``until_eof`` it reads all, up to the FIN, and then takes up as much, as often.
    """
    pause = after
    whole = (yield from _all()) if until_eof else None
    command = next(dialogue)
    while True:
        if isinstance(command, Receive):
            yield Pause(pause)
            pause = every
            command = Receive(size)
        if whole is not None and isinstance(command, Receive):
            answer, whole = whole[:size], whole[size:]
        else:
            answer = yield command
        try:
            command = dialogue.send(answer)
        except StopIteration:
            return


def _all() -> Generator[Command, bytes, bytes]:
    """What is received up to the FIN."""
    whole = bytearray()
    while data := (yield Receive()):
        whole += data
    return bytes(whole)


def up_to(dialogue: Dialogue, size: int) -> Dialogue:
    """``dialogue`` until it has sent ``size`` bytes."""
    answer = b""
    command = next(dialogue)
    while size:
        if isinstance(command, Send):
            command = Send(command.data[:size])
            size -= len(command.data)
        answer = yield command
        if size:
            try:
                command = dialogue.send(answer)
            except StopIteration:
                return


def stream_dialogue(request: dict[str, Any]) -> Dialogue:
    """The dialogue that a request for a TCP service asks for."""
    dialogue = STREAM_SERVICES[request["protocol"]]()
    if reading := request.get("read"):
        dialogue = slowly(dialogue, **reading)
    if (size := request.get("size")) is not None:
        dialogue = up_to(dialogue, size)
    return dialogue


def daytime_text() -> bytes:
    """In UTC, so that a lab reads alike wherever it runs."""
    return time.strftime("%A, %B %d, %Y %H:%M:%S-UTC\r\n", time.gmtime(_seconds())).encode()


def time_bytes() -> bytes:
    return struct.pack("!I", (_seconds() + SECONDS_1900_TO_1970) & 0xFFFF_FFFF)


def _seconds() -> int:
    """Since 1970."""
    return clock.now() // 1_000_000_000


def chargen_lines() -> Iterator[bytes]:
    ring = _PRINTING + _PRINTING
    for start in itertools.cycle(range(len(_PRINTING))):
        yield ring[start : start + _LINE] + b"\r\n"


def chargen_datagram() -> bytes:
    """RFC 864: one datagram of 0 to 512 characters; here always the same seven lines, 518 > 512."""
    return b"".join(itertools.islice(chargen_lines(), 7))[:512]


#: Per protocol: its TCP dialogue, and its UDP reply (None: no reply is sent).
STREAM_SERVICES: dict[str, Callable[[], Dialogue]] = {
    "echo": echo,
    "discard": discard,
    "daytime": daytime,
    "chargen": chargen,
    "time": time_of_day,
}

DATAGRAM_SERVICES: dict[str, Callable[[bytes], bytes | None]] = {
    "echo": lambda datagram: datagram,
    "discard": lambda _: None,
    "daytime": lambda _: daytime_text(),
    "chargen": lambda _: chargen_datagram(),
    "time": lambda _: time_bytes(),
}
