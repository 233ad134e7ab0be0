"""What is changed at one interface of a running node, in its network namespace."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from netlab.fabric import carrier, network
from netlab.fabric.configuration import Configuration
from netlab.wire import rtnetlink
from netlab.wire.address import from_text
from netlab.wire.netlink import Request

#: Seconds that a carrier may take when both ends of a link are up.
_CARRIER_WITHIN = 2.0


def change(request: dict[str, Any]) -> list[str]:
    """Carry out ``what`` of the request; what failed, in words.

    The request's ``configuration`` is what the node is to have afterwards.
    """
    wanted = Configuration.from_json(request["configuration"]).carried
    return _CHANGES[request["what"]](wanted, request["interface"], request)


def _set_link(wanted: Configuration, name: str, request: dict[str, Any]) -> list[str]:
    return network.set_link(wanted, name, up=request["up"])


def _settle(wanted: Configuration, name: str, _request: dict[str, Any]) -> list[str]:
    """What a carrier that came late has left out."""
    carrier.wait({name}, within=_CARRIER_WITHIN)
    return network.set_link(wanted, name, up=True)


def _set_mtu(wanted: Configuration, name: str, request: dict[str, Any]) -> list[str]:
    """A larger MTU may bring IPv6 back, without what it had."""
    index = socket.if_nametoindex(name)
    problems = network.carry_out(
        [(f"MTU {request['mtu']}", rtnetlink.set_link(index, mtu=request["mtu"]))]
    )
    return problems or (network.set_link(wanted, name, up=True) if request["up"] else [])


def _add_address(wanted: Configuration, name: str, request: dict[str, Any]) -> list[str]:
    """Routes through the interface that went with its last address come back."""
    problems = _one_address(partial(rtnetlink.add_address, probe=True), name, request["address"])
    return problems or (network.restore_routes(wanted, name) if request["up"] else [])


def _remove_address(_wanted: Configuration, name: str, request: dict[str, Any]) -> list[str]:
    return _one_address(rtnetlink.remove_address, name, request["address"])


def _one_address(ask: Callable[[int, bytes, int], Request], name: str, text: str) -> list[str]:
    address, _, length = text.partition("/")
    request = ask(socket.if_nametoindex(name), from_text(address), int(length))
    return network.carry_out([(f"address {text}", request)])


_CHANGES: dict[str, Callable[[Configuration, str, dict[str, Any]], list[str]]] = {
    "set-link": _set_link,
    "set-mtu": _set_mtu,
    "settle": _settle,
    "add-address": _add_address,
    "remove-address": _remove_address,
}
