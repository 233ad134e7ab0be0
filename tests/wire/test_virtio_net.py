from __future__ import annotations

import struct

import pytest

from netlab.wire import virtio_net


@pytest.mark.parametrize(
    ("flags", "verified"), [(0, False), (virtio_net.NEEDS_CHECKSUM, True), (2, True), (4, False)]
)
def test_a_checksum_needs_no_look_when_it_was_verified_or_never_written(flags: int, verified: bool):
    header = bytes((flags,)) + bytes(9)
    assert virtio_net.is_verified(header) is verified
    assert virtio_net.is_verified(memoryview(header)) is verified


@pytest.mark.parametrize(("version", "kind"), [(4, 1), (6, 4)])
def test_a_segment_to_be_cut(version: int, kind: int):
    header = virtio_net.segmented(
        version, headers=66, size=1448, checksum_start=34, checksum_offset=16
    )
    assert len(header) == virtio_net.LENGTH
    assert struct.unpack("=BBHHHH", header) == (1, kind, 66, 1448, 34, 16)


def test_a_plain_frame_is_told_nothing_about():
    assert bytes(10) == virtio_net.PLAIN
