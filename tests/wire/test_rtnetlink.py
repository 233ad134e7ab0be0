from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netlab
from netlab.wire import rtnetlink
from netlab.wire.address import from_text, to_text
from netlab.wire.errors import ParseError
from netlab.wire.netlink import Message, Request, acknowledgment
from netlab.wire.rtnetlink import AddressInfo, LinkInfo

Ask = Callable[[Request], list[Message]]
CONFIGURE = Path(__file__).with_name("configure_namespace.py")


def test_the_loopback_interface_of_this_machine(ask_route: Ask) -> None:
    links = list(filter(None, map(rtnetlink.parse_link, ask_route(rtnetlink.dump_links()))))
    loopback = next(link for link in links if link.name == "lo")
    assert (loopback.index, loopback.mac) == (1, bytes(6))
    assert loopback.mtu > 1500


def test_a_request_the_kernel_refuses(ask_route: Ask) -> None:
    (answer,) = ask_route(rtnetlink.set_link(2**31 - 1, up=True))
    refusal = acknowledgment(answer)
    assert refusal is not None
    assert refusal.sequence == 9
    assert refusal.errno in {1, 19}  # EPERM for a user, ENODEV for root


def test_other_messages_are_neither_link_nor_address_nor_route() -> None:
    other = Message(99, 0, 1, bytes(40))
    assert rtnetlink.parse_link(other) is None
    assert rtnetlink.parse_address(other) is None
    assert rtnetlink.parse_route(other) is None


@given(st.binary(max_size=60))
def test_noise_raises_nothing_but_parse_errors(noise: bytes) -> None:
    for kind, parse in (
        (rtnetlink.RTM_NEWLINK, rtnetlink.parse_link),
        (rtnetlink.RTM_NEWADDR, rtnetlink.parse_address),
        (rtnetlink.RTM_NEWROUTE, rtnetlink.parse_route),
    ):
        with suppress(ParseError):
            parse(Message(kind, 0, 1, noise))


@pytest.fixture(scope="module")
def configured() -> dict[str, Any]:
    """What a namespace shows after configure_namespace.py was at work in it."""
    for program in ("unshare", "ip"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} here")
    if subprocess.run(["unshare", "-Urn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel forbids user namespaces")
    done = subprocess.run(
        ["unshare", "-Urn", sys.executable, str(CONFIGURE)],
        env=os.environ | {"PYTHONPATH": str(Path(netlab.__file__).parents[1])},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    return result


@pytest.mark.lab
def test_every_request_succeeds_but_the_one_that_is_wrong(configured: dict[str, Any]) -> None:
    assert configured["errors"] == [[9, 101, "Nexthop has invalid gateway"]]


@pytest.mark.lab
def test_ip_shows_the_addresses(configured: dict[str, Any]) -> None:
    left = next(link for link in configured["addresses"] if link["ifname"] == "left")
    assert left["mtu"] == 1280
    assert left["address"] == "02:00:00:00:00:0a"
    assert "UP" in left["flags"]
    v4, v6, probed = (
        next(a for a in left["addr_info"] if a["local"] == local)
        for local in ("10.9.0.1", "fd09::1", "fd08::1")
    )
    assert (v4["prefixlen"], v4["broadcast"]) == (24, "10.9.0.255")
    assert (v6["prefixlen"], v6.get("nodad"), v6.get("tentative")) == (64, True, None)
    assert "nodad" not in probed


@pytest.mark.lab
def test_ip_shows_the_routes(configured: dict[str, Any]) -> None:
    routes = {r["dst"]: r.get("gateway") for r in configured["routes4"] + configured["routes6"]}
    assert routes["10.10.0.0/16"] == "10.9.0.2"
    assert routes["default"] == "fd09::2"
    assert routes["10.11.0.0/16"] is None
    assert {r.get("gateway") for r in configured["routes4"] if r["dst"] == "default"} == {
        "10.9.0.2"
    }


@pytest.mark.lab
def test_the_dumps_say_what_ip_says(configured: dict[str, Any]) -> None:
    links = [LinkInfo(**link | {"mac": from_text(link["mac"])}) for link in configured["links"]]
    shown = {link["ifname"]: link for link in configured["addresses"]}
    assert {link.name for link in links} == set(shown)
    for link in links:
        ip = shown[link.name]
        assert (link.index, link.mtu) == (ip["ifindex"], ip["mtu"])
        assert link.operstate == ip["operstate"]
        assert link.up == ("UP" in ip["flags"])
        assert link.carrier == ("LOWER_UP" in ip["flags"])
        assert to_text(link.mac) == ip["address"]
        assert link.kind == ("" if link.name == "lo" else "veth")
    addresses = {(a["index"], a["address"], a["prefix_length"]) for a in configured["dumped"]}
    assert addresses == {
        (link["ifindex"], info["local"], info["prefixlen"])
        for link in shown.values()
        for info in link["addr_info"]
    }
    assert AddressInfo.__slots__ == tuple(configured["dumped"][0])


@pytest.mark.lab
def test_the_dumped_routes_are_those_of_ip(configured: dict[str, Any]) -> None:
    main = {
        (r["destination"], r["prefix_length"], r["gateway"])
        for r in configured["dumped_routes"]
        if r["table"] == 254
    }
    assert ("10.10.0.0", 16, "10.9.0.2") in main
    assert ("0.0.0.0", 0, "10.9.0.2") in main
    assert ("::", 0, "fd09::2") in main
    assert len([r for r in main if ":" not in r[0]]) == len(configured["routes4"])
