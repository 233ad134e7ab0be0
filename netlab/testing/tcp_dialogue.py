"""Packet dialogues with one TCP layer: what a peer sends to it, and what it must answer.

::

    listen
    < SYN mss=1460
    > SYN ACK seq=0 ack=1
    < ACK seq=1 ack=1
    accept
    send 100
    > ACK seq=1 ack=1 len=100
    state ESTABLISHED

``<`` is a segment of the peer, ``>`` one that the layer must send, each in its order. Numbers are
relative to the initial ones of both ends. A word that is not there is not asked for; PSH is asked
for only where it is named. Before a line that is no ``>``, and at the end, all that the layer sent
must have been named.

========================  ============================================================
``seq= ack= len= win=``   fields; ``win`` as on the wire. The peer's default is 65535
``mss= ws= sackok``       options of a SYN
``ts=5`` ``ecr=3``        timestamps; of the layer they count from its first one
``options=2``             how many the layer's segment has
``notime``                the layer's segment has no timestamps
``nopush``                nor PSH
``sack=1:2,5:7``          blocks
``urg=10``                the urgent pointer
``isn=``                  the peer's initial sequence number from here on
``ce`` ``ect``            the ECN field of IP
``more``                  the peer's next segment comes in the same moment
``after=40ms``            the layer's segment leaves so long after the line before
``port=``                 the peer's port, if it is not 4000
========================  ============================================================

Commands: ``listen [backlog]``, ``connect``, ``accept``, ``send N [more]``, ``urgent N``,
``read N``, ``shutdown``, ``close``, ``abort``, ``wait 40ms``, ``quiet 2s``, ``state S``,
``nothing``, ``gone`` (no connection is left), ``fails ERRNO COMMAND``.
"""

from __future__ import annotations

import errno
import random
import re
from collections import deque
from dataclasses import dataclass, field

from netlab.stack.events import TcpEvent
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.layer import TcpLayer
from netlab.stack.tcp.listener import Listener
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.stack.tcp.sequence import unwrap, wrap
from netlab.stack.tcp.settings import DEFAULT, Settings
from netlab.wire.tcp import FLAGS, Flags, Tcp
from netlab.wire.tcp_options import (
    MaximumSegmentSize,
    Option,
    Sack,
    SackPermitted,
    Timestamps,
    WindowScale,
)

