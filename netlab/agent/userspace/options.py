"""Socket options on our stack: set as a request says, and read back as Linux keeps them."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from netlab.agent.channel import Message
from netlab.stack.failure import failure
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.tcp.congestion_control import ALGORITHMS
from netlab.stack.tcp.delayed_ack import Acks
from netlab.stack.tcp.profile import Profile
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.stack.udp.settings import UdpSettings
from netlab.stack.units import SECOND

#: net.core.wmem_max and rmem_max of Linux, and the least that it makes a buffer.
_MOST_BUFFER = 212_992
_LEAST_SEND_BUFFER, _LEAST_RECEIVE_BUFFER = 4608, 2304
#: What Linux takes (tcp(7)): sizes of segments, and each time and count of keepalive.
_SEGMENTS = range(88, 32_768)
_TIMES, _PROBES = range(1, 32_768), range(1, 128)
_HOPS = range(1, 256)

_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class _Option(Generic[_Kept]):
    """``fields`` of the settings for a value, and the value as Linux shows it."""

    fields: Callable[[Any], dict[str, Any]]
    shown: Callable[[_Kept], Any]


@dataclass(frozen=True, slots=True)
class _OfStream:
    """``settings``, and the ``profile`` that says what None in them is."""

    settings: Settings
    profile: Profile


def stream_fields(options: Message) -> dict[str, Any]:
    """Fields of Settings; OSError as setsockopt(2) gives it."""
    return _fields(_OF_STREAMS, options)


def kept_by_stream(settings: Settings, profile: Profile, options: Message) -> Message:
    return _shown(_OF_STREAMS, _OfStream(settings, profile), options)


def apply_to_datagrams(settings: UdpSettings, options: Message) -> None:
    """OSError as setsockopt(2) gives it, ENOPROTOOPT for an option of TCP."""
    for name, value in _fields(_OF_DATAGRAMS, options).items():
        setattr(settings, name, value)


def kept_by_datagrams(settings: UdpSettings, options: Message) -> Message:
    return _shown(_OF_DATAGRAMS, settings, options)


def _asked(options: Message) -> Message:
    """Without what is left as it is; how to acknowledge is not read back, nor UDP's to say."""
    return {name: value for name, value in options.items() if value is not None and name != "acks"}


def _fields(table: dict[str, _Option[_Kept]], options: Message) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in _asked(options).items():
        if name not in table:
            raise failure(errno.ENOPROTOOPT)
        fields |= table[name].fields(value)
    if table is _OF_STREAMS and options.get("acks", "default") != "default":
        fields["acks"] = Acks(options["acks"])
    return fields


def _shown(table: dict[str, _Option[_Kept]], kept: _Kept, options: Message) -> Message:
    return {name: table[name].shown(kept) for name in _asked(options)}


def _within(value: int, allowed: range) -> int:
    if value not in allowed:
        raise failure(errno.EINVAL)
    return value


def _congestion(name: str) -> dict[str, Any]:
    if name not in ALGORITHMS:
        raise failure(errno.ENOENT)
    return {"congestion": name}


def _keepalive(wanted: Message) -> dict[str, Any]:
    if not wanted["on"]:
        return {"keepalive": None}

    def time(name: str) -> int | None:
        value = wanted[name]
        return None if value is None else _within(value, _TIMES) * SECOND

    count = wanted["count"]
    if count is not None:
        _within(count, _PROBES)
    return {"keepalive": Keepalive(time("idle"), time("interval"), count)}


def _keepalive_shown(kept: _OfStream) -> Message:
    wish, profile = kept.settings.keepalive or Keepalive(), kept.profile
    return {
        "on": kept.settings.keepalive is not None,
        "idle": (wish.idle or profile.keepalive_idle) // SECOND,
        "interval": (wish.interval or profile.keepalive_interval) // SECOND,
        "count": wish.count or profile.keepalive_count,
    }


def _linger(seconds: int | str) -> dict[str, Any]:
    return {"linger": None if seconds == "off" else int(seconds) * SECOND}


def _linger_shown(kept: _OfStream) -> int | str:
    linger = kept.settings.linger
    return "off" if linger is None else linger // SECOND


def _buffer(size: int, least: int) -> int:
    """What Linux makes of it: twice as much, for its own records of the data count, too."""
    return max(2 * min(size, _MOST_BUFFER), least)


def _flag(name: str) -> _Option[_OfStream]:
    """An option that is the field of the same name."""
    return _Option(
        lambda value: {name: bool(value)}, lambda kept: bool(getattr(kept.settings, name))
    )


def _flag_of_datagrams(name: str) -> _Option[UdpSettings]:
    return _Option(lambda value: {name: bool(value)}, lambda kept: bool(getattr(kept, name)))


_OF_STREAMS: dict[str, _Option[_OfStream]] = {
    "mss": _Option(
        lambda value: {"max_segment": _within(value, _SEGMENTS)},
        lambda kept: kept.settings.max_segment,
    ),
    "congestion": _Option(_congestion, lambda kept: kept.settings.congestion),
    # Only the data counts here, so that the half of it is as much as Linux takes.
    "send_buffer": _Option(
        lambda value: {"send_buffer": _buffer(value, _LEAST_SEND_BUFFER) // 2},
        lambda kept: 2 * (kept.settings.send_buffer or 0),
    ),
    "receive_buffer": _Option(
        lambda value: {"receive_buffer": _buffer(value, _LEAST_RECEIVE_BUFFER) // 2},
        lambda kept: 2 * (kept.settings.receive_buffer or 0),
    ),
    "path_mtu_discovery": _Option(
        lambda value: {"path_mtu_discovery": PathMtuDiscovery(value)},
        lambda kept: kept.settings.path_mtu_discovery.value,
    ),
    "linger": _Option(_linger, _linger_shown),
    "nodelay": _flag("nodelay"),
    "keepalive": _Option(_keepalive, _keepalive_shown),
    "user_timeout": _Option(
        lambda seconds: {"user_timeout": round(seconds * SECOND) or None},
        lambda kept: (kept.settings.user_timeout or 0) / SECOND,
    ),
    "reuse_address": _flag("reuse_address"),
    "reuse_port": _flag("reuse_port"),
    "ttl": _Option(
        lambda value: {"hop_limit": _within(value, _HOPS)}, lambda kept: kept.settings.hop_limit
    ),
    # The ECN field is TCP's own (RFC 3168).
    "tos": _Option(lambda value: {"dscp": value >> 2}, lambda kept: kept.settings.dscp << 2),
    "urgent_inline": _flag("urgent_inline"),
}

_OF_DATAGRAMS: dict[str, _Option[UdpSettings]] = {
    "send_buffer": _Option(
        lambda value: {"send_buffer": _buffer(value, _LEAST_SEND_BUFFER)},
        lambda kept: kept.send_buffer,
    ),
    "receive_buffer": _Option(
        lambda value: {"receive_buffer": _buffer(value, _LEAST_RECEIVE_BUFFER)},
        lambda kept: kept.receive_buffer,
    ),
    "path_mtu_discovery": _Option(
        lambda value: {"path_mtu_discovery": PathMtuDiscovery(value)},
        lambda kept: kept.path_mtu_discovery.value,
    ),
    "reuse_address": _flag_of_datagrams("reuse_address"),
    "reuse_port": _flag_of_datagrams("reuse_port"),
    "ttl": _Option(lambda value: {"hop_limit": _within(value, _HOPS)}, lambda kept: kept.hop_limit),
    "tos": _Option(lambda value: {"traffic_class": value}, lambda kept: kept.traffic_class),
    "checksum": _flag_of_datagrams("checksum"),
}
