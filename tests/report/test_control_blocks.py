from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import cache

import pytest

from netlab.analyse.control_blocks import relative
from netlab.analyse.model import Connection
from netlab.backends.sim.network import SimNetwork
from netlab.report import html, json_form, packed, text
from netlab.report.control_blocks import COLUMNS, Moment, initial_numbers, moments, told
from netlab.report.plot import plots
from netlab.report.run import Run
from netlab.stack.tcp.settings import Settings
from netlab.stack.tcp.variables import VARIABLES
from netlab.testing import impaired
from netlab.testing.plans import two_hosts
from netlab.testing.recorded import recorded
from netlab.testing.runs import only_connection, variables
from netlab.testing.worlds import SERVER
from netlab.topology.impairment import Impairment, Profile

LOSSY = impaired.cable(
    Impairment(forward=Profile(delay=0.01, loss=0.05), backward=Profile(delay=0.01))
)


@cache
def transfer(size: int) -> Connection:
    """The client sends ``size`` bytes and closes; both ends are asked for their variables."""

    async def story(network: SimNetwork) -> None:
        client, server = (network.stations[name].programs for name in ("c1", "server"))
        listener = server.listen((SERVER, 7), settings=Settings(log=True))
        stream = await client.connect(
            (SERVER, 7), local=client.bind(("", 1500)), settings=Settings(log=True, nodelay=True)
        )
        accepted = await listener.accept()

        async def read() -> None:
            while await accepted.receive(65536):
                pass
            await accepted.close()

        reading = asyncio.ensure_future(read())
        for _ in range(size // 1000):
            await stream.send(bytes(1000))
            await asyncio.sleep(0.001)
        await stream.close()
        await reading
        await asyncio.sleep(1)

    return recorded(LOSSY, story).connection


def of_client(connection: Connection) -> list[Moment]:
    return list(moments(connection, connection.client))


def changed(moment: Moment) -> dict[str, int | None]:
    return {column.name: value for column, value in moment.changes}


def test_segments_are_told_with_what_they_change() -> None:
    connection = transfer(3000)
    opening, syn, established, *_ = of_client(connection)

    assert opening.arrows == ()  # ARP comes first
    assert changed(opening)["SND.NXT"] == 1
    assert [arrow.label for arrow in syn.arrows] == ["SYN, MSS 1460"]
    assert [arrow.label for arrow in established.arrows][:2] == ["SYN, ACK 1, MSS 1460", "ACK 1"]
    assert established.t - syn.t == 20_040_000
    expected = {"SND.UNA": 1, "SND.WND": 65160, "RCV.NXT": 1, "RCV.UP": 1}
    assert changed(established).items() >= expected.items()


@pytest.mark.parametrize("at_client", [True, False])
def test_every_segment_that_the_end_saw_is_told_once(at_client: bool) -> None:
    connection = transfer(50_000)
    end = connection.client if at_client else connection.server
    seen = [arrow for moment in moments(connection, end) for arrow in moment.arrows]
    own = [
        arrow
        for arrow in connection.arrows
        if (arrow.transit.sent if arrow.forward is at_client else arrow.transit.received)
    ]

    assert sorted(map(id, seen)) == sorted(map(id, own))


HANDSHAKE = """
    @1ms c1 > server  SYN seq=0 isn=1000
    @3ms server > c1  SYN ACK seq=0 ack=1 isn=9000
"""


@pytest.mark.parametrize(("after", "together"), [(0.9, True), (1.1, False)])
def test_a_change_is_told_with_a_segment_that_came_just_before(
    after: float, together: bool
) -> None:
    # The SYN and ACK leaves at 3 ms, and comes at 4.
    changed = variables(4 + after, SND_UNA=1001)
    connection = only_connection(two_hosts(), HANDSHAKE, [variables(1), changed])
    *_, last = of_client(connection)

    assert [arrow.label for arrow in last.arrows] == ["SYN, ACK 1"] * together
    assert last.t == (4_000_000 if together else changed.t)


def test_what_an_end_answers_just_after_is_told_with_what_it_answers() -> None:
    answered = HANDSHAKE + "@4.5ms c1 > server ACK seq=1 ack=1"
    connection = only_connection(
        two_hosts(), answered, [variables(1), variables(4.2, SND_UNA=1001)]
    )
    *_, last = of_client(connection)

    assert [arrow.label for arrow in last.arrows] == ["SYN, ACK 1", "ACK 1"]


def test_the_changes_add_up_to_the_last_values() -> None:
    connection = transfer(50_000)
    values: dict[str, int | None] = {}
    for moment in of_client(connection):
        values |= changed(moment)
    last = connection.client.variables[-1]

    assert values == {column.name: relative(last, column) for column in COLUMNS}
    assert values["SND.UNA"] == 50_002


def test_the_timers_that_run_are_told_when_one_is_set_or_stopped() -> None:
    told = [moment.timers for moment in of_client(transfer(3000))]

    assert told[0] == "retransmission 1.000 s"
    assert told[1] is None  # the SYN leaves: it has been told
    assert told[-1] == "time_wait 60.000 s"
    assert any("loss_probe" in timers for timers in told if timers)


def test_a_variable_is_told_in_words() -> None:
    assert told(VARIABLES["SND.UNA"], 1) == "SND.UNA=1"
    assert told(VARIABLES["rto"], 204_000_000) == "rto=204ms"
    assert told(VARIABLES["ssthresh"], None) == "ssthresh=none"


def test_the_text_tells_the_first_moments_and_how_many_more(
    make_run: Callable[..., Run],
) -> None:
    connection = transfer(50_000)
    report = text.render(make_run(connection))

    assert f"\n{initial_numbers(connection.client)}; all numbers are relative to these\n" in report
    assert "  <- SYN, ACK 1, MSS 1460\n             -> ACK 1\n" in report
    assert "                timers: off\n" in report
    assert f"\n{len(of_client(connection)) - 40} more moments: see report.html" in report
    assert all(len(line) <= 80 for line in report.splitlines())


def test_who_did_not_ask_has_no_section(run: Run) -> None:
    assert "Control block" not in text.render(run)
    assert 'id="blocks"' not in html.render(run, {})
    (connection,) = json.loads(json_form.render(run))["connections"]
    assert "variables" not in connection["client"]


def test_json_has_a_row_for_each_change(make_run: Callable[..., Run]) -> None:
    connection = transfer(3000)
    (content,) = json.loads(json_form.render(make_run(connection)))["connections"]
    variables = content["client"]["variables"]
    last = dict(zip(variables["names"], variables["rows"][-1], strict=True))

    assert variables["left_out"] == 0
    assert len(variables["rows"]) == len(connection.client.variables)
    assert last["snd_una"] - last["iss"] == 3002


def test_the_page_has_the_first_moments_and_how_many_more(make_run: Callable[..., Run]) -> None:
    events = [variables(1 + number, SND_WND=number) for number in range(1000)]
    connection = only_connection(two_hosts(), "c1 > server SYN seq=0 isn=1000", events)
    (content,) = json.loads(packed.pack(make_run(connection)))["connections"]
    (initial, more, rows), none = content["blocks"]

    assert none is None
    assert initial == "ISS 1000, IRS unknown"
    assert rows[0][-2:] == [len(COLUMNS), "off"]
    assert (len(rows), more) == (300, 700)
    window = [column.name for column in COLUMNS].index("SND.WND")
    assert rows[-1] == [300_000_000, [], 1000, None, window, 299]


def test_windows_are_drawn_of_the_variables_in_bytes(make_run: Callable[..., Run]) -> None:
    connection = transfer(50_000)
    (plot,) = plots([connection])

    assert plot.unit == "bytes"
    assert all(line.path for line in plot.lines)
    assert "in bytes, over milliseconds" in html.render(make_run(connection), {})
