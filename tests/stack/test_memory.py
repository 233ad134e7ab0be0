from __future__ import annotations

import tracemalloc

from netlab.testing.crowd import cost, traced


def test_an_idle_connection_costs_few_bytes():
    try:
        assert cost(200, traced) < 7000
    finally:
        tracemalloc.stop()
