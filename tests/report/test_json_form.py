from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from netlab.analyse.model import PathMtu, Transit
from netlab.report import json_form
from netlab.report.run import Run


def report(run: Run) -> Any:
    return json.loads(json_form.render(run))


def test_the_verdict_and_what_was_expected(failed: Run) -> None:
    told = report(failed)
    assert (told["version"], told["lab"], told["verdict"]) == (1, "observed", "failed")
    assert told["expectations"][-1] == {
        "text": "one packet matches tcp.flags.fin",
        "where": "topologies/tcp/observed.yaml:22:5",
        "passed": False,
        "expected": "1 packet",
        "seen": "2 packets: frames 13 and 17",
        "frames": [13, 17],
    }


def test_a_connection_has_its_packets_and_both_ends_states(run: Run) -> None:
    (connection,) = report(run)["connections"]
    assert [state["state"] for state in connection["client"]["states"]] == [
        "SYN_SENT",
        "ESTABLISHED",
        "FIN_WAIT_1",
        "FIN_WAIT_2",
        "TIME_WAIT",
    ]
    assert connection["client"]["states"][1] == {
        "t": 101_000,
        "state": "ESTABLISHED",
        "source": "capture",
        "frame": 4,
    }
    assert len(connection["packets"]) == 10
    assert connection["packets"][1]["from"] == "server"
    assert connection["packets"][1]["frames"] == [3, 4]
    assert connection["packets"][1]["sent"] == 60_000


def test_sockets_captures_and_path_mtus(run: Run, too_big: Transit) -> None:
    told = PathMtu(330_000, "c1", "10.0.0.1", "10.0.0.9", 1400)
    (connection,) = run.analysis.connections
    related = (replace(connection, related=(too_big,)),)
    analysis = replace(run.analysis, path_mtus=(told,), connections=related)
    content = report(replace(run, analysis=analysis))
    assert content["path_mtus"][0]["mtu"] == 1400
    assert content["connections"][0]["icmp"][0]["label"] == "ICMP fragmentation needed, MTU 1400"
    assert content["sockets"][0]["sockets"][0] == "{*:7, *:*} LISTEN"
    assert content["captures"][1] == {
        "node": "server",
        "interface": "eth0",
        "packets": 10,
        "drops": 0,
    }


def test_texts_that_have_no_utf_8_form_are_no_trouble(run: Run) -> None:
    hostile = replace(run, plan=replace(run.plan, name="\ud800\u2028"))
    assert json_form.render(hostile).isascii()
