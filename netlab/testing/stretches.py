"""A real stretch with an emulator, in a network namespace of its own.

::

    left ══ left-f ── emulator ── right-f ══ right

Tests and benchmarks send frames into ``left`` and ``right`` and see what comes out.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from netlab import apart, linux
from netlab.backends.netns import userns
from netlab.fabric.emulator.process import run_emulator
from netlab.topology.impairment import CLEAR, Fault, Profile

_SOL_PACKET, _AUXDATA_OPTION, _QDISC_BYPASS, _IGNORE_OUTGOING = 263, 8, 20, 23
_SO_TIMESTAMPNS = 35
_ETH_P_ALL = 3
_LARGEST_FRAME = 1 << 17
_TIMESPEC = struct.Struct("qq")

#: tpacket_auxdata: status; behind lengths and offsets, VLAN tag and protocol.
_AUXDATA = struct.Struct("I12xHH")
_VLAN_VALID = 0x10

#: What counts the packets that are no longer under way.
_ENDS = ("passed", "lost", "burst", "queue", "fault", "overflow", "unsent", "ring")

#: Seconds to wait for an answer of the emulator.
_WITHIN = 10.0


def play(story: Callable[[Bench], Any], *, mtu: int = 1500) -> Any:
    """What ``story`` returns, as JSON carries it; played in a process and namespaces apart."""

    def task() -> Any:
        userns.enter(linux.CLONE_NEWNET)
        with Bench(mtu) as bench:
            return story(bench)

    return apart.call(task)


class Tap:
    """An interface as a host's network card."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._socket.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        self._socket.setsockopt(_SOL_PACKET, _QDISC_BYPASS, 1)
        self._socket.setsockopt(_SOL_PACKET, _AUXDATA_OPTION, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((interface, _ETH_P_ALL))

    def close(self) -> None:
        self._socket.close()

    def send(self, frame: bytes) -> None:
        self._socket.send(frame)

    def receive(self, within: float = 5.0) -> tuple[int, bytes]:
        """The next frame and when the kernel had it, ns since 1970; TimeoutError."""
        self._socket.settimeout(within)
        try:
            frame, ancillary, _, _ = self._socket.recvmsg(_LARGEST_FRAME, 256)
        except OSError as error:
            if error.errno == errno.ENETDOWN:  # it was down, and says so once
                return self.receive(within)
            raise
        told = {kind: data for _, kind, data in ancillary}
        seconds, nanoseconds = _TIMESPEC.unpack(told[_SO_TIMESTAMPNS])
        status, tag, tag_type = _AUXDATA.unpack(told[_AUXDATA_OPTION])
        if status & _VLAN_VALID:
            frame = frame[:12] + struct.pack("!HH", tag_type, tag) + frame[12:]
        return seconds * 1_000_000_000 + nanoseconds, frame

    def frames(self, count: int, within: float = 5.0) -> list[bytes]:
        """The next ``count`` frames, or those that came within so many seconds."""
        deadline = time.monotonic() + within
        got: list[bytes] = []
        with suppress(TimeoutError):
            while len(got) < count:
                got.append(self.receive(max(0.001, deadline - time.monotonic()))[1])
        return got


class Bench:
    """To be made in a network namespace with nothing in it, by its root."""

    def __init__(self, mtu: int = 1500) -> None:
        with suppress(OSError):  # a kernel without IPv6
            Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
        self._mtu = mtu
        self.left = self.connect("left")
        self.right = self.connect("right")
        self.events: list[dict[str, Any]] = []
        self._control, theirs = socket.socketpair()
        self.emulator = os.fork()
        if self.emulator == 0:
            self._control.close()
            run_emulator(theirs.detach())
        theirs.close()
        self._input = b""
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        with suppress(ChildProcessError):  # a story may have seen its end
            os.waitpid(self.emulator, 0)

    def connect(self, side: str) -> Tap:
        """Make the cable of one side, and plug a host in."""
        cable = ("link", "add", side, "mtu", self._mtu, "type", "veth", "peer", "name", f"{side}-f")
        ip(*cable, "mtu", self._mtu)
        ip("link", "set", side, "up")
        ip("link", "set", f"{side}-f", "up")
        return Tap(side)

    def join(
        self,
        forward: Profile = CLEAR,
        backward: Profile = CLEAR,
        faults: Sequence[Fault] = (),
        seed: str = "7/a -- b",
    ) -> None:
        stretch = {
            "name": "a -- b",
            "link": "a -- b",
            "left": "left-f",
            "right": "right-f",
            "seed": seed,
            "forward": asdict(forward),
            "backward": asdict(backward),
            "faults": [asdict(each) for each in faults],
        }
        self.ask("join", stretches=[stretch])

    def change(self, way: str, **fields: Any) -> None:
        self.ask("change", name="a -- b", way=way, profile=fields)

    def counts(self, way: str = "forward") -> dict[str, int]:
        (stretch,) = self.ask("counts")["counts"]
        counts: dict[str, int] = stretch[way]
        return counts

    def settle(self, packets: int, way: str = "forward") -> dict[str, int]:
        """The counts when so many packets have passed or been dropped; AssertionError if never."""
        deadline = time.monotonic() + _WITHIN
        while True:
            counts = self.counts(way)
            if sum(counts[each] for each in _ENDS) == packets:
                return counts
            assert time.monotonic() < deadline, counts
            time.sleep(0.001)

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The emulator's answer; AssertionError when it refuses."""
        answer = self.try_to(do, **arguments)
        assert answer["ok"], answer["error"]
        return answer

    def try_to(self, do: str, **arguments: Any) -> dict[str, Any]:
        self._number += 1
        request = {"id": self._number, "do": do, **arguments}
        self._control.sendall(json.dumps(request).encode() + b"\n")
        while (message := self._next_message()).get("id") != self._number:
            self.events.append(message["event"])
        return message

    def _next_message(self) -> dict[str, Any]:
        while b"\n" not in self._input:
            ready, _, _ = select.select([self._control], [], [], _WITHIN)
            assert ready, "the emulator does not answer"
            data = self._control.recv(1 << 16)
            assert data, "the emulator ended"
            self._input += data
        line, _, self._input = self._input.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message


def ip(*words: object) -> None:
    subprocess.run(["ip", *map(str, words)], check=True)
