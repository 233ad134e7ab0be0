from __future__ import annotations

from pathlib import Path

import pytest

from netlab.collect.capture import CaptureFile
from netlab.collect.counts import InterfaceCount
from netlab.wire import pcapng
from netlab.wire.pcapng import Frame, InterfaceDescription, Statistics


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "lab.pcapng"
    made.write_bytes(
        pcapng.section_header(application="netlab")
        + pcapng.interface_description("c1:eth0")
        + pcapng.interface_description("server:eth0")
    )
    return made


def grow(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


def packet(interface: int, t: int, data: bytes, *, outbound: bool = False) -> bytes:
    return pcapng.enhanced_packet(interface, t, data, len(data), outbound=outbound)


def test_frames_are_read_as_the_file_grows(path: Path):
    capture = CaptureFile(path)
    assert list(capture.frames()) == []
    grow(path, packet(0, 10, b"one"))
    assert [frame.data for frame in capture.frames()] == [b"one"]
    grow(path, packet(1, 20, b"two"))
    assert [frame.data for frame in capture.frames()] == [b"one", b"two"]


def test_a_block_that_is_still_being_written_is_read_later(path: Path):
    capture, block = CaptureFile(path), packet(0, 10, b"one")
    grow(path, block[:7])
    assert list(capture.frames()) == []
    grow(path, block[7:-1])
    assert list(capture.frames()) == []
    grow(path, block[-1:])
    assert [frame.data for frame in capture.frames()] == [b"one"]


def test_frames_of_all_interfaces_are_in_time_order(path: Path):
    capture = CaptureFile(path)
    grow(path, packet(0, 10, b"sent") + packet(0, 30, b"reply arrives"))
    grow(path, packet(1, 11, b"received") + packet(1, 29, b"reply leaves"))
    data = [frame.data for frame in capture.frames()]
    assert data == [b"sent", b"received", b"reply leaves", b"reply arrives"]


def test_packets_of_the_same_nanosecond_stay_in_order(path: Path):
    capture = CaptureFile(path)
    grow(path, b"".join(packet(0, 10, bytes([number])) for number in range(10)))
    assert [frame.data[0] for frame in capture.frames()] == list(range(10))


def test_the_finished_file_is_in_time_order_and_says_what_was_lost(path: Path):
    capture = CaptureFile(path)
    grow(path, packet(0, 10, b"a", outbound=True) + packet(0, 30, b"d"))
    grow(path, packet(1, 11, b"b") + packet(1, 29, b"c", outbound=True))
    counts = [InterfaceCount("c1", "eth0", 2, 0), InterfaceCount("server", "eth0", 2, 3)]
    capture.finish(counts, 99)
    with path.open("rb") as stream:
        blocks = list(pcapng.read(stream))
    names = [each.name for each in blocks if isinstance(each, InterfaceDescription)]
    assert names == ["c1:eth0", "server:eth0"]
    frames = [each for each in blocks if isinstance(each, Frame)]
    assert [(f.interface.name, f.t, f.data, f.outbound) for f in frames] == [
        ("c1:eth0", 10, b"a", True),
        ("server:eth0", 11, b"b", False),
        ("server:eth0", 29, b"c", True),
        ("c1:eth0", 30, b"d", False),
    ]
    statistics = [each for each in blocks if isinstance(each, Statistics)]
    assert [(s.interface.name, s.received, s.dropped) for s in statistics] == [
        ("c1:eth0", 2, 0),
        ("server:eth0", 2, 3),
    ]
    assert list(path.parent.iterdir()) == [path]


def test_of_a_long_capture_the_first_frames_are_read_but_all_are_put_in_order(path: Path):
    capture = CaptureFile(path, most=2)
    grow(path, packet(0, 10, b"a") + packet(0, 30, b"c") + packet(0, 40, b"d"))
    assert len(capture.frames()) == 3  # one more than asked for says that there are more
    grow(path, packet(1, 20, b"b"))
    assert capture.finish([], 99) == 4
    assert [frame.data for frame in capture.frames()] == [b"a", b"b", b"c"]
    with path.open("rb") as stream:
        frames = [block for block in pcapng.read(stream) if isinstance(block, Frame)]
    assert [frame.data for frame in frames] == [b"a", b"b", b"c", b"d"]


def test_an_interface_whose_clock_was_set_back(path: Path):
    capture = CaptureFile(path)
    grow(path, packet(0, 30, b"c") + packet(0, 10, b"a") + packet(1, 20, b"b"))
    capture.finish([], 99)
    assert [frame.data for frame in capture.frames()] == [b"a", b"b", b"c"]


def test_what_a_killed_collector_left_unfinished_is_left_out(path: Path):
    capture = CaptureFile(path)
    grow(path, packet(0, 20, b"b") + packet(1, 10, b"a") + packet(0, 30, b"unfinished")[:-8])
    assert capture.finish([], 99) == 2
    assert [frame.data for frame in capture.frames()] == [b"a", b"b"]


def test_a_capture_that_never_began(path: Path):
    path.write_bytes(b"")
    assert CaptureFile(path).finish([], 99) == 0
