"""The ``net.*`` settings of Linux that this stack has, and what each sets on a host."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from netlab.stack.host import Host
from netlab.stack.ip.switch import Switch
from netlab.stack.tcp.congestion_control import ALGORITHMS
from netlab.stack.tcp.profile import PROFILES, Cookies, PathProbing, SynOption
from netlab.stack.units import SECOND
from netlab.words import did_you_mean

#: Of ``conf.NAME``: a setting for all interfaces.
_ALL = "all"
_PORTS = 65535
#: Attempts, and whole numbers of bytes or of connections.
_ATTEMPTS, _MOST = 255, 2**31 - 1


@dataclass(frozen=True, slots=True)
class Setting:
    """``parse`` makes a value of the text or raises ValueError, which ends ``KEY takes``.

    ``put`` has the host, the value, and of ``conf.NAME`` the name.
    """

    parse: Callable[[str], Any]
    put: Callable[[Host, Any, str], None]


def apply(host: Host, key: str, value: str) -> None:
    """ValueError, in words: the key, the value or the interface is not known."""
    setting, name = _found(key)
    if name not in {"", _ALL, *host.ip.interfaces}:
        raise ValueError(f"{key}: there is no interface {name}")
    setting.put(host, _parsed(setting, key, value), name)


def wrong(settings: Iterable[tuple[str, str]], interfaces: Iterable[str]) -> Iterator[str]:
    """What ``apply`` would say of settings, one after the other, of a host with interfaces."""
    host = Host(Random(0))  # noqa: S311 - nothing is sent
    for number, name in enumerate(interfaces):
        host.ip.add_interface(0, name, number.to_bytes(6, "big"))
    for key, value in settings:
        try:
            apply(host, key, value)
        except ValueError as error:
            yield str(error)


def _found(key: str) -> tuple[Setting, str]:
    head, separator, rest = key.partition(".conf.")
    name, _, word = rest.partition(".")
    known = f"{head}.conf.{'all' if name == _ALL else 'IF'}.{word}" if separator else key
    setting = SETTINGS.get(known)
    if setting is None:
        meant = did_you_mean(_last(key), map(_last, SETTINGS))
        raise ValueError(f"it has no {key}; {meant or 'docs/stack.md lists what it has'}")
    return setting, name


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def _parsed(setting: Setting, key: str, value: str) -> Any:
    try:
        return setting.parse(value)
    except ValueError as error:
        raise ValueError(f"{key} takes {error}, not {value}") from None


# Values.


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if text.isdecimal() and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"a number from {least} to {most}")

    return parse


def _one_of(*values: Any) -> Callable[[str], Any]:
    """What each number means, from 0 on."""

    def parse(text: str) -> Any:
        if text.isdecimal() and int(text) < len(values):
            return values[int(text)]
        raise ValueError(f"a number from 0 to {len(values) - 1}")

    return parse


_flag = _one_of(False, True)


def _algorithm(text: str) -> str:
    if text in ALGORITHMS:
        return text
    raise ValueError(" or ".join(sorted(ALGORITHMS)))


def _port_range(text: str) -> range:
    words = text.split()
    if len(words) == 2 and all(word.isdecimal() for word in words):
        first, last = map(int, words)
        if 1 <= first <= last <= _PORTS:
            return range(first, last + 1)
    raise ValueError(f"the first and the last of the ports from 1 to {_PORTS}")


# What they set.


def _of_tcp(field: str, unit: int = 1) -> Callable[[Host, Any, str], None]:
    """A field of the profile; connections that are there keep theirs."""

    def put(host: Host, value: Any, _: str) -> None:
        number = value if unit == 1 else value * unit
        host.tcp.profile = replace(host.tcp.profile, **{field: number})

    return put


def _option(option: SynOption) -> Setting:
    """One that is switched on again has the place that the system gives it."""

    def put(host: Host, is_on: bool, _: str) -> None:
        profile = host.tcp.profile
        wanted = {*profile.syn_options, option} if is_on else {*profile.syn_options} - {option}
        order = PROFILES[profile.name].syn_options
        host.tcp.profile = replace(
            profile, syn_options=tuple(each for each in order if each in wanted)
        )

    return Setting(_flag, put)


def _ecn(host: Host, value: int, _: str) -> None:
    host.tcp.profile = replace(host.tcp.profile, offers_ecn=value == 1, accepts_ecn=value > 0)


def _early_retransmit(host: Host, value: int, _: str) -> None:
    """Of what it once chose, loss probes are left: 3 and 4 ask for them."""
    profile = host.tcp.profile
    recovery = replace(profile.recovery, loss_probes=value >= 3)
    host.tcp.profile = replace(profile, recovery=recovery)


def _ephemeral(host: Host, ports: range, _: str) -> None:
    if ports.start < host.ports.unprivileged_from:
        raise ValueError(
            f"net.ipv4.ip_local_port_range begins at {ports.start}, below"
            f" net.ipv4.ip_unprivileged_port_start, which is {host.ports.unprivileged_from}"
        )
    host.ports.ephemeral = ports


def _unprivileged(host: Host, port: int, _: str) -> None:
    if port > host.ports.ephemeral.start:
        raise ValueError(
            f"net.ipv4.ip_unprivileged_port_start is {port}, above the first port of"
            f" net.ipv4.ip_local_port_range, which is {host.ports.ephemeral.start}"
        )
    host.ports.unprivileged_from = port


def _fragments_time(version: int) -> Setting:
    def put(host: Host, seconds: int, _: str) -> None:
        host.ip.reassembly[version].timeout = seconds * SECOND

    return Setting(_number(0, _MOST), put)


def _fragments_limit(version: int) -> Setting:
    def put(host: Host, size: int, _: str) -> None:
        host.ip.reassembly[version].memory_limit = size

    return Setting(_number(0, _MOST), put)


def _nothing(_host: Host, _value: int, _name: str) -> None:
    """As in Linux since 4.17, which still has the key."""


def _switch(of: Callable[[Host], Switch]) -> Setting:
    def put(host: Host, is_on: bool, name: str) -> None:
        if name == _ALL:
            of(host).everywhere = is_on
        else:
            of(host).set(name, is_on=is_on)

    return Setting(_flag, put)


def _accept_ra(host: Host, value: int, name: str) -> None:
    """Who forwards takes none, unless it is 2."""
    least = 2 if host.ip.is_router else 1
    host.ip.interfaces[name].accepts_advertisements = value >= least


_DAD = _switch(lambda host: host.ip.routers.probes)
_REDIRECTS_V4 = _switch(lambda host: host.ip.redirects.accepted[4])
_SENT_REDIRECTS = _switch(lambda host: host.ip.redirects.sent[4])

#: By their keys; ``IF`` is any interface.
SETTINGS = {
    "net.ipv4.conf.IF.accept_redirects": _REDIRECTS_V4,
    "net.ipv4.conf.IF.send_redirects": _SENT_REDIRECTS,
    "net.ipv4.conf.all.accept_redirects": _REDIRECTS_V4,
    "net.ipv4.conf.all.send_redirects": _SENT_REDIRECTS,
    "net.ipv4.ip_local_port_range": Setting(_port_range, _ephemeral),
    "net.ipv4.ip_unprivileged_port_start": Setting(_number(0, _PORTS), _unprivileged),
    "net.ipv4.ipfrag_high_thresh": _fragments_limit(4),
    "net.ipv4.ipfrag_low_thresh": Setting(_number(0, _MOST), _nothing),
    "net.ipv4.ipfrag_time": _fragments_time(4),
    "net.ipv4.tcp_base_mss": Setting(_number(48, _PORTS), _of_tcp("base_mss")),
    "net.ipv4.tcp_congestion_control": Setting(_algorithm, _of_tcp("congestion")),
    "net.ipv4.tcp_early_retrans": Setting(_number(0, 4), _early_retransmit),
    "net.ipv4.tcp_ecn": Setting(_number(0, 2), _ecn),
    "net.ipv4.tcp_fin_timeout": Setting(_number(0, _MOST), _of_tcp("fin_wait_2", SECOND)),
    "net.ipv4.tcp_keepalive_intvl": Setting(
        _number(1, 32767), _of_tcp("keepalive_interval", SECOND)
    ),
    "net.ipv4.tcp_keepalive_probes": Setting(_number(1, _ATTEMPTS), _of_tcp("keepalive_count")),
    "net.ipv4.tcp_keepalive_time": Setting(_number(1, 32767), _of_tcp("keepalive_idle", SECOND)),
    "net.ipv4.tcp_max_syn_backlog": Setting(_number(0, _MOST), _of_tcp("syn_backlog")),
    "net.ipv4.tcp_max_tw_buckets": Setting(_number(0, _MOST), _of_tcp("time_waits")),
    "net.ipv4.tcp_mtu_probing": Setting(_one_of(*PathProbing), _of_tcp("path_probing")),
    "net.ipv4.tcp_retries1": Setting(_number(0, _ATTEMPTS), _of_tcp("doubts")),
    "net.ipv4.tcp_retries2": Setting(_number(0, _ATTEMPTS), _of_tcp("retries")),
    "net.ipv4.tcp_sack": _option(SynOption.SACK_PERMITTED),
    "net.ipv4.tcp_syn_retries": Setting(_number(1, 127), _of_tcp("syn_retries")),
    "net.ipv4.tcp_synack_retries": Setting(_number(0, _ATTEMPTS), _of_tcp("syn_ack_retries")),
    "net.ipv4.tcp_syncookies": Setting(_one_of(*Cookies), _of_tcp("syn_cookies")),
    "net.ipv4.tcp_timestamps": _option(SynOption.TIMESTAMPS),
    "net.ipv4.tcp_window_scaling": _option(SynOption.WINDOW_SCALE),
    "net.ipv6.conf.IF.accept_dad": _DAD,
    "net.ipv6.conf.IF.accept_ra": Setting(_number(0, 2), _accept_ra),
    "net.ipv6.conf.IF.accept_redirects": _switch(lambda host: host.ip.redirects.accepted[6]),
    "net.ipv6.conf.all.accept_dad": _DAD,
    "net.ipv6.ip6frag_high_thresh": _fragments_limit(6),
    "net.ipv6.ip6frag_low_thresh": Setting(_number(0, _MOST), _nothing),
    "net.ipv6.ip6frag_time": _fragments_time(6),
}
