"""A host of the userspace stack and one of the kernel's, in namespaces of their own.

::

    user:eth0 ══ kernel:eth0                              a cable
    user:eth0 ══ left-f ── emulator ── right-f ══ kernel:eth0    a stretch
    user:eth0 ══ near ── router ── far ══ kernel:eth0            a router of the kernel's

Both are played by one process. Its sockets are the kernel's host's.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from netlab import apart, linux
from netlab.agent.userspace.driver import Driver, Event
from netlab.backends.netns import userns
from netlab.fabric.configuration import Configuration, InterfaceSettings, silenced
from netlab.fabric.device import Device
from netlab.stack.events import Transition
from netlab.stack.host import Host
from netlab.stack.ip.routes import Route
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.listener import Listener
from netlab.testing.stretches import Bench as Stretch
from netlab.testing.stretches import ip
from netlab.topology.impairment import Profile
from netlab.wire import pcapng
from netlab.wire.address import from_text

_Result = TypeVar("_Result")

_SOL_PACKET, _SO_TIMESTAMPNS = 263, 35
_ETH_P_ALL, _OUTGOING = 3, 4
#: Seconds.
_WITHIN = 10.0
#: What changes without an event is seen after so many seconds.
_LOOK_AGAIN = 0.05

#: What tshark is to find none of, unless a test means it.
SUSPICIOUS = (
    "_ws.malformed or ip.checksum.status == 0 or tcp.checksum.status == 0"
    " or udp.checksum.status == 0 or icmp.checksum.status == 0 or icmpv6.checksum.status == 0"
    " or (_ws.expert.severity >= warning and not tcp.options.sack.dsack)"
)
#: One segment in 65,536 has a sum that a kernel writes as 0xffff: right in ones' complement, and
#: Wireshark would have 0. Captures are of the kernel's host, where its own segments go out.
_OF_A_KERNEL = "tcp.checksum.ffff and frame.packet_flags_direction == 2"
_CHECKING = (
    "tcp.check_checksum:TRUE",
    "udp.check_checksum:TRUE",
    "ip.check_checksum:TRUE",
)


@dataclass(frozen=True)
class Setting:
    """``between`` is ``cable``, ``router`` or, with profiles, a stretch of an emulator.

    ``fast`` lets interfaces cut and sum up. ``far_mtu`` is the router's towards the kernel's host,
    which knows nothing of it. Without
    ``is_userspace`` both hosts are the kernel's, for comparison.
    """

    between: str = "cable"
    mtu: int = 1500
    far_mtu: int = 1500
    fast: bool = False
    is_userspace: bool = True
    forward: Profile | None = None
    backward: Profile | None = None


class Pair:
    """``host`` is the userspace stack's; sockets of this process are of the kernel's host."""

    user, kernel = "10.0.0.1", "10.0.0.2"
    user_v6, kernel_v6 = "fd00::1", "fd00::2"

    def __init__(self, setting: Setting) -> None:
        if setting.between == "router":
            self.kernel, self.kernel_v6 = "10.0.1.2", "fd01::2"
        self.setting = setting
        self.events: list[Event] = []
        #: Who else is told of each.
        self.hear: Callable[[Event], None] = lambda _event: None
        self._waiting: list[asyncio.Future[None]] = []
        self._frames: list[tuple[int, bytes, bool]] = []
        self.host = Host(Random(os.urandom(8)))  # noqa: S311 - any will do for a test
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        """In the namespace of the user's interface."""
        self.driver = Driver(self.host, self._tell)
        self._look_again()
        self.driver.add_port("eth0", segments=self.setting.fast)
        now = self.driver.now()
        for address, length in ((self.user, 24), (self.user_v6, 64)):
            if ":" not in address or self.setting.mtu >= 1280:
                self.host.ip.add_address(now, "eth0", from_text(address), length)
        if self.setting.between == "router":
            for gateway, size in (("10.0.0.254", 4), ("fd00::fe", 16)):
                if size == 4 or self.setting.mtu >= 1280:
                    self.host.ip.add_route(now, Route(bytes(size), 0, "eth0", from_text(gateway)))

    # The userspace host's side.

    @property
    def now(self) -> int:
        return self.driver.now()

    async def until(self, ready: Callable[[], _Result], within: float = _WITHIN) -> _Result:
        """What ``ready`` says once that is true; asked after every event, and now and then."""
        deadline = self._loop.time() + within
        while not (found := ready()):
            if self._loop.time() > deadline:
                raise TimeoutError
            waiting = self._loop.create_future()
            self._waiting.append(waiting)
            await waiting
        return found

    async def connect(self, port: int, *, v6: bool = False, **options: Any) -> Connection:
        remote = from_text(self.kernel_v6 if v6 else self.kernel)
        connection = self.host.tcp.connect(self.now, remote, port, **options)
        self.driver.stirred()
        await self.until(lambda: connection.state.value not in {"SYN_SENT", "SYN_RCVD"})
        return connection

    async def accept(self, listener: Listener) -> Connection:
        await self.until(lambda: listener.acceptable)
        return listener.accept()

    async def send(self, connection: Connection, data: bytes, within: float = _WITHIN) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[connection.send(self.now, view) :]
                self.driver.stirred()
            except BlockingIOError:
                await self.until(lambda: connection.writable or connection.error, within)

    async def receive(self, connection: Connection, within: float = _WITHIN) -> bytes:
        """What there is, as soon as there is something; empty at the end."""
        await self.until(lambda: connection.readable, within)
        data = connection.receive(self.now, 1 << 20)
        self.driver.stirred()
        return data

    async def receive_all(self, connection: Connection, within: float = _WITHIN) -> bytes:
        parts = []
        while part := await self.receive(connection, within):
            parts.append(part)
        return b"".join(parts)

    def shutdown(self, connection: Connection) -> None:
        connection.shutdown(self.now)
        self.driver.stirred()

    def close(self, connection: Connection) -> None:
        connection.close(self.now)
        self.driver.stirred()

    def abort(self, connection: Connection) -> None:
        connection.abort(self.now)
        self.driver.stirred()

    def states(self) -> list[str]:
        """Those that connections have gone through, in order."""
        return [e.after.value for e in self.events if isinstance(e, Transition)]

    def _tell(self, event: Event) -> None:
        self.events.append(event)
        self.hear(event)
        self._release()

    def _look_again(self) -> None:
        self._release()
        self._loop.call_later(_LOOK_AGAIN, self._look_again)

    def _release(self) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)

    # The kernel's side.

    def kernel_socket(self, *, v6: bool = False, kind: int = socket.SOCK_STREAM) -> socket.socket:
        made = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, kind)
        made.setblocking(False)
        if kind == socket.SOCK_STREAM:
            use_cubic(made)
        return made

    def kernel_listener(self, port: int, *, v6: bool = False) -> socket.socket:
        made = self.kernel_socket(v6=v6)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((self.kernel_v6 if v6 else self.kernel, port))
        made.listen()
        return made

    async def kernel_accept(self, listener: socket.socket) -> socket.socket:
        accepted, _ = await asyncio.wait_for(self._loop.sock_accept(listener), _WITHIN)
        return accepted

    async def kernel_receive_all(self, end: socket.socket, within: float = _WITHIN) -> bytes:
        data = bytearray()
        async with asyncio.timeout(within):
            while part := await self._loop.sock_recv(end, 1 << 18):
                data += part
        return bytes(data)

    async def kernel_does(self, work: Awaitable[_Result], within: float = _WITHIN) -> _Result:
        return await asyncio.wait_for(work, within)

    async def run(self, *argv: str) -> str:
        """What a program in the kernel's namespace says; AssertionError unless it succeeds."""
        process = await asyncio.create_subprocess_exec(
            *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), _WITHIN)
        assert process.returncode == 0, said.decode()
        return said.decode()

    # What both can see.

    def capture(self) -> None:
        """Keep what crosses the kernel's interface, from now on."""
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        tap.setblocking(False)
        tap.bind(("eth0", _ETH_P_ALL))
        self._loop.add_reader(tap, self._seen, tap)
        self._tap = tap

    @property
    def seen(self) -> int:
        """How many frames were captured so far."""
        return len(self._frames)

    def _seen(self, tap: socket.socket) -> None:
        with suppress(BlockingIOError):
            while True:
                frame, (_, _, kind, *_) = tap.recvfrom(1 << 17)
                self._frames.append((time.time_ns(), frame, kind == _OUTGOING))

    def tshark(self, display_filter: str, *fields: str) -> list[str]:
        """What Wireshark has to say of the frames that were captured and match."""
        self._seen(self._tap)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "seen.pcapng")
            with path.open("wb") as out:
                out.write(pcapng.section_header() + pcapng.interface_description("eth0"))
                for at, frame, outbound in self._frames:
                    out.write(pcapng.enhanced_packet(0, at, frame, len(frame), outbound=outbound))
            options = [word for each in _CHECKING for word in ("-o", each)]
            what = ["-T", "fields"] if fields else []
            for field in fields:
                what += ["-e", field]
            done = subprocess.run(
                ["tshark", "-n", "-r", path, *options, "-Y", display_filter, *what],
                env={"PATH": os.environ["PATH"], "HOME": folder},
                capture_output=True,
                text=True,
                check=True,
            )
        return done.stdout.splitlines()

    def nothing_suspicious(self, *, but: str = "") -> None:
        """AssertionError with what Wireshark warns of."""
        meant = f"({_OF_A_KERNEL}) or ({but})" if but else _OF_A_KERNEL
        assert self._frames, "nothing was captured"
        found = self.tshark(f"({SUSPICIOUS}) and not ({meant})")
        assert not found, "\n".join(found)


