"""The modules of the standard library that wait, as programs on our stack have them."""

from __future__ import annotations

import asyncio
import select
import selectors
import socket
import threading
import time
from types import FunctionType, ModuleType
from typing import Any

from netlab import clock
from netlab.agent.userspace.blocking import selecting, threads
from netlab.agent.userspace.blocking.names import Info, SocketAddress
from netlab.agent.userspace.blocking.process import here
from netlab.agent.userspace.blocking.sockets import Socket
from netlab.stack.units import SECOND

#: Functions of these modules that neither wait nor ask the kernel for anything of the network's.
_HARMLESS = {
    "socket": (
        "htonl htons ntohl ntohs inet_aton inet_ntoa inet_pton inet_ntop has_ipv6 SocketIO"
        " error timeout gaierror herror AddressFamily SocketKind MsgFlag AddressInfo"
        " _GLOBAL_DEFAULT_TIMEOUT"
    ),
    "threading": "current_thread get_ident get_native_id main_thread local excepthook TIMEOUT_MAX",
    "time": "mktime struct_time strptime timezone altzone daylight tzname asctime",
    "selectors": "EVENT_READ EVENT_WRITE BaseSelector SelectorKey",
    "select": "error",
}


def _getaddrinfo(*arguments: Any, **named: Any) -> list[Info]:
    return here().process.names.info(*arguments, **named)


def _gethostbyname(hostname: str) -> str:
    return here().process.names.addresses(hostname, socket.AF_INET)[0]


def _gethostbyaddr(ip_address: str) -> tuple[str, list[str], list[str]]:
    return here().process.names.by_address(ip_address)


def _gethostname() -> str:
    return here().process.names.own


def _getnameinfo(sockaddr: SocketAddress, flags: int) -> tuple[str, str]:
    return here().process.names.shown(sockaddr, flags)


def _sleep(seconds: float) -> None:
    here().wait(asyncio.sleep(seconds))


def _seconds() -> float:
    return clock.now() / SECOND


def _elapsed_seconds() -> float:
    return clock.elapsed() / SECOND


def _localtime(seconds: float | None = None) -> time.struct_time:
    return time.localtime(_seconds() if seconds is None else seconds)


def _gmtime(seconds: float | None = None) -> time.struct_time:
    return time.gmtime(_seconds() if seconds is None else seconds)


_SOCKET: dict[str, Any] = {
    "socket": Socket,
    "SocketType": Socket,
    "getaddrinfo": _getaddrinfo,
    "gethostbyname": _gethostbyname,
    "gethostbyaddr": _gethostbyaddr,
    "gethostname": _gethostname,
    "getnameinfo": _getnameinfo,
    "getdefaulttimeout": lambda: None,
}


def _over_ours(function: FunctionType) -> FunctionType:
    """What the socket module makes of sockets, made of ours."""
    made = FunctionType(function.__code__, _NAMESPACE, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


_NAMESPACE: dict[str, Any] = {**vars(socket), **_SOCKET}
for _name in ("has_dualstack_ipv6", "create_connection", "create_server", "getfqdn"):
    _SOCKET[_name] = _NAMESPACE[_name] = _over_ours(getattr(socket, _name))

OURS: dict[ModuleType, dict[str, Any]] = {
    socket: _SOCKET,
    threading: {"Thread": threads.Thread, "Event": threads.Event, "Lock": threads.Lock},
    time: {
        "sleep": _sleep,
        "time": _seconds,
        "time_ns": clock.now,
        "monotonic": _elapsed_seconds,
        "monotonic_ns": clock.elapsed,
        "perf_counter": _elapsed_seconds,
        "perf_counter_ns": clock.elapsed,
        "localtime": _localtime,
        "gmtime": _gmtime,
    },
    select: {"select": selecting.select},
    selectors: {
        name: selecting.Selector
        for name in ("DefaultSelector", "SelectSelector", "PollSelector", "EpollSelector")
        if hasattr(selectors, name)
    },
}


def ours(module: ModuleType, name: str) -> Any:
    """What a program on our stack has of that name; AttributeError when it may not have it."""
    if name in OURS[module]:
        return OURS[module][name]
    found = getattr(module, name)
    if _is_constant(name, found) or name in _HARMLESS[module.__name__].split():
        return found
    raise AttributeError(
        f"{module.__name__}.{name} is the kernel's: a program on netlab's stack has"
        f" {', '.join(sorted(OURS[module]))}, and constants"
    )


def _is_constant(name: str, value: object) -> bool:
    return name.isupper() and not callable(value)
