from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.analyse.model import PathMtu
from netlab.collect.counts import InterfaceCount
from netlab.collect.events import Event
from netlab.report import text
from netlab.report.columns import width
from netlab.report.run import Run
from netlab.report.textladder import ladder
from netlab.scenario.verdict import Judgement, Verdict


def test_the_first_line_is_the_verdict(run: Run, failed: Run) -> None:
    assert text.render(run).splitlines()[0] == "passed: 2 expectations met"
    assert text.render(failed).splitlines()[0] == "failed: 1 of 3 expectations not met"


def test_the_header_says_how_to_do_it_again_and_how_states_are_known(run: Run) -> None:
    report = text.render(run)
    assert "again      netlab run topologies/tcp/observed.yaml --seed 7" in report
    assert "states by  trace (exact, " in report
    assert "states by  sock_diag (polled: " in report
    assert "notice     c1 has no default route" in report


def test_the_last_mtu_that_a_node_was_told_for_each_destination_is_listed(run: Run) -> None:
    told = (
        PathMtu(330_000, "c1", "10.0.0.2", "10.0.0.9", 1400),
        PathMtu(390_000, "c1", "10.0.0.2", "10.0.0.8", 1300),
        PathMtu(500_000, "server", "10.0.0.1", "10.0.0.7", 1280),
    )
    lines = text.render(replace(run, analysis=replace(run.analysis, path_mtus=told))).splitlines()
    start = lines.index("Path MTUs")
    assert lines[start + 2 : start + 5] == [
        "  c1 to 10.0.0.2: 1300, told by 10.0.0.8 at 0.390 ms",
        "  server to 10.0.0.1: 1280, told by 10.0.0.7 at 0.500 ms",
        "",
    ]


def test_without_path_mtus_there_is_no_list_of_them(run: Run) -> None:
    assert "Path MTUs" not in text.render(run)


def test_a_failed_expectation_shows_what_was_expected_seen_and_where(failed: Run) -> None:
    lines = text.render(failed).splitlines()
    start = lines.index("FAIL  one packet matches tcp.flags.fin")
    assert [" ".join(line.split()) for line in lines[start + 1 : start + 5]] == [
        "at topologies/tcp/observed.yaml:22:5",
        "expected 1 packet",
        "seen 2 packets: frames 13 and 17",
        "frames 13, 17",
    ]


def test_a_failed_step_is_listed(run: Run) -> None:
    report = text.render(replace(run, verdict=Verdict((), ("c1: connect failed",))))
    assert report.startswith("failed: 1 step or service failed\n")
    assert "FAIL  c1: connect failed" in report


def test_every_connection_has_its_ladder(run: Run) -> None:
    (connection,) = run.analysis.connections
    assert ladder(connection, run.events) in text.render(run)


def test_socket_tables_are_in_the_notation_of_the_book(run: Run) -> None:
    report = text.render(run)
    assert "Sockets of server at first received, 0.380 ms" in report
    assert "  tcp {*:7, *:*} LISTEN\n" in report
    assert "  tcp {10.0.0.1:7, 10.0.0.2:1500} ESTABLISHED echo (pid 12)\n" in report


def test_capture_drops_are_not_overlooked(run: Run) -> None:
    counts = (InterfaceCount("c1", "eth0", 10, 3),)
    report = text.render(replace(run, analysis=replace(run.analysis, counts=counts)))
    assert report.rstrip().endswith("10 packets, 3 DROPPED")


def test_a_run_without_anything_is_still_a_report(run: Run) -> None:
    empty = replace(run.analysis, connections=(), transits=(), sightings=(), counts=())
    report = text.render(replace(run, analysis=empty, events=(), verdict=Verdict(())))
    assert report.startswith("passed: nothing was expected\n")


texts = st.text(min_size=1, max_size=200)


def test_no_line_is_wider_than_80_columns(run: Run) -> None:
    @settings(max_examples=40, deadline=None)
    @given(name=texts, what=texts, seen=texts)
    def holds(name: str, what: str, seen: str) -> None:
        for line in text.render(hostile(run, name, what, seen)).splitlines():
            assert width(line) <= 80
            assert line.isprintable()

    holds()


def hostile(run: Run, name: str, what: str, seen: str) -> Run:
    judgement = Judgement(what, name, False, what, seen, tuple(range(90)))
    return replace(
        run,
        plan=replace(run.plan, name=name, description=what, source=name, notices=(what,)),
        command=what,
        verdict=Verdict((judgement,), (seen,), name),
        events=(
            Event(0, "sockets", name, data={"moment": what, "sockets": [{"local": seen}]}),
            Event(0, "notice", data={"text": seen}),
        ),
        analysis=replace(run.analysis, counts=(InterfaceCount(name, what, 10**9, 10**9),)),
    )
