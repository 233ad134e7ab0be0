"""Transfers, full buffers, resets and many connections, on the loopback interface."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest

from netlab.testing.agents import AgentProcess


def many(agent: AgentProcess, target: tuple[str, int], **fields: object) -> dict[str, object]:
    request = {
        "conn": "crowd",
        "address": target[0],
        "port": target[1],
        "count": 5,
        "payload_text": None,
        "payload_size": 100,
        "reply": 100,
        "times": 2,
        "hold": 0.0,
        "rate": None,
        "patience": 5.0,
        "options": {},
        "within": 10.0,
        "seed": 7,
    }
    return agent.ask("many", **(request | fields))


def operations(agent: AgentProcess, **wanted: Any) -> list[dict[str, Any]]:
    return [e for e in agent.events if e["kind"] == "op" and wanted.items() <= e.items()]


def transfer(agent: AgentProcess, size: int) -> dict[str, object]:
    return agent.over("bulk", "transfer", payload_text=None, payload_size=size)


def test_a_transfer_to_an_echo_comes_back_as_it_was(agent: AgentProcess):
    agent.connect("bulk", agent.serve("echo"))
    assert transfer(agent, 3_000_000)["ok"]
    told = agent.last_operation("bulk")
    assert (told["bytes"], told["back"]) == (3_000_000, 3_000_000)
    assert told["sent_sha256"] == told["received_sha256"]
    assert 0 < 3_000_000 * 1e9 / told["goodput"] <= told["took"]


def test_a_transfer_to_a_discard_is_checked_by_what_the_server_got(agent: AgentProcess):
    agent.connect("bulk", agent.serve("discard"))
    assert transfer(agent, 1_000_000)["ok"]
    served = agent.wait_for("service", status="served")
    assert served["received"] == 1_000_000
    assert served["received_sha256"] == agent.last_operation("bulk")["sent_sha256"]


def test_a_peer_that_sends_something_else_back(agent: AgentProcess, listener: socket.socket):
    agent.connect("bulk", listener.getsockname())
    asked = agent.begin(
        "transfer", conn="bulk", payload_text=None, payload_size=100, within=10.0, seed=7
    )
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(20)
        got = b""
        while data := connection.recv(1000):
            got += data
        connection.sendall(bytes(reversed(got)))
    answer = agent.answer(asked)
    assert (answer["ok"], answer["errno"]) == (False, "EBADMSG")
    assert answer["error"] == "what came back is not what was sent"


def test_a_buffer_is_filled_until_it_would_block(agent: AgentProcess, listener: socket.socket):
    agent.connect("full", listener.getsockname(), options={"send_buffer": 10_000})
    connection, _ = listener.accept()
    with connection:
        assert agent.over("full", "fill", payload_text=None, payload_size=1000)["ok"]
        told = agent.last_operation("full")
        assert told["errno"] == "EAGAIN"
        assert told["bytes"] == told["sent"] > 10_000
        connection.settimeout(20)
        left = told["sent"]
        while left:
            left -= len(connection.recv(left))


def test_a_reset_is_no_end_of_file(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    connection, _ = listener.accept()
    with connection:
        assert agent.over("first", "reset")["ok"]
        connection.settimeout(20)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_close_with_linger_waits_for_the_peer(agent: AgentProcess, listener: socket.socket):
    """Nothing of what is queued for a peer that does not read is acknowledged any more."""
    agent.connect("first", listener.getsockname(), options={"linger": 1})
    connection, _ = listener.accept()
    with connection:
        agent.over("first", "fill", payload_text=None, payload_size=65_536)
        assert agent.over("first", "close")["ok"]
        assert agent.last_operation("first")["took"] >= 900_000_000


def test_a_slow_reader_takes_its_time(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"x" * 50)
        assert agent.over("first", "receive", size=50, text=None, by=10, every=0.05)["ok"]
    assert agent.last_operation("first")["took"] >= 200_000_000


def test_many_connections_are_told_each_and_together(agent: AgentProcess):
    assert many(agent, agent.serve("echo"))["ok"]
    connects = operations(agent, op="connect")
    assert sorted(e["index"] for e in connects) == [1, 2, 3, 4, 5]
    assert len({e["local"] for e in connects}) == 5
    requests = operations(agent, op="request", status="ok")
    assert len(requests) == 10
    assert {e["received"] for e in requests} == {100, 200}
    connected, done = operations(agent, op="many")
    assert connected["stage"] == "connected"
    assert (done["status"], done["count"]) == ("ok", 5)


def test_the_failures_of_many_are_counted_by_errno(agent: AgentProcess):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        target = gone.getsockname()
    answer = many(agent, target, count=3)
    assert (answer["ok"], answer["errno"]) == (False, "ECONNREFUSED")
    assert answer["error"] == "3 of 3 connections failed: ECONNREFUSED 3"
    assert len(operations(agent, op="connect", errno="ECONNREFUSED")) == 3


def test_one_that_is_too_slow_harms_no_other(agent: AgentProcess):
    target = agent.serve("echo", model="iterative", think=0.5)
    answer = many(agent, target, count=2, times=1, patience=0.8)
    assert answer["error"] == "1 of 2 connections failed: deadline 1"
    assert len(operations(agent, op="request", status="ok")) == 1


def test_many_open_at_the_rate_they_are_told(agent: AgentProcess):
    assert many(agent, agent.serve("echo"), times=1, rate=50.0)["ok"]
    times = sorted(e["t"] for e in operations(agent, op="connect"))
    assert times[-1] - times[0] >= 60_000_000


def test_an_unprivileged_bind_of_a_low_port(agent: AgentProcess):
    fields = {"local_address": "127.0.0.1", "local_port": 81, "unprivileged": True}
    answer = agent.connect("low", agent.serve("echo"), **fields)
    assert (answer["ok"], answer["errno"]) == (False, "EACCES")


def test_options_of_a_connection_change_while_it_lasts(agent: AgentProcess):
    agent.connect("first", agent.serve("echo"), options={"send_buffer": 10_000})
    assert agent.last_operation("first")["options"] == {"send_buffer": 20_000}
    assert agent.over("first", "set", options={"nodelay": True, "linger": 2})["ok"]
    assert agent.last_operation("first")["options"] == {"nodelay": True, "linger": 2}


def test_an_option_that_the_kernel_refuses_is_told(agent: AgentProcess):
    agent.connect("first", agent.serve("echo"))
    answer = agent.over("first", "set", options={"congestion": "no-such"})
    assert (answer["ok"], answer["errno"]) == (False, "ENOENT")


def test_the_urgent_byte_is_read_out_of_band(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    connection, _ = listener.accept()
    with connection:
        connection.send(b"ab!", socket.MSG_OOB)
        assert agent.over("first", "receive", urgent=True)["ok"]
        told = agent.last_operation("first")
        assert (told["text"], told["inline"]) == ("!", False)
        assert agent.over("first", "receive", size=2, text=None)["ok"]
        assert agent.last_operation("first")["text"] == "ab"


def test_the_urgent_byte_is_read_inline_behind_what_comes_before(
    agent: AgentProcess, listener: socket.socket
):
    agent.connect("first", listener.getsockname(), options={"urgent_inline": True})
    connection, _ = listener.accept()
    with connection:
        connection.send(b"ab!", socket.MSG_OOB)
        assert agent.over("first", "receive", urgent=True)["ok"]
    told = agent.last_operation("first")
    assert (told["before"], told["text"], told["inline"]) == (2, "!", True)


def test_a_server_is_told_of_urgent_data_by_a_signal(agent: AgentProcess):
    agent.connect("first", agent.serve("echo", sigurg=True))
    assert agent.over("first", "send", payload_text="abc", payload_size=3, urgent=True)["ok"]
    assert agent.wait_for("service", status="urgent")["byte"] == "c"
    assert agent.over("first", "receive", urgent=True)["ok"]
    assert agent.last_operation("first")["text"] == "c"


def test_urgent_data_that_came_before_accept_is_told_too(agent: AgentProcess):
    """The process that shall get SIGURG is not known before it has accepted."""
    target = agent.serve("discard", model="iterative", sigurg=True)
    with socket.create_connection(target) as first, socket.create_connection(target) as second:
        agent.wait_for("service", status="accepted")
        second.send(b"!", socket.MSG_OOB)
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        first.close()
        told = agent.wait_for("service", status="urgent")
        assert (told["byte"], told.get("errno")) == ("!", None)
