from __future__ import annotations

from dataclasses import replace

from netlab.analyse.model import Connection, Endpoint
from netlab.report import overview, text
from netlab.report.run import Run
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed

QUIET = """
    c1:{port} > server  SYN seq=0
    server > c1:{port}  SYN ACK seq=0 ack=1
    c1:{port} > server  ACK seq=1 ack=1 len=10
    server > c1:{port}  ACK seq=1 ack=11 len=20
"""


def crowded(run: Run, count: int, extra: str = "") -> Run:
    lines = "".join(QUIET.format(port=1000 + number) for number in range(count)) + extra
    return replace(run, analysis=analysed(two_hosts(), lines), events=())


def coming_from(address: str, connection: Connection) -> Connection:
    endpoint = Endpoint(None, address, connection.client.endpoint.port)
    return replace(connection, client=replace(connection.client, endpoint=endpoint))


def test_a_few_connections_are_all_drawn(run: Run) -> None:
    run = crowded(run, overview.MOST_DRAWN)

    assert overview.drawn(run) == run.analysis.connections
    assert overview.tables(run) == ()


def test_of_many_the_first_and_those_that_something_happened_to(
    run: Run,
) -> None:
    refused = """
        c1:3000 > server SYN seq=0
        server > c1:3000 RST ACK ack=1
        c1:3001 > server:9 SYN seq=0
    """
    run = crowded(run, 30, refused)

    assert [each.client.endpoint.port for each in overview.drawn(run)] == [1000, 1001, 3000, 3001]
    (table,) = overview.tables(run)
    assert table.rows == (
        ("c1, server 10.0.0.1:7 tcp", "31", "300", "600", "0", "0", "1", "7.0 ms"),
        ("c1, server 10.0.0.1:9 tcp", "1", "0", "0", "0", "0", "0", "1.0 ms"),
    )


def test_openers_whose_addresses_nobody_has_are_one_group(run: Run) -> None:
    flood = "".join(f"c1:{port} > server SYN seq=0\n" for port in range(2000, 2030))
    flooded = crowded(run, 1, flood)
    first, *others = flooded.analysis.connections
    spoofed = [coming_from(f"10.9.0.{n}", each) for n, each in enumerate(others)]
    analysis = replace(flooded.analysis, connections=(first, *spoofed))
    (table,) = overview.tables(replace(flooded, analysis=analysis))

    assert [row[:2] for row in table.rows] == [
        ("c1, server 10.0.0.1:7 tcp", "1"),
        ("addresses of no node, server 10.0.0.1:7 tcp", "30"),
    ]


def test_the_text_has_the_table_and_says_what_it_leaves_out(run: Run) -> None:
    said = text.render(crowded(run, 30))

    assert "The ladders of 28 more connections are in report.html.\n" in said
    assert "c1, server 10.0.0.1:7 tcp" in said
    assert all(len(line) <= 80 for line in said.splitlines())
