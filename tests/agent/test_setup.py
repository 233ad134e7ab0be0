from __future__ import annotations

import json
import socket
import threading
from typing import Any

from netlab.agent.network import Network
from netlab.agent.setup import Setup
from netlab.fabric.configuration import Configuration

CONFIGURATION = Configuration("reno", (), (), (), ())


class PlayedNetwork(Network):
    """Sets nothing; says what it is told to say."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__()
        self.problems = problems

    def prepare(self, configuration: Configuration) -> list[str]:
        self._configuration = configuration
        return []

    def apply(self) -> list[str]:
        return self.problems

    def set_congestion_control(self) -> str | None:
        return "cubic" if self._configuration.congestion == "reno" else None


def set_up(*chunks: bytes, problems: list[str] | None = None) -> tuple[bytes, list[Any]]:
    """What was left unread, and what the orchestrator heard."""
    ours, theirs = socket.socketpair()
    unread: list[bytes] = []
    setup = Setup(theirs, PlayedNetwork(problems or []))
    thread = threading.Thread(target=lambda: unread.append(setup.run()))
    thread.start()
    for chunk in chunks:
        ours.sendall(chunk)
    ours.shutdown(socket.SHUT_WR)
    thread.join(10)
    theirs.close()
    with ours, ours.makefile("rb") as lines:
        return unread[0], [json.loads(line) for line in lines]


def line(do: str, number: int = 1, **fields: Any) -> bytes:
    return json.dumps({"id": number, "do": do, **fields}).encode() + b"\n"


def prepare(number: int = 1) -> bytes:
    return line("prepare", number, configuration=CONFIGURATION.to_json())


def test_prepare_then_configure_then_the_node_is_ready():
    unread, heard = set_up(prepare(1) + line("configure", 2))
    assert unread == b""
    assert heard == [
        {"id": 1, "ok": True, "problems": [], "congestion": "cubic"},
        {"event": {"kind": "node", "status": "ready"}},
        {"id": 2, "ok": True, "problems": []},
    ]


def test_a_node_with_problems_is_not_ready():
    _, heard = set_up(prepare(1), line("configure", 2), problems=["eth0 is not up"])
    assert heard[1:] == [{"id": 2, "ok": True, "problems": ["eth0 is not up"]}]


def test_a_request_in_pieces():
    request = prepare()
    _, heard = set_up(request[:5], request[5:20], request[20:])
    assert [each["id"] for each in heard] == [1]


def test_any_other_request_ends_the_setup_and_stays_unread_with_what_follows():
    service, following = line("service", 3), line("connect", 4)
    unread, heard = set_up(line("configure", 2) + service + following[:7])
    assert unread == service + following[:7]
    assert heard[-1]["id"] == 2


def test_an_orchestrator_that_goes_away():
    assert set_up(prepare()[:-1]) == (b"", [])
