"""A node's configuration, and what is changed of it later, for a host of the userspace stack."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from netlab.fabric.configuration import Configuration, InterfaceSettings, RouteSettings
from netlab.stack import sysctls
from netlab.stack.host import Host
from netlab.stack.ip import addresses
from netlab.stack.ip.interface import Interface
from netlab.stack.ip.routes import Route
from netlab.stack.tcp.congestion_control import ALGORITHMS
from netlab.stack.tcp.profile import LINUX, Profile
from netlab.wire.address import IPV4_LENGTH, IPV6_LENGTH, from_text

#: Gives the host an interface, which leads somewhere, with its MTU and no addresses.
AddInterface = Callable[[InterfaceSettings], None]


def make_host(
    configuration: Configuration, *, is_router: bool, seed: str, profile: Profile = LINUX
) -> Host:
    """Without interfaces. OSError for a congestion control that the stack does not have."""
    congestion = configuration.congestion
    if congestion not in ALGORITHMS:
        known = " and ".join(sorted(ALGORITHMS))
        raise OSError(
            errno.ENOENT, f"netlab's stack has no congestion control {congestion}: it has {known}"
        )
    chance = Random(seed)  # noqa: S311 - to be repeated
    return Host(chance, is_router=is_router, profile=replace(profile, congestion=congestion))


def configure(
    host: Host, now: int, configuration: Configuration, add_interface: AddInterface
) -> None:
    """Give a new host its interfaces, addresses, routes and sysctls; ValueError as of those."""
    wanted = configuration.carried
    for interface in wanted.interfaces:
        add_interface(interface)
        for text in interface.addresses:
            _add(host, now, interface.name, text)
        # As netlab.fabric.configuration.KERNEL_SETTINGS has it for a kernel.
        sysctls.apply(host, f"net.ipv6.conf.{interface.name}.accept_dad", "0")
    for key, value in wanted.sysctls:
        sysctls.apply(host, key, value)
    for route in wanted.routes:
        host.ip.add_route(now, _route(route))


def change(host: Host, now: int, request: dict[str, Any]) -> list[str]:
    """Carry out ``what`` of the request, as netlab.fabric.changes has it; what failed, in words."""
    wanted = Configuration.from_json(request["configuration"]).carried
    try:
        _CHANGES[request["what"]](host, now, wanted, request)
    except OSError as error:
        return [f"{request['interface']}: {error.strerror}"]
    except ValueError as error:
        return [f"{request['interface']}: {error}"]
    return []


def _set_link(host: Host, now: int, wanted: Configuration, request: dict[str, Any]) -> None:
    host.ip.set_up(now, request["interface"], is_up=request["up"])
    if request["up"]:
        _restore(host, now, wanted, request["interface"])


def _settle(host: Host, now: int, wanted: Configuration, request: dict[str, Any]) -> None:
    _set_link(host, now, wanted, {**request, "up": True})


def _set_mtu(host: Host, now: int, wanted: Configuration, request: dict[str, Any]) -> None:
    """An MTU that is too small for IPv6 takes its addresses (RFC 8200, 5); a larger one is able."""
    name = request["interface"]
    interface = host.ip.interfaces[name]
    host.ip.set_mtu(name, request["mtu"])
    if not interface.has_ipv6:
        for address in [each for each in interface.assigned if len(each) == IPV6_LENGTH]:
            host.ip.remove_address(now, name, address)
        _remove_routes(host, now, name, IPV6_LENGTH)
    if request["up"]:
        _restore(host, now, wanted, name)


def _add_address(host: Host, now: int, wanted: Configuration, request: dict[str, Any]) -> None:
    name = request["interface"]
    interface, (address, length) = host.ip.interfaces[name], _parsed(request["address"])
    if address in interface.assigned:
        raise OSError(errno.EEXIST, f"{request['address']} is there already")
    probe = len(address) == IPV6_LENGTH and host.ip.routers.probes.either(name)
    host.ip.add_address(now, name, address, length, probe=probe)
    if request["up"]:
        _restore_routes(host, now, wanted, name)


def _remove_address(host: Host, now: int, _: Configuration, request: dict[str, Any]) -> None:
    """With its last address of IPv4 an interface loses its routes of IPv4, as Linux has it."""
    name = request["interface"]
    address = _parsed(request["address"])[0]
    interface = host.ip.interfaces[name]
    if address not in interface.assigned:
        raise OSError(errno.EADDRNOTAVAIL, f"{request['address']} is not there")
    host.ip.remove_address(now, name, address)
    if not any(len(each) == IPV4_LENGTH for each in interface.assigned):
        _remove_routes(host, now, name, IPV4_LENGTH)


_CHANGES: dict[str, Callable[[Host, int, Configuration, dict[str, Any]], None]] = {
    "set-link": _set_link,
    "set-mtu": _set_mtu,
    "settle": _settle,
    "add-address": _add_address,
    "remove-address": _remove_address,
}


def _remove_routes(host: Host, now: int, name: str, length: int) -> None:
    """Those through an interface, of the version of IP whose addresses have that length."""
    for route in host.ip.routes_through(name):
        if len(route.prefix) == length:
            host.ip.remove_route(now, route)


def _restore(host: Host, now: int, wanted: Configuration, name: str) -> None:
    """The addresses and routes of an interface that are missing."""
    interface = host.ip.interfaces[name]
    if interface.has_ipv6 and interface.link_local is None:
        host.ip.add_address(now, name, addresses.link_local(interface.mac), 64)
    for settings in wanted.interfaces:
        if settings.name == name:
            for text in settings.addresses:
                if _parsed(text)[0] not in interface.assigned:
                    _add(host, now, name, text)
    _restore_routes(host, now, wanted, name)


def _restore_routes(host: Host, now: int, wanted: Configuration, name: str) -> None:
    """Those whose next hop can be reached."""
    interface, there = host.ip.interfaces[name], host.ip.routes_through(name)
    for settings in wanted.routes:
        if settings.interface == name:
            route = _route(settings)
            if route not in there and _reaches(interface, route.gateway):
                host.ip.add_route(now, route)


def _reaches(interface: Interface, gateway: bytes | None) -> bool:
    return gateway is None or interface.on_link(gateway) is not None


def _add(host: Host, now: int, interface: str, text: str) -> None:
    host.ip.add_address(now, interface, *_parsed(text))


def _parsed(text: str) -> tuple[bytes, int]:
    address, _, length = text.partition("/")
    return from_text(address), int(length)


def _route(settings: RouteSettings) -> Route:
    network, _, length = settings.destination.partition("/")
    return Route(from_text(network), int(length), settings.interface, from_text(settings.via))
