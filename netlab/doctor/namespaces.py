"""What must be tried inside a lab's namespaces: whether they can be had, and what works in them.

The namespaces are those that a lab's holder makes. They end with the process that tries them.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netlab import apart, linux
from netlab.agent.userspace.port import Port
from netlab.backends.features import Feature
from netlab.backends.netns import userns
from netlab.collect.ring import Ring
from netlab.collect.sockets import SocketTable
from netlab.errors import EnvironmentLacks
from netlab.fabric.device import Device

_NAMESPACES = (
    linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
    | linux.CLONE_NEWNS
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWIPC
)

#: Seconds for a program.
_WITHIN = 5.0

_BLOCK = 32 << 10
_HANDOVER_MS = 16


@dataclass(frozen=True, slots=True)
class Trial:
    """``attempt`` raises OSError when this kernel lacks the feature; ``fix`` is what to do."""

    name: str
    attempt: Callable[[], None]
    works: str
    fix: str
    required: bool = False

    def carry_out(self) -> Feature:
        try:
            self.attempt()
        except OSError as error:
            note = f"{error.strerror or error}; {self.fix}"
            return Feature(self.name, present=False, note=note, required=self.required)
        return Feature(self.name, present=True, note=self.works, required=self.required)


def features() -> list[Feature]:
    try:
        tried = apart.call(_enter_and_try)
    except EnvironmentLacks as error:
        note = f"{error.message}; {error.hint}"
        return [
            Feature("user namespaces", present=False, note=note, required=True),
            *(_not_tried(trial) for trial in TRIALS),
        ]
    works = Feature("user namespaces", present=True, note="labs need no root", required=True)
    return [works, *(Feature(**each) for each in tried)]


def _not_tried(trial: Trial) -> Feature:
    note = "not tried: it takes a user namespace"
    return Feature(trial.name, present=False, note=note, required=trial.required)


def _enter_and_try() -> Any:
    userns.enter(_NAMESPACES)
    # The first process forked now is process 1 of the new PID namespace; all others end with it.
    return apart.call(lambda: [asdict(trial.carry_out()) for trial in TRIALS])


def _own_proc() -> None:
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC
    linux.mount("proc", "/proc", "proc", flags)


def _veth() -> None:
    _run("ip", "link", "add", "name", "one", "type", "veth", "peer", "name", "two")


def _bridge() -> None:
    _run("ip", "link", "add", "name", "lan", "type", "bridge", "mcast_snooping", "0")


def _ipv6() -> None:
    if not Path("/proc/sys/net/ipv6").exists():
        raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT))
    _run("ip", "address", "add", "fd00::1/64", "nodad", "dev", "lo")


def _ring() -> None:
    Ring("lo", block_size=_BLOCK, blocks=1, handover_ms=_HANDOVER_MS).close()


def _offloads() -> None:
    with Device("one") as device:
        if problems := list(device.disable_offloads()) or device.offloads():
            raise OSError(errno.EOPNOTSUPP, ", ".join(problems))


def _packet_socket() -> None:
    Port("one").close()


def _socket_tables() -> None:
    SocketTable().read()


def _nftables() -> None:
    _run("nft", "add", "table", "inet", "netlab")


def _queueing(*discipline: str) -> Callable[[], None]:
    return lambda: _run("tc", "qdisc", "replace", "dev", "two", "root", "handle", "1:", *discipline)


def _sctp() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()


def _run(*argv: str) -> None:
    """OSError with what the program says when it fails."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_WITHIN)
    except FileNotFoundError:
        raise OSError(errno.ENOENT, f"it takes the program {argv[0]}") from None
    except subprocess.TimeoutExpired:
        raise OSError(errno.ETIMEDOUT, f"{argv[0]} did not end") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise OSError(errno.EIO, f"{argv[0]}: {said[0]}" if said else f"{argv[0]} failed")


TRIALS = (
    Trial(
        "process namespaces",
        _own_proc,
        "each node has its own processes",
        "a container that hides parts of /proc forbids this: run it with an unmasked /proc",
        required=True,
    ),
    Trial(
        "virtual links",
        _veth,
        "veth pairs join the nodes",
        "load the kernel module: sudo modprobe veth",
        required=True,
    ),
    Trial(
        "packet capture",
        _ring,
        "AF_PACKET rings, TPACKET_V3",
        "load the kernel module: sudo modprobe af_packet",
        required=True,
    ),
    Trial(
        "socket tables",
        _socket_tables,
        "sock_diag tells TCP states",
        "load the kernel modules: sudo modprobe -a inet_diag tcp_diag udp_diag",
        required=True,
    ),
    Trial(
        "bridges",
        _bridge,
        "for LANs",
        "labs with a LAN need it: sudo modprobe bridge",
    ),
    Trial(
        "IPv6",
        _ipv6,
        "every link carries both versions",
        "labs are IPv4 only; boot without ipv6.disable=1",
    ),
    Trial(
        "offload control",
        _offloads,
        "captures show what crosses the link",
        "captures may show segments longer than the MTU",
    ),
    Trial(
        "packet sockets",
        _packet_socket,
        "nodes can be on netlab's own stack, with stack: user",
        "labs are on the kernel's stack only: sudo modprobe af_packet",
    ),
    Trial(
        "nftables",
        _nftables,
        "the kernel can drop chosen packets",
        "sudo modprobe nf_tables; the emulator does instead what links need",
    ),
    Trial(
        "netem",
        _queueing("netem", "delay", "1ms"),
        "the kernel can delay and lose packets",
        "sudo modprobe sch_netem; until then the emulator delays and loses",
    ),
    Trial(
        "tbf",
        _queueing("tbf", "rate", "1mbit", "burst", "4kb", "latency", "50ms"),
        "the kernel can limit a link's rate",
        "sudo modprobe sch_tbf; until then the emulator limits rates",
    ),
    Trial(
        "kernel SCTP",
        _sctp,
        "SCTP sockets can be had",
        "sudo modprobe sctp; no lab needs it yet",
    ),
)
