from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.report.plot import Plot, plots
from netlab.testing.plans import two_hosts
from netlab.testing.runs import connected, only_connection, tcp_info

HANDSHAKE = """
    c1 > server  SYN seq=0
    server > c1  SYN ACK seq=0 ack=1
    c1 > server  ACK seq=1 ack=1
    @101ms c1 > server  ACK seq=1 ack=1 len=100
"""


def plotted(*cwnds: tuple[float, int, int | None]) -> Plot:
    events = [connected("first")]
    events += [tcp_info(at=at, cwnd=cwnd, ssthresh=threshold) for at, cwnd, threshold in cwnds]
    (plot,) = plots([only_connection(two_hosts(), HANDSHAKE, events)])
    return plot


def test_a_window_is_drawn_in_steps_to_the_connection_s_end() -> None:
    plot = plotted((1, 10, None), (51, 20, None))
    cwnd, threshold, _ = plot.lines

    assert plot.title == "first: c1 10.0.0.2:40000"
    assert cwnd.path == "M46.0 101.5H447.0V26.9H848.0"
    assert threshold.path == ""
    assert [mark.text for mark in plot.across] == ["0", "20", "40", "60", "80", "100"]
    assert [mark.text for mark in plot.up] == ["0", "5", "10", "15", "20"]


def test_a_threshold_begins_with_the_first_loss() -> None:
    _, threshold, _ = plotted((1, 10, None), (51, 20, 10)).lines
    assert threshold.path.startswith("M447.0 ")


def test_ends_that_were_not_sampled_have_no_plot() -> None:
    assert not list(plots([only_connection(two_hosts(), HANDSHAKE, [connected("first")])]))


def test_an_end_that_sends_nothing_has_none() -> None:
    events = [
        connected("first"),
        tcp_info(at=9, node="server", local="10.0.0.1:7", foreign="10.0.0.2:40000"),
    ]
    assert not list(plots([only_connection(two_hosts(), HANDSHAKE, events)]))


SAMPLES = st.tuples(
    st.floats(1, 5000), st.integers(0, 2**32 - 1), st.none() | st.integers(0, 2**31)
)


@given(st.lists(SAMPLES, min_size=1, max_size=20))
def test_no_window_is_drawn_outside(samples: list[tuple[float, int, int | None]]) -> None:
    plot = plotted(*sorted(samples, key=lambda sample: sample[0]))
    for line in plot.lines:
        for command in line.path.replace("V", "H").replace("M", "H").split("H")[1:]:
            for number in command.split():
                assert 0 <= float(number) <= plot.width
