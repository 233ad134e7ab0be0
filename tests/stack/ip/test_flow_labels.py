"""The flow labels that a host gives its IPv6 flows."""

from __future__ import annotations

from random import Random

import pytest

from netlab.stack.ip.flow_labels import FlowLabels
from netlab.wire.address import from_text

ONE, TWO = from_text("fd00::1"), from_text("fd00::2")


def test_all_packets_of_a_flow_have_one_of_20_bits() -> None:
    labels = FlowLabels(Random(1))

    label = labels.of(ONE, TWO, 17, 1500, 7)
    for port in range(10_000):  # however many others there are
        assert 0 < labels.of(ONE, TWO, 6, port, 80) < 1 << 20

    assert labels.of(ONE, TWO, 17, 1500, 7) == label


@pytest.mark.parametrize(
    "other",
    [(TWO, ONE, 17, 1500, 7), (ONE, TWO, 6, 1500, 7), (ONE, TWO, 17, 1501, 7)],
    ids=["the way back", "another protocol", "another port"],
)
def test_other_flows_have_others(other: tuple[bytes, bytes, int, int, int]) -> None:
    labels = FlowLabels(Random(1))

    assert labels.of(*other) != labels.of(ONE, TWO, 17, 1500, 7)


def test_nobody_can_foretell_them() -> None:
    first, second = FlowLabels(Random(1)), FlowLabels(Random(2))

    assert first.of(ONE, TWO, 17, 1500, 7) != second.of(ONE, TWO, 17, 1500, 7)