OURS, PEER = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
PORT, PEER_PORT = 80, 4000
_UNITS = {"us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "h": 3_600_000_000_000}
_FLAGS = tuple(flag.name or "" for flag in Flags)
_WEEK = 7 * 24 * _UNITS["h"]


@dataclass(slots=True)
class FixedPath:
    """The way to everywhere, as a test sets it."""

    address: bytes = OURS
    size: int = 1500
    limit: int = 1460

    def source_for(self, destination: bytes) -> bytes:
        return self.address

    def is_own(self, address: bytes) -> bool:
        return True

    def mtu(self, destination: bytes, *, ignore_path: bool = False) -> int:
        return self.size

    def send_limit(self, destination: bytes) -> int:
        return self.limit


@dataclass(slots=True)
class TcpDialogue:
    """A layer at 10.0.0.1, and a peer at 10.0.0.2 that says what the lines say."""

    profile: Profile = LINUX
    settings: Settings = DEFAULT
    path: FixedPath = field(default_factory=FixedPath)
    seed: int = 1
    now: int = _UNITS["s"]
    peer_isn: int = 1_000_000
    events: list[TcpEvent] = field(default_factory=list)
    layer: TcpLayer = field(init=False)
    listener: Listener | None = None
    connection: Connection | None = None
    _sent: deque[tuple[int, Outgoing]] = field(default_factory=deque)
    _isn: dict[int, int] = field(default_factory=dict)
    _first_stamp: int | None = None
    _spoke_at: int = 0

    def __post_init__(self) -> None:
        source = random.Random(self.seed)  # noqa: S311 - a test is to be the same each time
        self.layer = TcpLayer(random=source, routes=self.path, profile=self.profile)

    def play(self, text: str) -> TcpDialogue:
        """All lines; AssertionError names the one that came out otherwise."""
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.split("#")[0].split()
            if not words:
                continue
            try:
                self._play(words)
            except AssertionError as error:
                raise AssertionError(f"line {number}: {line.strip()}: {error}") from None
        self._nothing_more()
        return self

    def _play(self, words: list[str]) -> None:
        if words[0] == ">":
            self._expect(_Words(words[1:]))
            return
        self._nothing_more()
        if words[0] == "<":
            segment = _Words(words[1:])
            self._inject(segment)
            if "more" in segment.plain:
                return
        elif words[0] == "fails":
            self._fails(getattr(errno, words[1]), words[2:])
        else:
            self._command(words[0], words[1:])
        self._spoke_at = self.now
        self._drain()

    def _fails(self, number: int, words: list[str]) -> None:
        found = 0
        try:
            self._command(words[0], words[1:])
        except OSError as error:
            found = error.errno or 0
        assert found == number, f"it fails with {errno.errorcode.get(found, 'nothing')}"

    def _command(self, name: str, words: list[str]) -> None:
        if name == "listen":
            backlog = int(words[0]) if words else 128
            self.listener = self.layer.listen(
                self.now, PORT, backlog=backlog, settings=self.settings
            )
        elif name == "connect":
            self.connection = self.layer.connect(
                self.now,
                PEER,
                PEER_PORT,
                binding=self.layer.bind(None, PORT),
                settings=self.settings,
            )
        elif name == "accept":
            assert self.listener is not None
            self.connection = self.listener.accept()
        elif name == "wait":
            self._wait(self.now + duration(words[0]))
        elif name == "quiet":
            self.layer.keep_quiet(self.now + duration(words[0]))
        elif name == "nothing":
            self._drain()
            self._nothing_more()
        elif name == "gone":
            assert not len(self.layer.sockets), list(self.layer.sockets)
            assert self.layer.next_timeout() is None, "a timer is left"
        else:
            self._call(name, words)

    def _call(self, name: str, words: list[str]) -> None:
        connection = self.connection or next(iter(self.layer.sockets))
        if name == "send":
            data = bytes(n % 251 for n in range(int(words[0])))
            taken = connection.send(self.now, data, more="more" in words)
            assert taken == int(words[0]), f"took {taken}"
        elif name == "urgent":
            connection.send(self.now, bytes(int(words[0])), is_urgent=True)
        elif name == "read":
            data = connection.receive(self.now, int(words[1]) if len(words) > 1 else 1 << 20)
            assert len(data) == int(words[0]), f"read {len(data)}"
        elif name == "state":
            assert connection.state.value == words[0], connection.state.value
        else:
            {
                "shutdown": connection.shutdown,
                "close": connection.close,
                "abort": connection.abort,
            }[name](self.now)

    def _inject(self, words: _Words) -> None:
        port = words.number("port", PEER_PORT)
        if "isn" in words.values:
            self.peer_isn = words.number("isn")
        header = Tcp(
            port,
            PORT,
            wrap(self.peer_isn + words.number("seq")),
            wrap(self._isn.get(port, 0) + words.number("ack")) if "ack" in words.values else 0,
            words.flags,
            words.number("win", 65535),
            words.number("urg"),
            self._peer_options(words, port),
        )
        payload = bytes(n % 251 for n in range(words.number("len")))
        ecn = 3 if "ce" in words.plain else 2 if "ect" in words.plain else 0
        self.layer.receive(self.now, PEER, OURS, header, payload, ecn=ecn)

    def _peer_options(self, words: _Words, port: int) -> tuple[Option, ...]:
        options: list[Option] = []
        if "mss" in words.values:
            options.append(MaximumSegmentSize(words.number("mss")))
        if "sackok" in words.plain:
            options.append(SackPermitted())
        if "ts" in words.values:
            echo = words.number("ecr") + (self._first_stamp or 0)
            options.append(Timestamps(words.number("ts"), wrap(echo)))
        if "ws" in words.values:
            options.append(WindowScale(words.number("ws")))
        if "sack" in words.values:
            isn = self._isn[port]
            options.append(Sack(tuple((wrap(isn + a), wrap(isn + b)) for a, b in words.blocks)))
        return tuple(options)

    def _expect(self, words: _Words) -> None:
        if not self._sent and "after" in words.values:
            self._wait_for_segment()
        assert self._sent, "nothing is sent"
        left_at, out = self._sent.popleft()
        header = out.header
        if Flags.SYN in header.flags:
            self._isn[header.destination_port] = header.sequence
        found = self._facts(out)
        if "PSH" not in words.plain:
            found["flags"] = header.flags & ~Flags.PSH
        wanted = words.facts()
        if "after" in words.values:
            wanted["after"], found["after"] = (
                duration(words.values["after"]),
                (left_at - self._spoke_at),
            )
        differing = {name: found.get(name) for name in wanted if wanted[name] != found.get(name)}
        assert not differing, f"is sent with {differing}: {header}"

    def _facts(self, out: Outgoing) -> dict[str, object]:
        header, port = out.header, out.header.destination_port
        isn = self._isn.get(port, 0)
        scale, mss = header.option(WindowScale), header.option(MaximumSegmentSize)
        stamps, sack = header.option(Timestamps), header.option(Sack)
        if stamps is not None and self._first_stamp is None:
            self._first_stamp = stamps.value
        peer_isn = self.peer_isn
        return {
            "flags": header.flags,
            "seq": unwrap(header.sequence, isn) - isn,
            "ack": unwrap(header.acknowledgment, peer_isn) - peer_isn,
            "len": len(out.payload),
            "win": header.window,
            "urg": header.urgent_pointer,
            "options": len(header.options),
            "mss": mss.size if mss else None,
            "ws": scale.shift if scale else None,
            "sackok": header.option(SackPermitted) is not None,
            "notime": stamps is None,
            "nopush": Flags.PSH not in header.flags,
            "ts": wrap(stamps.value - (self._first_stamp or 0)) if stamps else None,
            "ecr": stamps.echo_reply if stamps else None,
            "sack": [
                (unwrap(a, peer_isn) - peer_isn, unwrap(b, peer_isn) - peer_isn)
                for a, b in (sack.blocks if sack else ())
            ],
            "ect": out.ecn == 2,
            "port": port,
        }

    def _drain(self) -> None:
        while out := self.layer.to_send(self.now):
            self._sent.extend((self.now, each) for each in out)
        while event := self.layer.next_event():
            self.events.append(event)

    def _wait(self, until: int) -> None:
        while not self._sent and (due := self.layer.next_timeout()) is not None and due <= until:
            self._expire(due)
        if not self._sent:
            self.now = until

    def _wait_for_segment(self) -> None:
        limit = self.now + _WEEK
        while not self._sent and (due := self.layer.next_timeout()) is not None and due < limit:
            self._expire(due)

    def _expire(self, due: int) -> None:
        self.now = max(self.now, due)
        self.layer.handle_timeout(self.now)
        self._drain()

    def _nothing_more(self) -> None:
        assert not self._sent, f"unexpected: {[out.header for _, out in self._sent]}"


class _Words:
    def __init__(self, words: list[str]) -> None:
        self.plain = frozenset(word for word in words if "=" not in word)
        self.values = dict(word.split("=", 1) for word in words if "=" in word)
        unknown = self.plain - {*_FLAGS, "sackok", "notime", "nopush", "ce", "ect", "more"}
        if unknown:
            raise ValueError(f"not words of a dialogue: {sorted(unknown)}")

    def number(self, key: str, default: int = 0) -> int:
        return int(self.values.get(key, default))

    @property
    def flags(self) -> Flags:
        return FLAGS[sum(int(Flags[word]) for word in self.plain if word in _FLAGS)]

    @property
    def blocks(self) -> list[tuple[int, int]]:
        pairs = self.values["sack"].split(",") if self.values["sack"] else []
        return [(int(a), int(b)) for a, b in (pair.split(":") for pair in pairs)]

    def facts(self) -> dict[str, object]:
        facts: dict[str, object] = {
            key: int(value) for key, value in self.values.items() if key not in {"sack", "after"}
        }
        if "sack" in self.values:
            facts["sack"] = self.blocks
        for word in self.plain - set(_FLAGS):
            facts[word] = True
        return facts | {"flags": self.flags}


def duration(text: str) -> int:
    """Nanoseconds of ``40ms``; ValueError for what is none."""
    match = re.fullmatch(r"([\d.]+)([a-z]+)", text)
    if match is None or match[2] not in _UNITS:
        raise ValueError(f"not a duration: {text}")
    return round(float(match[1]) * _UNITS[match[2]])
