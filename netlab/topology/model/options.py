"""The socket options that services and clients share."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import PlainValidator, WithJsonSchema, model_validator

from netlab.topology import units
from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import Model, ShortForm, in_words, refuse
from netlab.topology.model.fields import (
    Congestion,
    Duration,
    Flag,
    Mss,
    Size,
    whole_number,
    word_of,
)
from netlab.topology.options import LACKING, Acks, Keepalive, PathMtuDiscovery, SocketOptions

#: RFC 2474, 2597, 3246, 5865 and 8622.
CODE_POINTS = {
    **{f"cs{number}": number << 3 for number in range(8)},
    **{f"af{one}{two}": one << 3 | two << 1 for one in range(1, 5) for two in range(1, 4)},
    "ef": 46,
    "va": 44,
    "le": 1,
}
#: RFC 3168 section 5.
ECN = {"not-ect": 0, "ect1": 1, "ect0": 2, "ce": 3}


def _whole_seconds(value: Any) -> int:
    seconds = units.duration(value)
    if seconds != int(seconds):
        raise ValueError(f"the kernel takes whole seconds here, not {shown(value)}")
    return int(seconds)


def _interval(value: Any) -> int:
    seconds = _whole_seconds(value)
    if not 1 <= seconds <= 32767:
        raise ValueError(f"the kernel takes 1s to 32767s here, not {shown(value)}")
    return seconds


def _linger(value: Any) -> int | str:
    return "off" if value == "off" else _whole_seconds(value)


def _code_point(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 63:
        return value
    if value not in CODE_POINTS:
        near = did_you_mean(value, CODE_POINTS) if isinstance(value, str) else ""
        advice = f" ({near})" if near else ""
        raise ValueError(
            f"a DSCP is 0 to 63 or a name such as ef or af11, not {shown(value)}{advice}"
        )
    return CODE_POINTS[value]


def _discovery(value: Any) -> PathMtuDiscovery:
    if isinstance(value, bool):
        return PathMtuDiscovery.DO if value else PathMtuDiscovery.DONT
    if value not in tuple(PathMtuDiscovery):
        raise ValueError(f"takes {one_of(PathMtuDiscovery)}, true or false, not {shown(value)}")
    return PathMtuDiscovery(value)


def _switch(value: Any) -> Any:
    return {"on": value} if isinstance(value, bool) else value


def _annotated(parse: Any, schema: dict[str, Any]) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(in_words(parse)), WithJsonSchema(schema)


_SECONDS_SCHEMA = {"type": "string", "pattern": units.DURATION_PATTERN, "examples": ["2s"]}
_LINGER_SCHEMA = {"anyOf": [{"const": "off"}, _SECONDS_SCHEMA]}
_DSCP_SCHEMA = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": 63}, {"enum": list(CODE_POINTS)}]
}
_DISCOVERY_SCHEMA = {"anyOf": [{"type": "boolean"}, {"enum": list(PathMtuDiscovery)}]}

Seconds = Annotated[int, *_annotated(_interval, _SECONDS_SCHEMA)]


class KeepaliveModel(Model):
    on: Flag = True

    idle: Seconds | None = None
    """How long the connection is silent before the first probe (TCP_KEEPIDLE)."""

    interval: Seconds | None = None
    """Time between probes (TCP_KEEPINTVL)."""

    count: Annotated[int, *whole_number(1, 127, "a count of probes")] | None = None
    """How many probes may stay without an answer (TCP_KEEPCNT)."""


class Options(Model):
    mss: Mss | None = None
    """The largest segment that the socket announces and sends, in bytes (TCP_MAXSEG)."""

    congestion: Congestion | None = None
    """The socket's congestion control."""

    acks: Annotated[str, *word_of(tuple(Acks), "'acks'")] = "default"
    """How the socket acknowledges: as the kernel likes, at once, or delayed."""

    send_buffer: Size | None = None
    """SO_SNDBUF. Linux reserves twice as much."""

    receive_buffer: Size | None = None
    """SO_RCVBUF. Linux reserves twice as much."""

    path_mtu_discovery: (
        Annotated[PathMtuDiscovery, *_annotated(_discovery, _DISCOVERY_SCHEMA)] | None
    ) = None
    """``do`` (or true) sets DF, ``dont`` (or false) lets packets be fragmented; ``want``, ``probe``
    as in ip(7)."""

    linger: Annotated[int | Literal["off"], *_annotated(_linger, _LINGER_SCHEMA)] | None = None
    """SO_LINGER in whole seconds: 0s resets the connection when it is closed."""

    nodelay: Flag | None = None
    """Small segments do not wait for the ACK of others (TCP_NODELAY)."""

    keepalive: Annotated[KeepaliveModel, ShortForm({"type": "boolean"}, _switch)] | None = None
    """Probe a silent peer: true, false, or ``{idle: 1s, interval: 1s, count: 3}``."""

    user_timeout: Duration | None = None
    """How long data may stay unacknowledged (TCP_USER_TIMEOUT, RFC 5482)."""

    reuse_address: Flag | None = None
    """SO_REUSEADDR. Servers and clients with a port of their own set it anyway."""

    reuse_port: Flag | None = None
    """SO_REUSEPORT."""

    ttl: Annotated[int, *whole_number(1, 255, "a TTL")] | None = None
    """IPv4's TTL and IPv6's hop limit."""

    dscp: Annotated[int, *_annotated(_code_point, _DSCP_SCHEMA)] | None = None
    """The DSCP of what is sent: 0 to 63, or a name such as ef, af11 or cs1."""

    ecn: Annotated[str, *word_of(ECN, "'ecn'")] | None = None
    """The ECN field of what is sent; TCP keeps that to itself."""

    tos: Annotated[int, *whole_number(0, 255, "a TOS")] | None = None
    """DSCP and ECN as one byte, instead of ``dscp`` and ``ecn``."""

    urgent_inline: Flag | None = None
    """The urgent byte stays in the stream (SO_OOBINLINE)."""

    checksum: Flag | None = None
    """False sends datagrams without a checksum (SO_NO_CHECK), which over IPv6 only tunnels may
    (RFC 6935)."""

    @model_validator(mode="after")
    def _one_tos(self) -> Self:
        if self.tos is not None and {self.dscp, self.ecn} != {None}:
            raise refuse("'tos' is 'dscp' and 'ecn' together: write either", at="tos")
        return self

    def lacking(self, transport: str) -> tuple[str, ...]:
        """The options given that ``transport`` does not have."""
        return tuple(key for key in LACKING[transport] if key in self.model_fields_set)

    def socket_options(self, transport: str) -> SocketOptions:
        """Without what ``transport`` does not have."""
        chosen: dict[str, Any] = {
            "mss": self.mss,
            "congestion": self.congestion,
            "acks": Acks(self.acks),
            "send_buffer": self.send_buffer,
            "receive_buffer": self.receive_buffer,
            "path_mtu_discovery": self.path_mtu_discovery,
            "linger": self.linger,
            "nodelay": self.nodelay,
            "keepalive": Keepalive(**self.keepalive.model_dump()) if self.keepalive else None,
            "user_timeout": self.user_timeout,
            "reuse_address": self.reuse_address,
            "reuse_port": self.reuse_port,
            "ttl": self.ttl,
            "tos": self._tos(),
            "urgent_inline": self.urgent_inline,
            "checksum": self.checksum,
        }
        has = {key: value for key, value in chosen.items() if key not in LACKING[transport]}
        return SocketOptions(**has)

    def _tos(self) -> int | None:
        if self.dscp is None and self.ecn is None:
            return self.tos
        return (self.dscp or 0) << 2 | (ECN[self.ecn] if self.ecn else 0)
