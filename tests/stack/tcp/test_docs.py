"""docs/tcp.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlab.stack.events import Events
from netlab.stack.tcp import layer, output, receive_buffer, sockets
from netlab.stack.tcp.profile import FREEBSD, LINUX
from netlab.stack.tcp.recovery import scoreboard

PAGE = (Path(__file__).parents[3] / "docs" / "tcp.md").read_text()
SECOND, MILLISECOND = 10**9, 10**6


def row(beginning: str) -> list[str]:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_the_profiles():
    linux, freebsd = LINUX.recovery, FREEBSD.recovery
    assert row("options of a SYN") == [
        f"MSS, SACK, timestamps, scale {LINUX.window_shift}",
        f"MSS, scale {FREEBSD.window_shift}, SACK, timestamps",
    ]
    assert row("SYNs sent again") == [f"{LINUX.syn_retries} (127 s)", f"{FREEBSD.syn_retries}"]
    assert row("data sent again") == [f"{LINUX.retries}", f"{FREEBSD.retries}"]
    assert row("least and largest timeout") == [
        f"{limits.min_rto // MILLISECOND} ms, {limits.max_rto // SECOND} s"
        for limits in (linux, freebsd)
    ]
    assert ["by time" in cell for cell in row("losses are found")] == [
        linux.by_time,
        freebsd.by_time,
    ]
    assert row("first segments")[0] == str(LINUX.quick_acks)


@pytest.mark.parametrize(
    ("beginning", "numbers"),
    [
        ("connections of a host", [sockets.LIMIT]),
        ("… in TIME_WAIT", [LINUX.time_waits]),
        ("segments on their way", [scoreboard.SEGMENTS]),
        ("pieces out", [receive_buffer._LEAST_PIECES, receive_buffer._BYTES_A_PIECE]),
        ("answers and resets", [layer._POSTED]),
        ("segments of one", [output.BURST]),
        ("events that only", [Events().limit]),
    ],
)
def test_the_bounds(beginning: str, numbers: list[int]):
    assert all(str(number) in row(beginning)[0] for number in numbers)
