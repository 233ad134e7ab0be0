"""Runs in a namespace of its own: asks nftables which frames fit which matches.

Reads ``{"frames": [hex], "families": {family: [[match]]}}``; prints for each family the numbers of
the frames that fit each list of matches. Frame n is sent 2^n times, so that counts tell which.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time

_HOOKS = {
    "inet": "type filter hook prerouting priority 0",
    "netdev": 'type filter hook ingress device "v1" priority 0',
}
_COUNTER = re.compile(r"counter packets (\d+)")


def run(program: str, *, given: str = "") -> str:
    done = subprocess.run(program.split(), input=given, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


def install(family: str, asked: list[list[str]]) -> None:
    base = f"add chain {family} t main {{ {_HOOKS[family]}; }}"
    run("nft -f -", given=f"add table {family} t\n{base}\n")
    for start in range(0, len(asked), 50):  # a netlink socket takes no more at once
        chains = "".join(
            f"add chain {family} t e{index}\n"
            + "".join(f"add rule {family} t e{index} {match} counter return\n" for match in matches)
            + f"add rule {family} t main jump e{index}\n"
            for index, matches in enumerate(asked[start : start + 50], start)
        )
        run("nft -f -", given=chains)


def counts(family: str, index: int) -> int:
    listed = run(f"nft list chain {family} t e{index}")
    return sum(map(int, _COUNTER.findall(listed)))


def numbers(bits: int) -> list[int]:
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def main() -> None:
    given = json.load(sys.stdin)
    run("ip link add v0 type veth peer name v1")
    run("sysctl -qw net.ipv6.conf.v0.disable_ipv6=1")  # its own packets would count
    for name in ("v0", "v1"):
        run(f"ip link set {name} up promisc on")
    run(
        "nft -f -",
        given="add table netdev n\nadd chain netdev n every "
        '{ type filter hook ingress device "v1" priority 0; }\nadd rule netdev n every counter',
    )
    for family, asked in given["families"].items():
        install(family, asked)
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind(("v0", 0))
    for number, frame in enumerate(map(bytes.fromhex, given["frames"])):
        for _ in range(1 << number):
            sender.send(frame)
    wanted = (1 << len(given["frames"])) - 1
    until = time.monotonic() + 10
    while (all_of_them := int(_COUNTER.findall(run("nft list chain netdev n every"))[0])) < wanted:
        assert time.monotonic() < until, f"{all_of_them} of {wanted} frames came"
    answer = {
        family: [numbers(counts(family, index)) for index in range(len(asked))]
        for family, asked in given["families"].items()
    }
    json.dump(answer, sys.stdout)


main()
