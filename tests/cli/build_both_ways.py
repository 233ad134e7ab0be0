"""Runs inside a namespace of its own: builds a lab by the commands of `netlab plan` or by netlink.

usage: build_both_ways.py FILE commands|netlink

Prints, for each node, what its kernel shows of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Protocol

from netlab import linux
from netlab.fabric import carrier, network
from netlab.fabric.configuration import Configuration, configuration
from netlab.fabric.device import Device
from netlab.fabric.wiring import switching_on, wiring
from netlab.topology.loading import load

#: Refused to a namespace where the host does not allow the algorithm to all.
MAY_FAIL = "net.ipv4.tcp_congestion_control"


class Way(Protocol):
    def prepare(self, wanted: Configuration) -> None: ...
    def configure(self, wanted: Configuration) -> None: ...
    def finish(self, wanted: Configuration) -> None: ...


class ByCommands:
    def prepare(self, wanted: Configuration) -> None:
        for command in wanted.early_commands():
            self._run(command)

    def configure(self, wanted: Configuration) -> None:
        for command in wanted.commands():
            self._run(command)

    def finish(self, wanted: Configuration) -> None:
        for command in wanted.late_commands():
            self._run(command)

    def _run(self, command: str) -> None:
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0 or MAY_FAIL in command, f"{command}: {done.stderr}"


class ByNetlink:
    def prepare(self, wanted: Configuration) -> None:
        assert network.prepare(wanted) == []
        network.set_congestion_control(wanted)

    def configure(self, wanted: Configuration) -> None:
        assert network.apply(wanted) == []

    def finish(self, wanted: Configuration) -> None:
        assert network.finish(wanted) == []


def be_node(wanted: Configuration, way: Way, parent: Connection) -> None:
    """Prepare, wait to be wired, configure, and show what has come of it."""
    linux.unshare(linux.CLONE_NEWNET)
    for stage in (way.prepare, way.configure, way.finish):
        try:
            stage(wanted)
        except Exception as error:
            parent.send(repr(error))
            raise
        parent.send("done")
        parent.recv()
    carrier.wait({each.name for each in wanted.interfaces}, within=20)
    parent.send(seen(wanted))
    parent.recv()  # for its links end with a node, and its neighbours may still be looking


def seen(wanted: Configuration) -> dict[str, Any]:
    return {
        "addresses": ip("addr"),
        "links": ip("-d", "link"),
        "routes": in_order(ip("route")),
        "routes6": in_order(ip("-6", "route")),
        "offloads": {each.name: Device(each.name).offloads() for each in wanted.interfaces},
        "sysctls": output("sysctl", "net.ipv4.conf", "net.ipv6.conf"),
    }


def ip(*arguments: str) -> Any:
    return json.loads(output("ip", "-j", *arguments) or "[]")


def in_order(routes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The kernel lists those to the same subnet as their interfaces came up."""
    return sorted(routes, key=lambda route: (route["dst"], route.get("dev", "")))


def output(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def wait(nodes: list[Connection]) -> None:
    for answer in [node.recv() for node in nodes]:
        assert answer == "done", answer


def go_on(nodes: list[Connection]) -> None:
    for node in nodes:
        node.send("go on")


def main(file: str, way: type[ByCommands | ByNetlink]) -> None:
    plan = load(file)
    fork = get_context("fork")
    nodes = {node.name: fork.Pipe() for node in plan.nodes}
    pids = {}
    for node in plan.nodes:
        process = fork.Process(
            target=be_node, args=(configuration(node), way(), nodes[node.name][1]), daemon=True
        )
        process.start()
        pids[node.name] = str(process.pid)
    everywhere = [ours for ours, _ in nodes.values()]
    wait(everywhere)
    for commands in (wiring(plan, pids), switching_on(plan)):
        subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True)
        go_on(everywhere)
        wait(everywhere)
    go_on(everywhere)
    json.dump({name: ours.recv() for name, (ours, _) in nodes.items()}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], ByCommands if sys.argv[2] == "commands" else ByNetlink)
