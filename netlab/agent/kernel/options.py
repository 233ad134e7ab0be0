"""Socket options: set as a request says, and read back as the kernel keeps them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

from netlab.agent.channel import Message

#: Linux socket options that the socket module does not name.
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER = 10, 23
SO_NO_CHECK, UDP_NO_CHECK6_TX = 11, 101
_DISCOVERY = {"dont": 0, "want": 1, "do": 2, "probe": 3}
_LINGER = struct.Struct("ii")

Setter = Callable[[socket.socket, Any], None]
Getter = Callable[[socket.socket], Any]


def apply(made: socket.socket, options: Message) -> None:
    """Set what ``options`` (the fields of SocketOptions) names; OSError as the kernel says."""
    for name, value in options.items():
        if value is not None:
            _SETTERS[name](made, value)


def set_acks(made: socket.socket, options: Message) -> None:
    _acks(made, options.get("acks", "default"))


def kept(made: socket.socket, options: Message) -> Message:
    """What the kernel made of ``options``: it doubles buffers, rounds times, caps segments."""
    asked = (name for name, value in options.items() if value is not None and name in _GETTERS)
    return {name: _GETTERS[name](made) for name in asked}


def reset_on_close(made: socket.socket) -> None:
    """Closing sends RST, not FIN (RFC 9293 section 3.10.5, ABORT)."""
    _linger(made, 0)


def lingers(made: socket.socket) -> bool:
    """Whether closing waits until the peer has acknowledged everything (SO_LINGER)."""
    return made.fileno() >= 0 and _linger_kept(made) not in {"off", 0}


def _plain(level: int, option: int) -> tuple[Setter, Getter]:
    """An option that is one int."""
    return (
        lambda made, value: made.setsockopt(level, option, int(value)),
        lambda made: made.getsockopt(level, option),
    )


def _flag(level: int, option: int) -> tuple[Setter, Getter]:
    setter, getter = _plain(level, option)
    return setter, lambda made: bool(getter(made))


def _of_ip(option: int, option6: int) -> tuple[Setter, Getter]:
    """An option of both versions: an IPv6 socket has that of IPv4 for its IPv4-mapped peers.

    A raw one has no such peers.
    """

    def setter(made: socket.socket, value: int) -> None:
        if made.family == socket.AF_INET or made.type != socket.SOCK_RAW:
            made.setsockopt(socket.IPPROTO_IP, option, value)
        if made.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, option6, value)

    def getter(made: socket.socket) -> int:
        if made.family == socket.AF_INET6:
            return made.getsockopt(socket.IPPROTO_IPV6, option6)
        return made.getsockopt(socket.IPPROTO_IP, option)

    return setter, getter


def _acks(made: socket.socket, acks: str) -> None:
    if acks != "default" and made.type == socket.SOCK_STREAM:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, int(acks == "quick"))


def _congestion(made: socket.socket, name: str) -> None:
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, name.encode())


def _congestion_kept(made: socket.socket) -> str:
    name = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
    return name.rstrip(b"\0").decode()


def _linger(made: socket.socket, seconds: int | str) -> None:
    value = (0, 0) if seconds == "off" else (1, int(seconds))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.pack(*value))


def _linger_kept(made: socket.socket) -> int | str:
    raw = made.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.size)
    on, seconds = _LINGER.unpack(raw)
    return int(seconds) if on else "off"


_KEEPALIVE = {
    "idle": socket.TCP_KEEPIDLE,
    "interval": socket.TCP_KEEPINTVL,
    "count": socket.TCP_KEEPCNT,
}


def _keepalive(made: socket.socket, wanted: Message) -> None:
    for name, option in _KEEPALIVE.items():
        if wanted[name] is not None:
            made.setsockopt(socket.IPPROTO_TCP, option, wanted[name])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, wanted["on"])


def _keepalive_kept(made: socket.socket) -> Message:
    on = bool(made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
    times = {name: made.getsockopt(socket.IPPROTO_TCP, o) for name, o in _KEEPALIVE.items()}
    return {"on": on, **times}


def _user_timeout(made: socket.socket, seconds: float) -> None:
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))


def _user_timeout_kept(made: socket.socket) -> float:
    return made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000


def _discovery(made: socket.socket, value: str) -> None:
    _DISCOVER[0](made, _DISCOVERY[value])


def _discovery_kept(made: socket.socket) -> str:
    number = _DISCOVER[1](made)
    return next((name for name, value in _DISCOVERY.items() if value == number), str(number))


def _checksum(made: socket.socket, wanted: bool) -> None:
    made.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, not wanted)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_UDP, UDP_NO_CHECK6_TX, not wanted)


def _checksum_kept(made: socket.socket) -> bool:
    return not made.getsockopt(socket.SOL_SOCKET, SO_NO_CHECK)


_DISCOVER = _of_ip(IP_MTU_DISCOVER, IPV6_MTU_DISCOVER)

_OPTIONS: dict[str, tuple[Setter, Getter]] = {
    "mss": _plain(socket.IPPROTO_TCP, socket.TCP_MAXSEG),
    "congestion": (_congestion, _congestion_kept),
    "send_buffer": _plain(socket.SOL_SOCKET, socket.SO_SNDBUF),
    "receive_buffer": _plain(socket.SOL_SOCKET, socket.SO_RCVBUF),
    "path_mtu_discovery": (_discovery, _discovery_kept),
    "linger": (_linger, _linger_kept),
    "nodelay": _flag(socket.IPPROTO_TCP, socket.TCP_NODELAY),
    "keepalive": (_keepalive, _keepalive_kept),
    "user_timeout": (_user_timeout, _user_timeout_kept),
    "reuse_address": _flag(socket.SOL_SOCKET, socket.SO_REUSEADDR),
    "reuse_port": _flag(socket.SOL_SOCKET, socket.SO_REUSEPORT),
    "ttl": _of_ip(socket.IP_TTL, socket.IPV6_UNICAST_HOPS),
    "tos": _of_ip(socket.IP_TOS, socket.IPV6_TCLASS),
    "urgent_inline": _flag(socket.SOL_SOCKET, socket.SO_OOBINLINE),
    "checksum": (_checksum, _checksum_kept),
}
_SETTERS = {"acks": _acks, **{name: setter for name, (setter, _) in _OPTIONS.items()}}
_GETTERS = {name: getter for name, (_, getter) in _OPTIONS.items()}
