"""Labs of several hosts and routers in virtual time."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import pytest

from netlab.backends.sim.clock import EPOCH
from netlab.backends.sim.loop import play
from netlab.backends.sim.network import SimNetwork, Watcher
from netlab.fabric.emulator.hit import Hit
from netlab.stack.api.programs import Programs
from netlab.stack.events import Transition
from netlab.stack.ip.discovery import PathMtuDiscovery
from netlab.stack.ip.events import PathMtuChanged
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.stack.udp.settings import UdpSettings
from netlab.stack.units import SECOND
from netlab.topology.impairment import Action, Fault, Profile
from netlab.topology.loading import load_text
from netlab.topology.moment import Moment
from netlab.topology.plan import Plan
from netlab.wire import pcapng
from netlab.wire.packet import decode
from netlab.wire.states import State

TWO_ROUTERS = """
name: two-routers
seed: 7
nodes: {c1: {role: client}, r1: {role: router}, r2: {role: router}, server: {role: server}}
links:
  - c1 -- r1
  - {ends: [r1, r2], impair: %s}
  - r2 -- server
"""

LOSSY = "{delay: 5ms, jitter: 1ms, loss: 5%, reorder: 5%, duplicate: 2%, corrupt: 2%}"

A_LAN = """
name: a-lan
nodes: {c1: {role: client}, c2: {role: client}, server: {role: server}}
links:
  - {lan: [c1, c2, server], impair: {c2: {delay: 50ms}}}
"""

SMALL_MTU = """
name: small-mtu
nodes: {c1: {role: client}, r1: {role: router}, server: {role: server}}
links:
  - c1 -- r1
  - {ends: [r1, server], mtu: 1300}
