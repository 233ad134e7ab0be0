from __future__ import annotations

from netlab.fabric import kernel_counts
from netlab.fabric.stretches import stretches
from netlab.testing.impaired import cable, drop
from netlab.topology.impairment import Impairment


def rule(chain: str, packets: int) -> dict[str, object]:
    counter = {"counter": {"packets": packets, "bytes": packets * 100}}
    return {"rule": {"table": "x0l", "chain": chain, "expr": [{"match": {}}, counter]}}


def test_counters_are_told_as_the_emulator_tells_its_own():
    (stretch,) = stretches(cable(Impairment(faults=(drop("tcp"),))))
    table = {
        "nftables": [
            {"metainfo": {}},
            {"chain": {"name": "from_x0l"}},
            rule("from_x0l_meant0", 3),
            {"rule": {"table": "x0l", "chain": "from_x0l", "expr": [{"jump": {}}]}},
            rule("from_x0l", 40),
            rule("from_x0r", 20),
        ]
    }
    told = kernel_counts.of(
        stretch, table, {"x0l": [{"kind": "noqueue"}], "x0r": [{"kind": "tbf", "drops": 5}]}
    )
    assert told["name"] == "c1 -- server"
    forward, backward = told["forward"], told["backward"]
    assert (forward["passed"], forward["fault"], forward["queue"]) == (35, 3, 5)
    assert forward["bytes"] == 4000
    assert (backward["passed"], backward["fault"], backward["queue"]) == (20, 0, 0)


def test_what_cannot_be_read_counts_nothing():
    (stretch,) = stretches(cable(Impairment()))
    told = kernel_counts.of(stretch, None, {"x0l": (), "x0r": ()})
    assert set(told["forward"].values()) == {0}
