"""A client's verbs, on the loopback interface."""

from __future__ import annotations

import hashlib
import os
import socket
import struct
from pathlib import Path

from netlab.agent.clients import Clients
from netlab.agent.kernel.network import KernelNetwork
from netlab.testing.agents import AgentProcess
from netlab.topology.model.expectations.groups import OPERATIONS

Endpoint = tuple[str, int]


def accepted(listener: socket.socket) -> socket.socket:
    connection, _ = listener.accept()
    connection.settimeout(20)
    return connection


def closed_port() -> Endpoint:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        return host, port


def open_udp(agent: AgentProcess, name: str) -> Endpoint:
    answer = agent.ask(
        "open",
        conn=name,
        transport="udp",
        local_address="127.0.0.1",
        local_port=None,
        process=None,
        options={},
        within=10.0,
        seed=7,
    )
    assert answer["ok"]
    host, _, port = agent.last_operation(name)["local"].rpartition(":")
    return host, int(port)


def test_connect_tells_both_ends(agent: AgentProcess, listener: socket.socket):
    assert agent.connect("first", listener.getsockname())["ok"]
    connection, (host, port) = listener.accept()
    connection.close()
    told = agent.last_operation("first")
    assert told["op"] == "connect"
    assert told["status"] == "ok"
    assert told["local"] == f"{host}:{port}"
    assert told["foreign"] == "{}:{}".format(*listener.getsockname())
    assert told["took"] > 0


def test_connect_from_a_chosen_port(agent: AgentProcess, listener: socket.socket):
    _, port = closed_port()
    target = listener.getsockname()
    assert agent.connect("first", target, local_address="127.0.0.2", local_port=port)["ok"]
    connection, foreign = listener.accept()
    connection.close()
    assert foreign == ("127.0.0.2", port)


def test_nobody_listens(agent: AgentProcess):
    answer = agent.connect("first", closed_port())
    assert (answer["ok"], answer["errno"]) == (False, "ECONNREFUSED")
    assert answer["error"] == os.strerror(111)
    assert agent.last_operation("first")["status"] == "error"
    assert agent.last_operation("first")["errno"] == "ECONNREFUSED"


def test_nobody_answers_within_the_deadline(agent: AgentProcess, listener: socket.socket):
    """A full backlog drops SYNs, as a silent host does."""
    listener.listen(0)
    kept = socket.create_connection(listener.getsockname())
    answer = agent.connect("first", listener.getsockname(), within=0.3)
    assert not answer["ok"]
    assert (answer["errno"], answer["error"]) == ("", "not done within 0.3 s")
    local = f":{listener.getsockname()[1]:04X} 02"  # foreign port and SYN_SENT, /proc/net/tcp
    assert local not in Path("/proc/net/tcp").read_text()
    kept.close()


