"""What Wireshark warns of in stories that go less well: what happens in them, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.stack.raw import RawSocket
from netlab.stack.tcp.connection import Connection
from netlab.stack.tcp.settings import DEFAULT, Keepalive, Settings
from netlab.stack.units import MILLISECOND, SECOND
from netlab.testing import tshark
from netlab.testing.network import Network
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="there is no tshark here")

A, B, A6, B6 = map(from_text, ("10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"))
PORT = 7
RESET = "Connection reset (RST)"


def connected(
    network: Network, to: bytes, settings: Settings = DEFAULT
) -> tuple[Connection, Connection]:
    """Both ends of a new connection, a's first."""
    listener = network.hosts["b"].tcp.listen(network.now, PORT, settings=settings)
    client = network.hosts["a"].tcp.connect(network.now, to, PORT, settings=settings)
    network.pass_(0.1)
    return client, listener.accept()


def read_all(network: Network, end: Connection) -> int:
    size = 0
    for _ in range(100):
        network.pass_(0.1)
        while end.readable and (data := end.receive(network.now, 1 << 16)):
            size += len(data)
    return size


def refused(network: Network, to: bytes) -> None:
    network.hosts["a"].tcp.connect(network.now, to, PORT)
    network.pass_(1)


def aborted(network: Network, to: bytes) -> None:
    client, server = connected(network, to)
    client.send(network.now, b"never mind")
    network.pass_(1)
    server.abort(network.now)
    network.pass_(1)


def closed_at_once(network: Network, to: bytes) -> None:
    for end in connected(network, to):
        end.shutdown(network.now)
    network.pass_(100)


def opened_at_once(network: Network, to: bytes) -> None:
    a, b = network.hosts["a"].tcp, network.hosts["b"].tcp
    bound = a.bind(None, 1001), b.bind(None, 1002)
    ask(network, to)  # so that the neighbours know each other
    a.connect(network.now, to, 1002, binding=bound[0])
    b.connect(network.now, A if len(to) == 4 else A6, 1001, binding=bound[1])
    network.pass_(1)
    (connection,) = a.sockets
    assert connection.state.value == "ESTABLISHED"


def full_window(network: Network, to: bytes) -> None:
    client, server = connected(network, to, Settings(receive_buffer=8000))
    client.send(network.now, bytes(20_000))
    network.pass_(5)
    assert read_all(network, server) == 20_000


def urgent(network: Network, to: bytes) -> None:
    client, _ = connected(network, to)
    client.send(network.now, b"stop!", is_urgent=True)
    network.pass_(1)


def congested(network: Network, to: bytes) -> None:
    """A router would mark; here the ends only agree that it may."""
    client, server = connected(network, to, Settings(ecn=True))
    client.send(network.now, bytes(50_000))
    assert read_all(network, server) == 50_000


def idle(network: Network, to: bytes) -> None:
    connected(network, to, Settings(keepalive=Keepalive(SECOND, SECOND, 3)))
    network.pass_(5)


def lossy(network: Network, to: bytes) -> None:
    client, server = connected(network, to)
    lost = iter((True, False, False, True))
    network.links[0].fate = lambda f: [] if len(f) > 1400 and next(lost, False) else [on_time(f)]
    client.send(network.now, bytes(100_000))
    assert read_all(network, server) == 100_000


def old_fashioned(network: Network, to: bytes) -> None:
    plain = Settings(timestamps=False, window_scaling=False, sack=False, max_segment=536)
    client, server = connected(network, to, plain)
    client.send(network.now, bytes(10_000))
    assert read_all(network, server) == 10_000


def ask(network: Network, to: bytes, size: int = 56) -> None:
    is_v4 = len(to) == 4
    ping = RawSocket(network.hosts["a"].ip, 1 if is_v4 else 58, v6=not is_v4)
    data = bytes(size)
    echo = icmp.echo(7, 1).emit(data) if is_v4 else icmpv6.echo(7, 1).emit(data, A6, to)
    ping.send(network.now, echo, to)
    network.pass_(1)


def pinged(network: Network, to: bytes) -> None:
    for size in (0, 56, 5000):
        ask(network, to, size)


def nobody_there(network: Network, to: bytes) -> None:
    """In vain, the neighbour is asked for."""
    ask(network, to[:-1] + b"\x63")
    network.pass_(5)


def no_port(network: Network, to: bytes) -> None:
    network.hosts["a"].udp.socket(v6=len(to) == 16).send(network.now, bytes(2000), to, 9)
    network.pass_(1)


def no_protocol(network: Network, to: bytes) -> None:
    RawSocket(network.hosts["a"].ip, 200, v6=len(to) == 16).send(network.now, b"what?", to)
    network.pass_(1)


def on_time(frame: bytes) -> tuple[int, bytes]:
    return MILLISECOND, frame


#: Stories, and what Wireshark is to warn of.
STORIES: dict[Callable[[Network, bytes], None], set[str]] = {
    refused: {RESET},
    aborted: {RESET},
    closed_at_once: set(),
    opened_at_once: set(),
    full_window: {
        "TCP window specified by the receiver is now completely full",
        "TCP Zero Window segment",
    },
    urgent: set(),
    congested: set(),
    idle: set(),
    lossy: set(),
    old_fashioned: set(),
    pinged: set(),
    nobody_there: set(),
    no_port: set(),
    no_protocol: set(),
}


@pytest.mark.parametrize("to", [B, B6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("story", STORIES)
def test_wireshark_warns_of_what_happens_alone(
    story: Callable[[Network, bytes], None], to: bytes, tmp_path: Path
):
    network = Network()
    network.link("a 10.0.0.1/24 fd00::1/64", "b 10.0.0.2/24 fd00::2/64")
    story(network, to)
    capture = tmp_path / "story.pcapng"
    tshark.write(network.seen, capture)
    warned = tshark.frames(
        capture, f"{tshark.MALFORMED} or _ws.expert.severity >= {tshark.WARNING}"
    )
    assert {line.split("\t")[2] for line in warned} == STORIES[story], "\n".join(warned)
