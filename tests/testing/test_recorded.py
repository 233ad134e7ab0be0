from __future__ import annotations

import asyncio
from itertools import pairwise

from netlab.backends.sim.clock import EPOCH
from netlab.backends.sim.network import SimNetwork
from netlab.collect.events import Event
from netlab.stack.tcp.settings import Settings
from netlab.stack.units import SECOND
from netlab.testing import impaired
from netlab.testing.recorded import Recorded, recorded
from netlab.testing.worlds import SERVER
from netlab.topology.impairment import Impairment, Profile
from netlab.wire import pcapng
from netlab.wire.digest import digest

_LOSSY = Impairment(forward=Profile(delay=0.01, loss=0.2), backward=Profile(delay=0.01))


def a_run(settings: Settings) -> Recorded:
    """A client sends 20,000 bytes and closes; two minutes later nothing is left."""

    async def story(network: SimNetwork) -> None:
        client, server = (network.stations[name].programs for name in ("c1", "server"))
        listener = server.listen((SERVER, 7))
        here = client.bind(("", 1500))
        stream = await client.connect((SERVER, 7), local=here, settings=settings)
        accepted = await listener.accept()
        await stream.send(bytes(20_000))
        await stream.close()
        while await accepted.receive(65536):
            pass
        await accepted.close()
        await asyncio.sleep(121)

    return recorded(impaired.cable(_LOSSY), story)


def of_kind(run: Recorded, kind: str, node: str | None = None) -> list[Event]:
    return [e for e in run.events if e.kind == kind and node in {None, e.node}]


def test_every_state_of_both_ends_is_there_with_its_exact_time():
    run = a_run(Settings())
    client, server = (of_kind(run, "state", node) for node in ("c1", "server"))
    assert [e.data["new"] for e in client] == [
        *("SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT", "CLOSED")
    ]
    assert [e.data["new"] for e in server] == [
        *("SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED")
    ]
    for one, following in (*pairwise(client), *pairwise(server)):
        assert one.data["new"] == following.data["old"]
        assert one.t <= following.t
    assert client[-1].t - client[-2].t == 60 * SECOND
    assert client[0].data["local"] == server[0].data["foreign"] == "10.0.0.2:1500"
    assert {e.data["source"] for e in client} == {"stack"}


def test_what_was_lost_is_a_frame_of_the_capture():
    run = a_run(Settings())
    lost = of_kind(run, "impairment")
    assert {e.data["link"] for e in lost} == {"c1 -- server"}
    assert len(lost) > 1
    frames = [each for each in run.blocks if isinstance(each, pcapng.Frame)]
    sent = {(frame.t, digest(frame.data)) for frame in frames if frame.outbound}
    assert all((e.data["came"], e.data["digest"]) in sent for e in lost)
    assert min(e.data["came"] for e in lost) > EPOCH


def test_variables_are_there_on_request_alone():
    assert of_kind(a_run(Settings()), "variables") == []
    run = a_run(Settings(log=True))
    values = [e.data["values"] for e in of_kind(run, "variables", "c1")]
    assert len(values) > 20
    assert {"SND.UNA", "SND.NXT", "RCV.NXT", "cwnd", "ssthresh", "srtt", "rto"} <= {*values[0]}
    acknowledged = [each["SND.UNA"] - each["ISS"] for each in values]
    assert acknowledged == sorted(acknowledged)
    assert acknowledged[-1] == 20_002  # with SYN and FIN
    assert of_kind(run, "variables", "server") == []


def test_a_run_is_the_same_each_time():
    assert a_run(Settings(log=True)).events == a_run(Settings(log=True)).events