Story = Callable[[Pair], Awaitable[_Result]]


def play(story: Story[_Result], setting: Setting | None = None) -> _Result:
    """What ``story`` returns, as JSON carries it; played in a process and namespaces apart."""
    chosen = setting or Setting()

    def task() -> Any:
        userns.enter(linux.CLONE_NEWNET)
        with built(chosen) as (user, kernel):
            return asyncio.run(_played(story, chosen, user, kernel))

    result: _Result = apart.call(task)
    return result


async def _played(story: Story[_Result], setting: Setting, user: int, kernel: int) -> _Result:
    linux.setns(user, linux.CLONE_NEWNET)
    pair = Pair(setting)
    pair.start()
    linux.setns(kernel, linux.CLONE_NEWNET)
    try:
        return await story(pair)
    finally:
        pair.driver.close()


@contextmanager
def built(setting: Setting) -> Iterator[tuple[int, int]]:
    """The namespaces of both hosts, with all that is between them."""
    middle = _here()
    user, kernel = _namespace(), _namespace()
    linux.setns(middle, linux.CLONE_NEWNET)
    if setting.forward or setting.backward:
        with Stretch(setting.mtu) as stretch:
            stretch.left.close()
            stretch.right.close()
            _move("left", user)
            _move("right", kernel)
            stretch.join(setting.forward or Profile(), setting.backward or Profile())
            configure(setting, user, kernel)
            yield user, kernel
    else:
        (_router if setting.between == "router" else _cable)(setting, user, kernel)
        configure(setting, user, kernel)
        yield user, kernel


