from __future__ import annotations

from netlab.collect.events import Event
from netlab.report.run import Run
from netlab.report.sockets import Socket, Table, tables


def test_a_table_has_its_moment_and_pairs(run: Run) -> None:
    (table,) = tables(run.events)
    assert (table.node, table.moment, table.t) == ("server", "first received", 380_000)
    assert table.sockets == (
        Socket("tcp", "{*:7, *:*}", "LISTEN", ""),
        Socket("tcp", "{10.0.0.1:7, 10.0.0.2:1500}", "ESTABLISHED", "echo (pid 12)"),
    )


def test_without_a_moment_it_is_the_end() -> None:
    assert list(tables([Event(9, "sockets", "c1", data={"moment": None, "sockets": []})])) == [
        Table(9, "c1", "the end", ())
    ]


def test_a_socket_without_program_shows_the_process() -> None:
    listed = [{"transport": "udp", "local": "*:7", "foreign": "*:*", "pid": 3}]
    (table,) = tables([Event(0, "sockets", "c1", data={"sockets": listed})])
    assert table.sockets == (Socket("udp", "{*:7, *:*}", "", "(pid 3)"),)
