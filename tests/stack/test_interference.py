"""Hosts that talk while frames are spoilt and added. By the million: benchmarks/fuzz.py."""

from __future__ import annotations

import os

import pytest

from netlab.testing.interference import interference

#: More of them where there is time: NETLAB_INTERFERENCE=1000.
COUNT = int(os.environ.get("NETLAB_INTERFERENCE", "12"))


@pytest.mark.parametrize("seed", range(COUNT))
def test_nothing_escapes_nothing_stays_and_hosts_serve_again(seed: int):
    assert interference(seed) > 0
