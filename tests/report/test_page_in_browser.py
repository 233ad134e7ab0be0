"""The page in a real browser, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from netlab import report
from netlab.analyse.model import Arrow, Connection, Source, StateChange
from netlab.collect.events import Event
from netlab.report.run import Run
from netlab.testing.plans import two_hosts
from netlab.testing.runs import connected, only_connection, variables
from netlab.wire.tcp import Flags

BROWSER = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH")

HOSTILE = "</script><script>document.title='owned'</script><!--<img src=x onerror=alert(2)>\u2028"


def seen(folder: Path, run: Run) -> str:
    """The page's DOM after its script has run."""
    report.write(folder, run)
    assert BROWSER
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    profile = f"--user-data-dir={folder / 'profile'}"
    page = (folder / "report.html").as_uri()
    done = subprocess.run(
        [BROWSER, *options, profile, "--dump-dom", page],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert '<div id="trouble" role="alert" hidden="">' in done.stdout, trouble(done.stdout)
    return done.stdout


def trouble(dom: str) -> str:
    found = re.search(r'<div id="trouble"[^>]*>(.*?)</div>', dom, re.DOTALL)
    return found[1] if found else "the page is not the report"


def test_the_ladder_is_drawn_with_states_and_calls(tmp_path: Path, run: Run) -> None:
    dom = seen(tmp_path, run)
    assert len(re.findall(r'class="packet[^"]*" data-index="\d+"', dom)) == 10
    assert len(re.findall(r'class="state ', dom)) == 11
    assert re.search(r'class="state opening"[^>]*>SYN_SENT<', dom)
    assert re.search(r'class="call"[^>]*>connect<', dom)
    assert "States known by trace (exact" in dom


def test_hostile_texts_stay_texts(tmp_path: Path, poison: Callable[[str], Run]) -> None:
    run = poison(HOSTILE)
    # A file of that name cannot be; the report only lists it.
    dom = seen(tmp_path, replace(run, files=()))
    assert "<img" not in dom
    assert "owned</title>" not in dom
    assert len(re.findall(r'data-index="\d+"', dom)) == 10


def test_of_very_many_packets_only_those_in_view_are_drawn(
    tmp_path: Path, run: Run, observed: Connection, segment: Callable[..., Arrow]
) -> None:
    arrows = tuple(segment(n * 1000, f"ACK {n}", Flags.ACK) for n in range(5000))
    analysis = replace(run.analysis, connections=(replace(observed, arrows=arrows),))
    drawn = re.findall(r'data-index="\d+"', seen(tmp_path, replace(run, analysis=analysis)))
    assert 10 < len(drawn) < 500


def test_a_run_without_connections_is_still_a_page(tmp_path: Path, run: Run) -> None:
    analysis = replace(run.analysis, connections=(), transits=(), sightings=())
    assert "No connection was seen" in seen(tmp_path, replace(run, analysis=analysis))


def test_a_control_block_is_a_table_of_what_changed(
    tmp_path: Path, make_run: Callable[..., Run]
) -> None:
    text = """
        c1 > server  SYN seq=0 isn=1000
        server > c1  SYN ACK seq=0 ack=1 isn=9000
    """
    events = [
        connected("first"),
        variables(1, ISS=1000, SND_UNA=1000, SND_NXT=1001, timer_retransmission=10**9),
        variables(4, ISS=1000, SND_UNA=1001, SND_NXT=1001, IRS=9000, RCV_NXT=9001),
    ]
    dom = seen(tmp_path, make_run(only_connection(two_hosts(), text, events)))
    block = dom.partition('id="block-tables"')[2].partition("</table>")[0]

    assert "ISS 1000, IRS 9000" in block
    assert re.search(r'<td class="segment">← SYN, ACK 1, MSS 1460</td>|← SYN, ACK 1</td>', block)
    rows = block.split("<tr")[2:]
    changed = [re.findall(r'<td class="changed">([^<]*)</td>', row) for row in rows]
    assert changed[0][-1] == "retransmission 1.000 s"
    assert changed[1][:2] == ["1", "1"]  # SND.UNA and RCV.NXT
    assert changed[1][-1] == "off"
    assert "It was not asked for its control block." in dom


def lived(connection: Connection, *client: tuple[float, str]) -> Connection:
    """The states of ``client``, each with how many seconds after the start it began.

    The server is closed after a second.
    """

    def at(second: float, state: str) -> StateChange:
        return StateChange(connection.t + round(second * 1e9), state, Source.STACK)

    return replace(
        connection,
        client=replace(connection.client, states=tuple(at(*each) for each in client)),
        server=replace(connection.server, states=(at(0, "ESTABLISHED"), at(1, "CLOSED"))),
    )


def lasting(run: Run, seconds: float) -> Run:
    last = Event(round(seconds * 1e9), "notice", data={"text": "the end"})
    return replace(run, events=(*run.events, last))


def bands(dom: str) -> dict[str, float]:
    """How wide the states of the client are in the bar."""
    bar = r'<rect class="band [^"]*" x="[^"]*" y="20" width="([^"]*)" height="24"><title>(\w+): '
    return {state: float(width) for width, state in re.findall(bar, dom)}


def test_a_wait_much_longer_than_all_else_is_drawn_as_long_as_all_else(
    tmp_path: Path, observed: Connection, make_run: Callable[..., Run]
) -> None:
    states = [(0, "SYN_SENT"), (1, "ESTABLISHED"), (3, "TIME_WAIT"), (63, "CLOSED")]
    dom = seen(tmp_path, make_run(lived(observed, *states)))
    widths = bands(dom)

    assert ">60 s, shortened<" in dom
    assert 'class="cut"' in dom
    assert widths["ESTABLISHED"] == pytest.approx(2 * widths["SYN_SENT"])
    assert widths["TIME_WAIT"] == pytest.approx(widths["SYN_SENT"] + widths["ESTABLISHED"])


def test_a_wait_of_four_times_all_else_is_as_long_as_it_was(
    tmp_path: Path, observed: Connection, make_run: Callable[..., Run]
) -> None:
    states = [(0, "SYN_SENT"), (1, "ESTABLISHED"), (3, "TIME_WAIT"), (15, "CLOSED")]
    dom = seen(tmp_path, make_run(lived(observed, *states)))
    widths = bands(dom)

    assert 'class="cut"' not in dom
    assert widths["TIME_WAIT"] == pytest.approx(6 * widths["ESTABLISHED"])


def test_the_bar_ends_when_both_ends_are_closed(
    tmp_path: Path, observed: Connection, make_run: Callable[..., Run]
) -> None:
    connection = lived(observed, (0, "SYN_SENT"), (1, "ESTABLISHED"), (3, "CLOSED"))
    dom = seen(tmp_path, lasting(make_run(connection), 600))
    widths = bands(dom)

    assert 'class="cut"' not in dom
    assert widths["ESTABLISHED"] == pytest.approx(2 * widths["SYN_SENT"])
    assert "<td>CLOSED</td><td>3000.000</td><td>597000.000</td>" in dom


def test_the_bar_of_an_end_that_is_not_closed_ends_with_the_run(
    tmp_path: Path, observed: Connection, make_run: Callable[..., Run]
) -> None:
    connection = lived(observed, (0, "SYN_SENT"), (1, "ESTABLISHED"), (3, "FIN_WAIT_2"))
    dom = seen(tmp_path, lasting(make_run(connection), 600))
    widths = bands(dom)

    assert ">597 s, shortened<" in dom
    assert widths["FIN_WAIT_2"] == pytest.approx(widths["SYN_SENT"] + widths["ESTABLISHED"])
