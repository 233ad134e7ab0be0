"""Applies a node's configuration in its namespace, and reads back what the kernel made of it."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from netlab.collect.netlink import NETLINK_ROUTE, NetlinkSocket
from netlab.fabric import carrier
from netlab.fabric.configuration import Configuration, InterfaceSettings, RouteSettings
from netlab.fabric.device import Device
from netlab.wire import rtnetlink
from netlab.wire.address import from_text
from netlab.wire.netlink import Request

#: Seconds; generous, since a busy machine is no error.
_CARRIER_WITHIN = 20.0

_THERE = frozenset({errno.EEXIST})

#: What adding a route comes to when a scenario has removed the address that reached its next hop.
_UNREACHABLE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH})


def prepare(configuration: Configuration) -> list[str]:
    """Set the kernel of this namespace, before it has interfaces; what failed, in words."""
    return [problem for setting in configuration.early for problem in _set_sysctl(*setting)]


def set_congestion_control(configuration: Configuration) -> str | None:
    """Set what programs use by default; the kernel's own default where it refuses, else None.

    Linux lets a namespace choose only among the algorithms that the host allows to all
    (net.ipv4.tcp_allowed_congestion_control); a socket with CAP_NET_ADMIN may choose any.
    """
    path = Path("/proc/sys/net/ipv4/tcp_congestion_control")
    if not configuration.congestion:
        return None
    try:
        path.write_text(configuration.congestion)
    except OSError:
        return path.read_text().strip()
    return None


def apply(configuration: Configuration) -> list[str]:
    """Configure the interfaces; what failed or is not as asked, in words."""
    problems = list(_set_kernel(configuration))
    problems += carry_out(list(_requests(configuration)))
    return problems or list(_differences(configuration))


def finish(configuration: Configuration) -> list[str]:
    """Wait for carriers, then set what is for the time when the whole lab is up.

    What failed, in words.
    """
    names = {each.name for each in configuration.interfaces}
    problems = [f"{name} has no carrier" for name in carrier.wait(names, within=_CARRIER_WITHIN)]
    return problems + [p for setting in configuration.late for p in _set_sysctl(*setting)]


def set_link(configuration: Configuration, name: str, *, up: bool) -> list[str]:
    """Take an interface down or up; what failed, in words.

    Up again, it has the addresses and routes of ``configuration``.
    """
    index = socket.if_nametoindex(name)
    requests = [(f"link {name}", rtnetlink.set_link(index, up=up))]
    if up:
        interface = next(each for each in configuration.interfaces if each.name == name)
        requests += _addresses(interface, index)
    problems = carry_out(requests, fine=_THERE)
    return problems or (restore_routes(configuration, name) if up else [])


def restore_routes(configuration: Configuration, name: str) -> list[str]:
    """Add the routes through ``name`` that are missing and whose next hop can be reached."""
    routes = _routes(configuration, {name: socket.if_nametoindex(name)})
    return carry_out(routes, fine=_THERE | _UNREACHABLE)


def _set_kernel(configuration: Configuration) -> Iterator[str]:
    for key, value in configuration.sysctls:
        yield from _set_sysctl(key, value)
    for interface in configuration.interfaces:
        if not interface.ipv6:
            yield from _set_sysctl(f"net.ipv6.conf.{interface.name}.disable_ipv6", "1")
        if interface.wire:
            with Device(interface.name) as device:
                yield from (f"{interface.name}: {refusal}" for refusal in device.disable_offloads())


def _set_sysctl(key: str, value: str) -> Iterator[str]:
    # A thousand nodes have ten thousand settings: pathlib and buffers would double their time.
    try:
        descriptor = os.open(f"/proc/sys/{key.replace('.', '/')}", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, value.encode())
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        if not key.startswith("net.ipv6."):  # or a kernel, or an interface, without IPv6
            yield f"sysctl {key}={value}: this kernel has no such setting"
    except OSError as error:
        yield f"sysctl {key}={value}: {error.strerror}"


def _requests(configuration: Configuration) -> Iterator[tuple[str, Request]]:
    """All that goes over netlink, each with its name for an error message."""
    names = [each.name for each in configuration.interfaces]
    indices = {name: socket.if_nametoindex(name) for name in ("lo", *names)}
    for interface in configuration.interfaces:
        if interface.silent:
            yield interface.name, rtnetlink.silence_link(indices[interface.name])
        yield from _addresses(interface, indices[interface.name])
    for name, index in indices.items():
        yield f"link {name}", rtnetlink.set_link(index, up=True)
    yield from _routes(configuration, indices)


def _addresses(interface: InterfaceSettings, index: int) -> list[tuple[str, Request]]:
    requests = []
    for text in interface.addresses:
        address, _, length = text.partition("/")
        request = rtnetlink.add_address(index, from_text(address), int(length))
        requests.append((f"address {text}", request))
    return requests


def _routes(configuration: Configuration, indices: dict[str, int]) -> list[tuple[str, Request]]:
    """Those that leave by one of the interfaces with these numbers."""
    return [
        (f"route {route.destination} via {route.via}", _route(route, indices[route.interface]))
        for route in configuration.routes
        if route.interface in indices
    ]


def _route(route: RouteSettings, index: int) -> Request:
    network, _, length = route.destination.partition("/")
    return rtnetlink.add_route(
        from_text(network), int(length), gateway=from_text(route.via), interface=index
    )


def carry_out(steps: list[tuple[str, Request]], *, fine: frozenset[int] = frozenset()) -> list[str]:
    """Make named requests; what failed, in words, but for errnos that are ``fine``."""
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        answers = netlink.change([request for _, request in steps])
    return [
        f"{name}: {answer.text or os.strerror(answer.errno)}"
        for (name, _), answer in zip(steps, answers, strict=True)
        if answer.errno and answer.errno not in fine
    ]


def _differences(configuration: Configuration) -> Iterator[str]:
    """The kernel may round or ignore what it was asked; a lab that lies is worse than none."""
    for interface in configuration.interfaces:
        with Device(interface.name) as device:
            if device.mtu != interface.mtu:
                yield f"{interface.name} has MTU {device.mtu}, not {interface.mtu}"
            if not device.is_up:
                yield f"{interface.name} is not up"
            if device.mac != interface.mac:
                yield f"{interface.name} has the address {device.mac}, not {interface.mac}"
            if interface.wire and (left := device.offloads()):
                yield f"{interface.name} still offloads {', '.join(left)}"
