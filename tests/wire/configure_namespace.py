"""Runs inside a namespace of its own: sets up a veth pair over netlink and prints what is there."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from netlab.wire import netlink, rtnetlink
from netlab.wire.address import from_text, to_text
from netlab.wire.netlink import Acknowledgment, Message, Request

SOL_NETLINK, NETLINK_EXT_ACK = 270, 11


def requests(left: int, right: int) -> list[Request]:
    return [
        rtnetlink.set_link(right, up=True),
        rtnetlink.set_link(left, up=True, mtu=1280, mac=from_text("02:00:00:00:00:0a")),
        rtnetlink.add_address(left, from_text("10.9.0.1"), 24),
        rtnetlink.add_address(left, from_text("fd09::1"), 64),
        rtnetlink.add_address(left, from_text("fd08::1"), 64, probe=True),
        rtnetlink.add_route(from_text("10.10.0.0"), 16, gateway=from_text("10.9.0.2")),
        rtnetlink.add_route(from_text("10.11.0.0"), 16, interface=left),
        rtnetlink.add_route(bytes(4), 0, gateway=from_text("10.9.0.2"), interface=left),
        rtnetlink.add_route(
            from_text("10.12.0.0"), 16, gateway=from_text("192.0.2.1"), interface=left
        ),
        rtnetlink.add_route(bytes(16), 0, gateway=from_text("fd09::2"), replace=True),
    ]


def apply(kernel: socket.socket, wanted: list[Request]) -> list[Acknowledgment]:
    kernel.send(netlink.batch(wanted))
    answers: list[Acknowledgment] = []
    while len(answers) < len(wanted):
        found = map(netlink.acknowledgment, netlink.messages(kernel.recv(1 << 18)))
        answers.extend(filter(None, found))
    return answers


def dump(
    kernel: socket.socket, request: Request, parse: Callable[[Message], Any]
) -> list[dict[str, Any]]:
    kernel.send(netlink.batch([request]))
    answers: list[Message] = []
    while not answers or not answers[-1].is_done:
        answers.extend(netlink.messages(kernel.recv(1 << 18)))
    return [_readable(asdict(info)) for info in map(parse, answers) if info is not None]


def _readable(info: dict[str, Any]) -> dict[str, Any]:
    return {k: to_text(v) if isinstance(v, bytes) and v else v for k, v in info.items()}


def settle(kernel: socket.socket) -> None:
    """Wait until the kernel has noticed that the pair has a carrier, up to a second later."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        links = dump(kernel, rtnetlink.dump_links(), rtnetlink.parse_link)
        if all(link["operstate"] == "UP" for link in links if link["name"] != "lo"):
            return
        time.sleep(0.01)


def ip(*arguments: str) -> Any:
    done = subprocess.run(["ip", "-j", *arguments], capture_output=True, check=True)
    return json.loads(done.stdout or b"[]")


def main() -> None:
    ip("link", "add", "left", "type", "veth", "peer", "name", "right")
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(5)
        kernel.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        answers = apply(
            kernel, requests(socket.if_nametoindex("left"), socket.if_nametoindex("right"))
        )
        settle(kernel)
        shown = {
            "errors": [[a.sequence, a.errno, a.text] for a in answers if a.errno],
            "addresses": ip("addr"),
            "routes4": ip("-4", "route"),
            "routes6": ip("-6", "route"),
            "links": dump(kernel, rtnetlink.dump_links(), rtnetlink.parse_link),
            "dumped": dump(kernel, rtnetlink.dump_addresses(), rtnetlink.parse_address),
            "dumped_routes": dump(kernel, rtnetlink.dump_routes(), rtnetlink.parse_route),
        }
    json.dump(shown, sys.stdout)


if __name__ == "__main__":
    main()