"""


def lab(text: str, *, seed: int | None = None) -> Plan:
    return load_text(text, "lab.yaml", seed=seed)


def address(plan: Plan, node: str, *, version: int = 4) -> str:
    return next(str(a.ip) for a in plan.node(node).interfaces[0].addresses if a.version == version)


async def echo(programs: Programs, port: int = 7, **settings: Any) -> None:
    """Serves one client."""
    listener = programs.listen(("::", port), settings=Settings(**settings))
    async with await listener.accept() as stream:
        while data := await stream.receive(65536):
            await stream.send(data)
    listener.close()


async def echoed(network: SimNetwork, data: bytes, *, version: int = 4) -> bytes:
    """What c1 gets back from the server; both ends are closed then."""
    serving = asyncio.ensure_future(echo(network.stations["server"].programs))
    await asyncio.sleep(0)
    client = network.stations["c1"].programs
    received = bytearray()
    async with await client.connect((address(network.plan, "server", version=version), 7)) as s:
        sending = asyncio.ensure_future(s.send(data))
        while len(received) < len(data):
            received += await s.receive(65536)
        await sending
    await serving
    return bytes(received)


@pytest.mark.parametrize("version", [4, 6])
def test_an_echo_over_two_routers(version: int):
    plan = lab(TWO_ROUTERS % "{delay: 10ms}")
    output = BytesIO()
    network = SimNetwork(plan, capture=output)
    began = network.world.now

    assert play(network.world, echoed(network, b"hello", version=version)) == b"hello"

    took = network.world.now - began
    # One way takes 10 ms: twice to find the neighbour, to connect and to hear the echo; then a FIN.
    assert 7 * 10_000_000 < took < 7.2 * 10_000_000
    frames = captured(output)
    hops = [
        (frame.interface.name, packet.ip.ttl if packet.ip.version == 4 else packet.ip.hop_limit)
        for frame in frames
        if (packet := decode(frame.data)).tcp and packet.payload and frame.outbound and packet.ip
    ]
    assert hops == [
        ("c1:eth0", 64),
        ("r1:eth1", 63),
        ("r2:eth1", 62),
        ("server:eth0", 64),
        ("r2:eth0", 63),
        ("r1:eth0", 62),
    ]


def test_the_capture_has_every_frame_twice_with_its_times_and_no_problem():
    output = BytesIO()
    network = SimNetwork(lab(TWO_ROUTERS % "none"), capture=output)

    async def story() -> None:
        await echoed(network, bytes(100_000))
        await asyncio.sleep(1)

    play(network.world, story())
    frames = captured(output)
    times = [frame.t for frame in frames]
    assert times == sorted(times)
    assert times[0] >= EPOCH
    assert {frame.interface.name for frame in frames} == {
        *("c1:eth0", "r1:eth0", "r1:eth1", "r2:eth0", "r2:eth1", "server:eth0")
    }
    assert [p for frame in frames for p in decode(frame.data).problems] == []
    outbound = sum(frame.outbound is True for frame in frames)
    assert len(frames) == 2 * outbound > 800


def recorded(seed: int | None) -> bytes:
    output = BytesIO()
    plan = lab(TWO_ROUTERS % LOSSY, seed=seed)
    network = SimNetwork(plan, capture=output)
    data = bytes(range(256)) * 400
    assert play(network.world, echoed(network, data)) == data
    return output.getvalue()


def test_the_same_seed_gives_the_same_bytes_and_another_others():
    first = recorded(None)
    assert first == recorded(None) == recorded(7)
    assert first != recorded(8)


def test_the_impairments_are_told_as_they_happen():
    hits: list[tuple[str, str, Hit]] = []
    watcher = Watcher(hit=lambda stretch, way, hit: hits.append((stretch, way, hit)))
    network = SimNetwork(lab(TWO_ROUTERS % LOSSY), watcher=watcher)
    play(network.world, echoed(network, bytes(200_000)))

    assert {stretch for stretch, _, _ in hits} == {*network.links.stretches} == {"r1 -- r2"}
    assert {way for _, way, _ in hits} == {"forward", "backward"}
    assert {hit.reason for _, _, hit in hits} == {"loss", "reorder", "duplicate", "corrupt"}
    forward = network.passage("r1 -- r2", forward=True)
    lost = [hit for _, way, hit in hits if way == "forward" and hit.reason == "loss"]
    assert forward.way is not None
    assert forward.way.tally.lost == len(lost) > 0


def test_a_lan_where_one_cable_is_slow():
    plan = lab(A_LAN)
    network = SimNetwork(plan)

    async def story() -> dict[str, float]:
        server = network.stations["server"].programs.datagrams()
        server.bind(("0.0.0.0", 7))
        took = {}
        for node in ("c1", "c2"):
            client = network.stations[node].programs.datagrams()
            for _ in range(2):  # the first has to ask for the neighbour
                began = network.world.now
                client.send(b"hello", (address(plan, "server"), 7))
                question = await server.receive()
                server.send(question.data, question.sender)
                await client.receive()
                took[node] = (network.world.now - began) / SECOND
        return took

    took = play(network.world, story())
    assert took["c1"] < 0.001
    assert 0.1 <= took["c2"] < 0.101


def test_a_path_with_a_smaller_mtu_is_found_out():
    plan = lab(SMALL_MTU)
    events: list[tuple[str, Any]] = []
    watcher = Watcher(event=lambda node, event: events.append((node, event)))
    network = SimNetwork(plan, watcher=watcher)

    async def story() -> int:
        server = network.stations["server"].programs.datagrams()
        server.bind(("0.0.0.0", 7))
        settings = UdpSettings(path_mtu_discovery=PathMtuDiscovery.WANT)
        client = network.stations["c1"].programs.datagrams(settings=settings)
        for _ in range(2):
            client.send(bytes(1400), (address(plan, "server"), 7))
            await asyncio.sleep(1)
        return (await server.receive()).length

    assert play(network.world, story()) == 1400
    found = [e.mtu for node, e in events if node == "c1" and isinstance(e, PathMtuChanged)]
    assert found == [1300]


def test_time_wait_is_two_minutes_at_most_and_takes_none_of_ours():
    events: list[tuple[str, Any]] = []
    watcher = Watcher(event=lambda node, event: events.append((node, event)))
    network = SimNetwork(lab(TWO_ROUTERS % "none"), watcher=watcher)

    async def story() -> None:
        await echoed(network, b"hello")
        await asyncio.sleep(121)

    play(network.world, story())
    states = [e for node, e in events if node == "c1" and isinstance(e, Transition)]
    assert [e.after for e in states] == [
        State.SYN_SENT,
        State.ESTABLISHED,
        State.FIN_WAIT_1,
        State.FIN_WAIT_2,
        State.TIME_WAIT,
        State.CLOSED,
    ]
    assert states[-1].time - states[-2].time == 60 * SECOND
    assert all(s.host.tcp.next_timeout() is None for s in network.stations.values())


def test_an_hour_of_keepalive_has_its_probes_and_nothing_else():
    output = BytesIO()
    plan = lab(TWO_ROUTERS % "none")
    network = SimNetwork(plan, capture=output)

    async def story() -> None:
        listener = network.stations["server"].programs.listen(("::", 7))
        every_minute = Settings(keepalive=Keepalive(idle=60 * SECOND))
        client = network.stations["c1"].programs
        stream = await client.connect((address(plan, "server"), 7), settings=every_minute)
        await listener.accept()
        await asyncio.sleep(3600)
        assert stream.state is State.ESTABLISHED

    play(network.world, story())
    sent = [
        frame
        for frame in captured(output)
        if frame.interface.name == "c1:eth0" and frame.outbound and decode(frame.data).tcp
    ]
    # The handshake, and a probe a minute from then.
    assert len(sent) - 2 in {59, 60}


def test_a_link_that_is_down_carries_nothing_until_it_is_up_again():
    plan = lab(TWO_ROUTERS % "none")
    network = SimNetwork(plan)

    async def story() -> float:
        network.set_up("r1 -- r2", is_up=False)
        asyncio.get_running_loop().call_later(2, lambda: network.set_up("r1 -- r2", is_up=True))
        began = network.world.now
        assert await echoed(network, b"hello") == b"hello"
        return (network.world.now - began) / SECOND

    assert 2 < play(network.world, story()) < 4


def captured(output: BytesIO) -> list[pcapng.Frame]:
    output.seek(0)
    return [block for block in pcapng.read(output) if isinstance(block, pcapng.Frame)]


def a_fault(action: Action, expression: str, **options: Any) -> Fault:
    return Fault(action, expression, True, "lab.yaml:1:1", f"{action} {expression}", **options)


def test_a_step_of_the_scenario_makes_a_link_worse_and_better_again():
    network = SimNetwork(lab(TWO_ROUTERS % "{delay: 1ms}"))

    async def story() -> list[float]:
        took = []
        for delay in (0.001, 0.2, 0.001):
            for forward in (True, False):
                network.impair("r1 -- r2", Profile(delay=delay), forward=forward)
            began = network.world.now
            assert await echoed(network, b"hello") == b"hello"
            took.append((network.world.now - began) / SECOND)
        return took

    first, second, third = play(network.world, story())
    assert first < 0.1
    assert 1 < second < 2
    assert third < 0.1


def test_the_first_syn_is_dropped_and_the_second_arrives_after_a_second():
    network = SimNetwork(lab(TWO_ROUTERS % "{delay: 1ms}"))
    network.add_fault("r1 -- r2", a_fault(Action.DROP, "tcp.flags.syn", nth=(1,)))
    began = network.world.now
    assert play(network.world, echoed(network, b"hello")) == b"hello"
    assert 1 < (network.world.now - began) / SECOND < 1.1


def test_a_packet_is_held_until_its_moment():
    network = SimNetwork(lab(TWO_ROUTERS % "{delay: 1ms}"))
    moment = Moment("first", "established")
    network.add_fault("r1 -- r2", a_fault(Action.HOLD, "tcp.flags.syn", until=moment))
    network.begin()

    async def story() -> float:
        began = network.world.now
        loop = asyncio.get_running_loop()
        loop.call_later(0.5, lambda: network.happen(str(moment)))
        assert await echoed(network, b"hello") == b"hello"
        return (network.world.now - began) / SECOND

    assert 0.5 < play(network.world, story()) < 0.6


def test_a_node_that_starts_again_chooses_other_numbers():
    network = SimNetwork(lab(SMALL_MTU))
    ports = [network.stations["c1"].programs.bind(("", 0)).port]
    ports += [network.restart("c1").programs.bind(("", 0)).port for _ in range(2)]
    assert len(set(ports)) == 3
