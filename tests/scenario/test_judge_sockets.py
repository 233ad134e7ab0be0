from __future__ import annotations

from netlab.collect.events import Event
from netlab.scenario.judge import judge, sockets_hold
from netlab.scenario.verdict import Judgement
from netlab.testing.plans import two_hosts
from netlab.testing.runs import analysed
from netlab.topology.expectations import SocketsExpected
from netlab.topology.steps import Moment

LISTENER = {"transport": "tcp", "local": "*:7", "foreign": "*:*", "state": "LISTEN"}
CONNECTED = {
    "transport": "tcp",
    "local": "10.0.0.1:7",
    "foreign": "10.0.0.2:1500",
    "state": "ESTABLISHED",
}
DATAGRAMS = {"transport": "udp", "local": "*:7", "foreign": "*:*", "state": "UNCONNECTED"}
ESTABLISHED = Moment("first", "established")


def table(
    *sockets: dict[str, str], moment: str | None = "first established", t: int = 1_000_000
) -> Event:
    return Event(t, "sockets", "server", data={"moment": moment, "sockets": list(sockets)})


def expectation(
    *sockets: str, moment: Moment | None = ESTABLISHED, only: bool = False
) -> SocketsExpected:
    return SocketsExpected(
        where="", text="sockets", node="server", sockets=sockets, moment=moment, only=only
    )


def judged(expected: SocketsExpected, *events: Event) -> Judgement:
    plan = two_hosts(expectations=(expected,))
    return judge(plan, events, analysed(plan, "")).judgements[0]


def test_the_table_at_the_moment_holds_the_sockets() -> None:
    judgement = judged(
        expectation("{*:7, *:*} LISTEN", "{10.0.0.1:7, 10.0.0.2:1500} ESTABLISHED"),
        table(LISTENER, CONNECTED),
    )

    assert judgement.passed
    assert judgement.expected.splitlines()[0] == "server at first established:"
    assert judgement.seen.splitlines() == [
        "at 0.001000 s:",
        "{*:7, *:*} LISTEN",
        "{10.0.0.1:7, 10.0.0.2:1500} ESTABLISHED",
    ]


def test_a_missing_socket_is_shown_beside_the_table_that_was_there() -> None:
    judgement = judged(expectation("{*:7, *:*} LISTEN", "{*:9, *:*} LISTEN"), table(LISTENER))

    assert not judgement.passed
    assert judgement.seen.splitlines()[1:] == ["{*:7, *:*} LISTEN", "missing: {*:9, *:*} LISTEN"]


def test_a_wildcard_is_not_an_address() -> None:
    assert not judged(expectation("{*:7, 10.0.0.2:1500} ESTABLISHED"), table(CONNECTED)).passed


def test_one_socket_is_not_two() -> None:
    assert not judged(expectation("{*:7, *:*}", "{*:7, *:*} LISTEN"), table(LISTENER)).passed
    assert judged(expectation("{*:7, *:*}", "{*:7, *:*} LISTEN"), table(LISTENER, DATAGRAMS)).passed


def test_only_allows_no_other() -> None:
    assert judged(expectation("{*:7, *:*} LISTEN", only=True), table(LISTENER)).passed
    judgement = judged(expectation("{*:7, *:*} LISTEN", only=True), table(LISTENER, CONNECTED))
    assert not judgement.passed
    assert "unexpected: {10.0.0.1:7, 10.0.0.2:1500} ESTABLISHED" in judgement.seen


def test_the_last_table_of_the_moment_counts() -> None:
    assert judged(expectation("{*:7, *:*} LISTEN"), table(), table(LISTENER, t=2_000_000)).passed
    assert not judged(expectation("{*:7, *:*} LISTEN"), table(LISTENER), table(t=2_000_000)).passed


def test_the_end_is_a_moment_of_its_own() -> None:
    expected = expectation("{*:7, *:*} LISTEN", moment=None)

    assert judged(expected, table(LISTENER, moment=None)).passed
    judgement = judged(expected, table(LISTENER))
    assert not judgement.passed
    assert judgement.seen == "the socket table of server was not read at the end"


def test_an_empty_table_says_so() -> None:
    assert "no socket" in judged(expectation("{*:7, *:*} LISTEN"), table()).seen


def test_sockets_can_be_compared_before_there_is_a_verdict() -> None:
    expected = expectation("{*:7, *:*} LISTEN", only=True)

    assert sockets_hold(expected, [LISTENER])
    assert not sockets_hold(expected, [LISTENER, CONNECTED])
    assert not sockets_hold(expected, [])