def test_what_is_sent_is_counted_and_checked(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        assert agent.over("first", "send", payload_text="hello", payload_size=5)["ok"]
        assert agent.over("first", "send", payload_text=None, payload_size=95)["ok"]
        received = connection.recv(200, socket.MSG_WAITALL | socket.MSG_DONTWAIT)
    told = agent.last_operation("first")
    assert received.startswith(b"hello")
    assert (told["bytes"], told["sent"]) == (95, 100)
    assert told["sent_sha256"] == hashlib.sha256(received).hexdigest()


def test_nothing_comes_within_the_time(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener):
        assert agent.over("first", "receive", nothing=True, within=0.05)["ok"]
    told = agent.last_operation("first")
    assert (told["nothing"], told["bytes"]) == (True, 0)
    assert told["took"] >= 50_000_000


def test_something_comes_instead_of_nothing(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        connection.sendall(b"hello")
        answer = agent.over("first", "receive", nothing=True, within=10.0)
        assert (answer["errno"], answer["error"]) == (
            "EPROTO",
            "received 'hello' instead of nothing",
        )
    answer = agent.over("first", "receive", nothing=True, within=10.0)
    assert answer["error"] == "received the peer's end instead of nothing"


def test_an_error_comes_instead_of_nothing(agent: AgentProcess):
    agent.connect("refused", closed_port(), transport="udp")
    assert agent.over("refused", "send", payload_text="x", payload_size=1)["ok"]
    answer = agent.over("refused", "receive", nothing=True, within=10.0)
    assert answer["errno"] == "ECONNREFUSED"


def test_receive_a_size_a_text_and_to_the_end(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        connection.sendall(b"12345hello, and the rest")
    assert agent.over("first", "receive", size=5, text=None)["ok"]
    assert agent.last_operation("first")["text"] == "12345"
    assert agent.over("first", "receive", size=None, text="hello")["ok"]
    assert agent.over("first", "receive", size=None, text=None)["ok"]
    told = agent.last_operation("first")
    assert (told["text"], told["bytes"], told["received"]) == (", and the rest", 14, 24)
    assert told["received_sha256"] == hashlib.sha256(b"12345hello, and the rest").hexdigest()


def test_a_text_that_does_not_come(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        connection.sendall(b"hallo")
        answer = agent.over("first", "receive", size=None, text="hello")
    assert not answer["ok"]
    assert answer["error"] == "received 'hallo' instead of 'hello'"


def test_messages_are_sent_and_received_one_by_one(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    line = {"framed": {"until": "\n"}}
    with accepted(listener) as connection:
        agent.over("first", "send", payload_text="Hi", payload_size=2, **line)
        assert connection.recv(100) == b"Hi\n"
        connection.sendall(b"Hello1\nHello2\nHel")
        assert agent.over("first", "receive", size=None, text="Hello1", **line)["ok"]
        assert agent.over("first", "receive", size=None, text=None, **line)["ok"]
        told = agent.last_operation("first")
        assert (told["text"], told["bytes"]) == ("Hello2", 7)
    answer = agent.over("first", "receive", size=None, text=None, **line)
    assert answer["error"] == "the peer closed after 3 bytes of a message"


def test_a_peer_that_closes_too_early(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        connection.sendall(b"123")
    answer = agent.over("first", "receive", size=5, text=None)
    assert answer["error"] == "the peer closed after 3 of 5 bytes"


def test_a_peer_that_resets(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    connection = accepted(listener)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    answer = agent.over("first", "receive", size=5, text=None)
    assert (answer["ok"], answer["errno"]) == (False, "ECONNRESET")


def test_a_peer_that_is_silent(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener):
        answer = agent.over("first", "receive", size=5, text=None, within=0.1)
    assert answer["error"] == "not done within 0.1 s"


def test_request_and_reply_several_times(agent: AgentProcess):
    agent.connect("first", agent.serve("echo"))
    answer = agent.over(
        "first", "request", payload_text=None, payload_size=10, reply=10, times=3, think=0.0
    )
    assert answer["ok"]
    told = agent.last_operation("first")
    assert (told["times"], told["bytes"], told["sent"], told["received"]) == (3, 30, 30, 30)
    assert told["sent_sha256"] == told["received_sha256"]


def test_a_large_transfer_does_not_need_a_large_buffer(agent: AgentProcess):
    agent.connect("first", agent.serve("discard"))
    assert agent.over("first", "send", payload_text=None, payload_size=8 << 20)["ok"]
    assert agent.last_operation("first")["sent"] == 8 << 20


def test_half_close_then_the_reply_still_comes(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        assert agent.over("first", "shutdown")["ok"]
        assert connection.recv(1) == b""
        connection.sendall(b"after the FIN")
    assert agent.over("first", "receive", size=13, text=None)["ok"]
    answer = agent.over("first", "send", payload_text="x", payload_size=1)
    assert (answer["ok"], answer["errno"]) == (False, "EPIPE")


def test_closed_is_closed(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        assert agent.over("first", "close")["ok"]
        assert connection.recv(1) == b""
    answer = agent.over("first", "send", payload_text="x", payload_size=1)
    assert (answer["ok"], answer["errno"]) == (False, "EBADF")


def test_a_receive_that_waits_while_another_step_closes(
    agent: AgentProcess, listener: socket.socket
):
    agent.connect("first", listener.getsockname())
    waiting = agent.begin("receive", conn="first", size=1, text=None, within=0.5, seed=7)
    with accepted(listener):
        assert agent.over("first", "close")["ok"]
        # The new socket takes the descriptor of the old one.
        assert agent.connect("second", listener.getsockname())["ok"]
        with accepted(listener) as connection:
            connection.sendall(b"for the second")
            assert agent.over("second", "receive", size=14, text=None)["ok"]
    assert not agent.answer(waiting)["ok"]
    assert agent.last_operation("second")["text"] == "for the second"


def test_a_connection_that_was_never_opened(agent: AgentProcess):
    answer = agent.over("first", "close")
    assert (answer["errno"], answer["error"]) == ("ENOTCONN", "first is not open")


def test_datagrams_to_and_from(agent: AgentProcess):
    one, other = open_udp(agent, "one"), open_udp(agent, "other")
    assert agent.over("one", "send", payload_text="hello", payload_size=5, to=other)["ok"]
    assert agent.over("other", "receive", size=None, text=None)["ok"]
    told = agent.last_operation("other")
    assert (told["text"], told["bytes"]) == ("hello", 5)
    assert told["from"] == f"{one[0]}:{one[1]}"


def test_a_datagram_that_nobody_takes_comes_back_as_an_error(agent: AgentProcess):
    """UNP section 8.11: a connected UDP socket is told of the ICMP port unreachable."""
    assert agent.connect("first", closed_port(), transport="udp")["ok"]
    assert agent.over("first", "send", payload_text="x", payload_size=1)["ok"]
    answer = agent.over("first", "receive", size=None, text=None)
    assert (answer["ok"], answer["errno"]) == (False, "ECONNREFUSED")


def test_a_datagram_longer_than_any(agent: AgentProcess):
    target = open_udp(agent, "one")
    answer = agent.over("one", "send", payload_text=None, payload_size=65_508, to=target)
    assert (answer["ok"], answer["errno"]) == (False, "EMSGSIZE")
    assert agent.last_operation("one")["sent"] == 0


def test_text_in_events_is_short_whatever_was_received(
    agent: AgentProcess, listener: socket.socket
):
    agent.connect("first", listener.getsockname())
    with accepted(listener) as connection:
        connection.sendall("ü".encode() * 50_000)
    assert agent.over("first", "receive", size=None, text=None)["ok"]
    told = agent.last_operation("first")
    assert told["text"] == "ü" * 1024
    assert told["bytes"] == 100_000


def test_two_connections_at_the_same_time(agent: AgentProcess, listener: socket.socket):
    agent.connect("first", listener.getsockname())
    agent.connect("second", listener.getsockname())
    with accepted(listener) as first, accepted(listener) as second:
        slow = agent.begin("receive", conn="first", size=1, text=None, within=10.0, seed=7)
        second.sendall(b"2")
        assert agent.over("second", "receive", size=1, text=None)["ok"]
        first.sendall(b"1")
        assert agent.answer(slow)["ok"]


def test_a_verb_that_no_agent_knows_is_answered(agent: AgentProcess):
    answer = agent.ask("dance")
    assert not answer["ok"]
    assert "dance" in answer["error"]


def test_expectations_know_the_operations_that_clients_have() -> None:
    assert set(Clients(KernelNetwork(), lambda _event: None).verbs) == set(OPERATIONS)
