from __future__ import annotations

import resource
from typing import Any

from netlab.agent.swarm import Swarm, processes


def told(*counts: int, limit: int = 2000) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    swarm = Swarm("c1", events.append)
    for count in counts:
        swarm.look(count, limit, "make")
    return events


def test_a_program_that_starts_some_processes_is_no_news():
    assert told(3, 500, 999) == []


def test_one_that_starts_a_thousand_is_named_with_its_node():
    (event,) = told(1200)
    assert event == {
        "kind": "notice",
        "text": "node c1 has 1200 processes while make runs there; the whole lab may have 2000, and"
        " beyond that none can be started in any node",
    }


def test_where_nothing_limits_them_there_is_nothing_to_say():
    assert told(5000, limit=resource.RLIM_INFINITY) == []


def test_it_counts_what_there_is():
    assert processes() > 0
