"""Two hosts and a router that have a lot to say, while somebody spoils and adds frames.

Nothing may escape, whatever comes; every table stays within its bound; and once it is over, all of
it is forgotten, and the hosts serve again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from netlab.stack.host import Host
from netlab.stack.ip import interface, neighbours, pmtu, reassembly
from netlab.stack.ip.routes import Route
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.profile import PROFILES, PathProbing
from netlab.stack.units import MILLISECOND
from netlab.testing.chatter import Program
from netlab.testing.damage import Damage
from netlab.testing.network import Network
from netlab.wire.address import from_text
from netlab.wire.ipv6 import Ipv6
from netlab.wire.packet import Packet

ADDRESSES = {
    "a": (from_text("10.0.0.1"), from_text("fd00::1")),
    "b": (from_text("10.0.1.2"), from_text("fd00:1::2")),
}
_GATEWAYS = {"a": ("10.0.0.254", "fd00::fe"), "b": ("10.0.1.254", "fd00:1::fe")}
#: Calls of programs in one trial, and how long to wait after each (ms).
CALLS = 500
_PAUSES = (0, 0, 1, 1, 5, 20, 50, 300, 1200)
#: Until the longest that TCP tries in vain is over, and every cache is old (s).
_FORGOTTEN = 5 * 3600.0
#: Hop limits of what a router sends itself, but to listeners of groups.
_NEW = {64, 255}
#: Port of the conversation afterwards.
_AFTERWARDS = 99


def interference(seed: int) -> int:
    """Play the trial of this number; returns how many frames the hosts took in.

    AssertionError when something is wrong that can be seen from outside; whatever else escapes
    is wrong, too.
    """
    trial = _Trial(seed)
    trial.play()
    return trial.frames


class _Trial:
    def __init__(self, seed: int) -> None:
        self.frames = 0
        self._chance = chance = Random(f"interference {seed}")  # noqa: S311 - to be repeated
        self._damage = Damage(chance)
        self._worst = chance.choice((0.0, 0.1, 0.3, 0.6))
        self._network = network = Network(seed)
        for name in "ab":
            profile = PROFILES[chance.choice(sorted(PROFILES))]
            probing = chance.choice(tuple(PathProbing))
            network.add(name, profile=replace(profile, path_probing=probing))
        network.add("r", is_router=True)
        mtu = chance.choice((1500, 1500, 1300, 1280))
        network.link("a 10.0.0.1/24 fd00::1/64", "r 10.0.0.254/24 fd00::fe/64")
        network.link("r 10.0.1.254/24 fd00:1::fe/64", "b 10.0.1.2/24 fd00:1::2/64", mtu=mtu)
        for name, gateways in _GATEWAYS.items():
            for by in map(from_text, gateways):
                network.hosts[name].ip.add_route(0, Route(bytes(len(by)), 0, "eth0", by))
        for link in network.links:
            link.fate = self._fate
        ends = (("a", "b"), ("b", "a"))
        self._programs = [
            Program(network.hosts[one], ADDRESSES[one], ADDRESSES[other], chance)
            for one, other in ends
        ]

    def play(self) -> None:
        network, chance = self._network, self._chance
        for program in self._programs:
            program.listen(network.now)
        for _ in range(CALLS):
            program = chance.choice(self._programs)
            program.act(network.now)
            self._pass(chance.choice(_PAUSES) / 1000)
        self._end()
        self._serve()

    def _fate(self, frame: bytes) -> list[tuple[int, bytes]]:
        """What arrives of a frame, and when."""
        chance = self._chance
        copies = [frame] if chance.random() > self._worst / 3 else []
        while chance.random() < self._worst:
            copies.append(self._damage.of(frame))
        self.frames += len(copies)
        late = (1, 1, 1, 1, 5, 30)
        return [(chance.choice(late) * MILLISECOND, copy) for copy in copies]

    def _pass(self, seconds: float) -> None:
        network = self._network
        network.pass_(seconds)
        self._check_frames()
        network.seen.clear()
        for program in self._programs:
            program.hear()
        for host in network.hosts.values():
            while host.next_event() is not None:
                pass
            _check(host)

    def _check_frames(self) -> None:
        """What hosts made themselves is well formed; routers pass on what others have spoilt."""
        for seen in self._network.seen[:50]:
            packet = seen.packet
            if _is_made_by(self._network.hosts[seen.where.partition(":")[0]], packet):
                assert not packet.problems, (seen.where, seen.frame.hex(), packet.problems)

    def _end(self) -> None:
        """All is closed, the links are as they should be, and hours pass."""
        network = self._network
        for link in network.links:
            link.fate = None
        for program in self._programs:
            program.end(network.now)
        for _ in range(100):
            self._pass(_FORGOTTEN / 100)
        for name, host in network.hosts.items():
            left = list(host.tcp.sockets)
            assert not left, f"{name} has not forgotten {left}"
            assert host.tcp.next_timeout() is None, f"{name} has a timer of TCP left"
            assert not len(host.udp.ports), f"{name} has sockets of UDP left"
            held = [each.memory for each in host.ip.reassembly.values()]
            assert not any(held), f"{name} has fragments left"
            assert not len(host.ip.path_mtus), f"{name} remembers sizes of paths"

    def _serve(self) -> None:
        """As if nothing had been."""
        network, (program, other) = self._network, self._programs
        for host in (program.host, other.host):
            host.ip.set_mtu("eth0", 1500)
        listener = other.host.tcp.listen(network.now, _AFTERWARDS)
        for remote in program.peer:
            client = program.host.tcp.connect(network.now, remote, _AFTERWARDS)
            self._until(lambda: listener.acceptable)
            server = listener.accept()
            self._exchange(client, server, b"served again" * 5000)

    def _exchange(self, client: Connection, server: Connection, data: bytes) -> None:
        assert client.send(self._network.now, data) == len(data)
        client.shutdown(self._network.now)
        received = bytearray()
        while not server.at_end:
            self._until(lambda: server.readable)
            received += server.receive(self._network.now, 1 << 20)
        assert received == data, "what was sent is not what came"
        server.close(self._network.now)
        client.close(self._network.now)

    def _until(self, ready: Callable[[], object]) -> None:
        for _ in range(100):
            if ready():
                return
            self._network.pass_(0.5)
        raise AssertionError("they do not serve any more")


def _is_made_by(host: Host, packet: Packet) -> bool:
    """What a router passes on may claim to be its own, but has lost some of its life on the way."""
    if packet.ip is None:
        return packet.arp is not None
    if packet.ip.source not in host.ip.sender.own:
        return False
    return not (host.ip.is_router and isinstance(packet.ip, Ipv6)) or packet.ip.hop_limit in _NEW


def _check(host: Host) -> None:
    """Bounds, and what must be so in any state."""
    for on in host.ip.interfaces.values():
        assert len(on.neighbours) <= neighbours.MAX_NEIGHBOURS
        assert len(on.queue) <= interface.QUEUE_LIMIT
    assert len(host.ip.path_mtus) <= pmtu.MAX_PATHS
    assert all(each.memory <= reassembly.MEMORY_LIMIT for each in host.ip.reassembly.values())
    for connection in host.tcp.sockets:
        cb, sending = connection.cb, connection.sending
        assert cb.iss <= cb.snd_una <= cb.snd_nxt <= sending.end + 1, connection
        assert cb.snd_una <= cb.iss or sending.start == min(cb.snd_una, sending.end), connection
        assert len(sending) <= sending.limit, connection
        assert 0 <= connection.recovery.in_flight <= cb.snd_nxt - cb.snd_una, connection
        assert connection.recovery.cwnd > 0, connection
        assert cb.rcv_nxt <= cb.rcv_adv, connection