def _cable(setting: Setting, user: int, kernel: int) -> None:
    mtu = ("mtu", setting.mtu)
    ip("link", "add", "left", *mtu, "type", "veth", "peer", "name", "right", *mtu)
    _move("left", user)
    _move("right", kernel)


def _router(setting: Setting, user: int, kernel: int) -> None:
    for side, inner, mtu, address, address_v6, target in (
        ("left", "near", setting.mtu, "10.0.0.254/24", "fd00::fe/64", user),
        ("right", "far", setting.far_mtu, "10.0.1.254/24", "fd01::fe/64", kernel),
    ):
        outer = ("link", "add", side, "mtu", setting.mtu)
        ip(*outer, "type", "veth", "peer", "name", inner, "mtu", mtu)
        ip("address", "add", address, "dev", inner)
        ip("address", "add", address_v6, "dev", inner, "nodad")
        if not setting.fast:
            _wire(inner)
        ip("link", "set", inner, "up")
        _move(side, target)
    for family in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        Path("/proc/sys/net", family).write_text("1")


def configure(setting: Setting, user: int, kernel: int) -> None:
    here = _here()
    linux.setns(user, linux.CLONE_NEWNET)
    if setting.is_userspace:
        _silence("eth0")
    else:
        ip("address", "add", "10.0.0.1/24", "dev", "eth0")
        ip("address", "add", "fd00::1/64", "dev", "eth0", "nodad")
        ip("link", "set", "lo", "up")
    if not setting.fast:
        _wire("eth0")
    ip("link", "set", "eth0", "up")
    linux.setns(kernel, linux.CLONE_NEWNET)
    pair_is_routed = setting.between == "router"
    Path("/proc/sys/net/ipv6/conf/eth0/accept_dad").write_text("0")
    ip("address", "add", "10.0.1.2/24" if pair_is_routed else "10.0.0.2/24", "dev", "eth0")
    ip("address", "add", "fd01::2/64" if pair_is_routed else "fd00::2/64", "dev", "eth0", "nodad")
    if not setting.fast:
        _wire("eth0")
    ip("link", "set", "lo", "up")
    ip("link", "set", "eth0", "up")
    if pair_is_routed:
        ip("route", "add", "10.0.0.0/24", "via", "10.0.1.254")
        ip("route", "add", "fd00::/64", "via", "fd01::fe")
    linux.setns(here, linux.CLONE_NEWNET)


def _silence(interface: str) -> None:
    """Leave all that comes to the userspace stack, as a lab does."""
    mute = InterfaceSettings(interface, 0, "", (), wire=False, ipv6=False)
    silent = silenced(Configuration("", (), (), (mute,), ()))
    for command in (*silent.early_commands(), *silent.commands()):
        subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL)


def use_cubic(end: socket.socket) -> None:
    """Whatever the machine is set to, which namespaces may not change to what they like."""
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")


def _wire(interface: str) -> None:
    """What crosses the interface is as it would be on a wire."""
    with Device(interface) as device:
        assert not list(device.disable_offloads())


def _here() -> int:
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _namespace() -> int:
    """A new network namespace, in which this process now is."""
    linux.unshare(linux.CLONE_NEWNET)
    return _here()


def _move(interface: str, target: int) -> None:
    ip("link", "set", interface, "netns", f"/proc/{os.getpid()}/fd/{target}", "name", "eth0")
