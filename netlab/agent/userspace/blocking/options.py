"""Options of setsockopt(2) and getsockopt(2) for blocking programs, by level and number.

What they mean is in netlab.agent.userspace.options; here is how programs write them.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from netlab.agent.userspace import options
from netlab.agent.userspace.blocking.process import End
from netlab.agent.userspace.blocking.tcp import TcpEnd
from netlab.agent.userspace.blocking.udp import UdpEnd
from netlab.stack.failure import failure
from netlab.stack.tcp.options import DEFAULT_MSS
from netlab.stack.tcp.profile import Profile

Value: TypeAlias = int | bytes

_LINGER = struct.Struct("ii")
_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class _Option:
    """``name`` is that of a field of SocketOptions; ``read`` and ``write`` are of its values."""

    name: str
    read: Callable[[Value], Any] = int
    write: Callable[[Any], Value] = int


def _bytes(value: Value) -> bytes:
    if isinstance(value, int):
        raise failure(errno.EINVAL)
    return value


def _linger(value: Value) -> int | str:
    data = _bytes(value)
    if len(data) < _LINGER.size:
        raise failure(errno.EINVAL)
    is_on, seconds = _LINGER.unpack_from(data)
    return seconds if is_on else "off"


def _linger_shown(value: int | str) -> bytes:
    return _LINGER.pack(0, 0) if isinstance(value, str) else _LINGER.pack(1, value)


def _known(table: dict[tuple[str, str], Any]) -> dict[tuple[int, int], Any]:
    """Those that this system's socket module has names for."""
    return {
        (getattr(socket, level), getattr(socket, name)): each
        for (level, name), each in table.items()
        if hasattr(socket, level) and hasattr(socket, name)
    }


_OPTIONS: dict[tuple[int, int], _Option] = _known(
    {
        ("SOL_SOCKET", "SO_REUSEADDR"): _Option("reuse_address"),
        ("SOL_SOCKET", "SO_REUSEPORT"): _Option("reuse_port"),
        ("SOL_SOCKET", "SO_SNDBUF"): _Option("send_buffer"),
        ("SOL_SOCKET", "SO_RCVBUF"): _Option("receive_buffer"),
        ("SOL_SOCKET", "SO_LINGER"): _Option("linger", _linger, _linger_shown),
        ("SOL_SOCKET", "SO_OOBINLINE"): _Option("urgent_inline"),
        ("IPPROTO_TCP", "TCP_NODELAY"): _Option("nodelay"),
        ("IPPROTO_TCP", "TCP_MAXSEG"): _Option("mss"),
        ("IPPROTO_TCP", "TCP_CONGESTION"): _Option(
            "congestion", lambda value: _bytes(value).rstrip(b"\0").decode(), str.encode
        ),
        ("IPPROTO_TCP", "TCP_USER_TIMEOUT"): _Option(
            "user_timeout",
            lambda value: int(value) / _MILLISECONDS,
            lambda seconds: round(seconds * _MILLISECONDS),
        ),
        ("IPPROTO_IP", "IP_TTL"): _Option("ttl"),
        ("IPPROTO_IP", "IP_TOS"): _Option("tos"),
        ("IPPROTO_IPV6", "IPV6_UNICAST_HOPS"): _Option("ttl"),
        ("IPPROTO_IPV6", "IPV6_TCLASS"): _Option("tos"),
    }
)

#: Seconds, or a count, of Keepalive.
_KEEPALIVE: dict[tuple[int, int], str] = _known(
    {
        ("IPPROTO_TCP", "TCP_KEEPIDLE"): "idle",
        ("IPPROTO_TCP", "TCP_KEEPINTVL"): "interval",
        ("IPPROTO_TCP", "TCP_KEEPCNT"): "count",
    }
)

#: Of each kind of socket, a field of its settings.
_OF_BOTH: dict[tuple[int, int], str] = _known({("IPPROTO_IPV6", "IPV6_V6ONLY"): "only_v6"})
_OF_DATAGRAMS: dict[tuple[int, int], str] = _known({("SOL_SOCKET", "SO_BROADCAST"): "broadcast"})

_KEEPALIVE_ON = (socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def choose(end: End, level: int, number: int, value: Value) -> None:
    """OSError as setsockopt(2) gives it, ENOPROTOOPT for an option that is not here."""
    key = (level, number)
    if field := _field(end, key):
        end.change(**{field: bool(value)})
    elif isinstance(end, TcpEnd) and (key == _KEEPALIVE_ON or key in _KEEPALIVE):
        end.keepalive[_KEEPALIVE.get(key, "on")] = int(value)
        end.change(**options.stream_fields({"keepalive": end.keepalive}))
    elif key not in _OPTIONS:
        raise _unknown(level, number)
    else:
        option = _OPTIONS[key]
        asked = {option.name: option.read(value)}
        if isinstance(end, TcpEnd):
            end.change(**options.stream_fields(asked))
        else:
            options.apply_to_datagrams(end.settings, asked)


def chosen(end: End, profile: Profile, level: int, number: int) -> Value:
    """OSError as getsockopt(2) gives it."""
    key = (level, number)
    if key in _FACTS:
        return _FACTS[key](end)
    if field := _field(end, key):
        return int(getattr(end.settings, field))
    if isinstance(end, TcpEnd):
        return _of_stream(end, profile, key)
    if key not in _OPTIONS:
        raise _unknown(level, number)
    option = _OPTIONS[key]
    kept = options.kept_by_datagrams(end.settings, {option.name: True})[option.name]
    return option.write(profile.hop_limit if kept is None else kept)


def _of_stream(end: TcpEnd, profile: Profile, key: tuple[int, int]) -> Value:
    if key == _KEEPALIVE_ON or key in _KEEPALIVE:
        name = _KEEPALIVE.get(key, "on")
        kept = options.kept_by_stream(end.settings, profile, {"keepalive": True})["keepalive"]
        return int(end.keepalive[name] or kept[name])
    if key not in _OPTIONS:
        raise _unknown(*key)
    option = _OPTIONS[key]
    usual = {
        "congestion": profile.congestion,
        "send_buffer": 2 * profile.send_buffer,
        "receive_buffer": 2 * profile.receive_buffer,
        "ttl": profile.hop_limit,
        "mss": DEFAULT_MSS[16 if end.v6 else 4],
    }
    if option.name == "mss" and end.mss is not None:
        return end.mss
    kept = options.kept_by_stream(end.settings, profile, {option.name: True})[option.name]
    return option.write(usual[option.name] if option.name in usual and not kept else kept)


def _field(end: End, key: tuple[int, int]) -> str | None:
    if key in _OF_BOTH and end.v6:
        return _OF_BOTH[key]
    return _OF_DATAGRAMS.get(key) if isinstance(end, UdpEnd) else None


def _unknown(level: int, number: int) -> OSError:
    return OSError(errno.ENOPROTOOPT, f"netlab's stack has no option {number} of level {level}")


#: What nobody chooses.
_FACTS: dict[tuple[int, int], Callable[[End], int]] = _known(
    {
        ("SOL_SOCKET", "SO_ERROR"): lambda end: end.take_error(),
        ("SOL_SOCKET", "SO_TYPE"): lambda end: int(end.kind),
        ("SOL_SOCKET", "SO_ACCEPTCONN"): lambda end: int(end.is_listening),
    }
)
