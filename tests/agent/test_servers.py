"""Service processes on the loopback interface, with plain blocking sockets as their clients."""

from __future__ import annotations

import os
import socket
import struct

import pytest

from netlab.testing.agents import AgentProcess
from netlab.testing.clients import bound_udp, connected, read_to_end

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@pytest.mark.parametrize("model", ["fork", "iterative"])
def test_echo_serves_one_client_after_the_other(agent: AgentProcess, model: str):
    target = agent.serve("echo", model=model)
    for word in (b"first", b"second"):
        with connected(target) as client:
            client.sendall(word)
            client.shutdown(socket.SHUT_WR)
            assert read_to_end(client) == word


def test_a_forking_server_serves_two_clients_at_once(agent: AgentProcess):
    target = agent.serve("echo", model="fork")
    with connected(target) as idle, connected(target) as busy:
        busy.sendall(b"now")
        assert busy.recv(10) == b"now"
        idle.sendall(b"then")
        assert idle.recv(10) == b"then"


def test_an_iterative_server_lets_the_second_client_wait(agent: AgentProcess):
    target = agent.serve("echo", model="iterative")
    with connected(target) as first, connected(target) as second:
        first.sendall(b"1")
        assert first.recv(10) == b"1"
        second.sendall(b"2")
        second.settimeout(0.1)
        with pytest.raises(TimeoutError):
            second.recv(10)
        first.close()
        second.settimeout(20)
        assert second.recv(10) == b"2"


def test_a_forking_server_serves_each_client_in_a_process_of_its_own(agent: AgentProcess):
    target = agent.serve("echo", model="fork")
    server = agent.wait_for("service", status="listening")["pid"]
    with connected(target) as client:
        accepted = agent.wait_for("service", status="accepted")
        host, port = client.getsockname()
        assert accepted["foreign"] == f"{host}:{port}"
        assert accepted["local"] == f"127.0.0.1:{target[1]}"
        assert accepted["pid"] != server
    assert agent.wait_for("service", status="served")["pid"] == accepted["pid"]


@pytest.mark.parametrize("model", ["fork", "iterative"])
def test_a_client_that_resets_before_it_is_accepted_harms_nobody(agent: AgentProcess, model: str):
    """UNP section 5.11. The server is kept busy, so that it accepts a connection that is gone."""
    target = agent.serve("echo", model=model)
    with connected(target) as first:
        agent.wait_for("service", status="accepted")
        gone = connected(target)
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        gone.close()
        first.sendall(b"x")
        assert first.recv(1) == b"x"
    with connected(target) as last:
        last.sendall(b"still here")
        assert last.recv(20) == b"still here"


def test_a_client_that_resets_in_the_middle_ends_its_own_dialogue_only(agent: AgentProcess):
    target = agent.serve("chargen", model="iterative")
    client = connected(target)
    client.recv(100)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    client.close()
    with connected(target) as following:
        assert following.recv(2) == b" !"


@pytest.mark.parametrize(("protocol", "length"), [("daytime", None), ("time", 4)])
def test_services_that_speak_first_close_first(
    agent: AgentProcess, protocol: str, length: int | None
):
    with connected(agent.serve(protocol)) as client:
        said = read_to_end(client)
    assert len(said) == length if length else said.endswith(b"\r\n")


def test_discard_says_nothing_and_closes_after_its_client(agent: AgentProcess):
    with connected(agent.serve("discard")) as client:
        client.sendall(b"x" * 100_000)
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == b""


def test_a_server_can_take_its_time_to_close(agent: AgentProcess):
    with connected(agent.serve("echo", close_after=0.1)) as client:
        client.shutdown(socket.SHUT_WR)
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(20)
        assert client.recv(1) == b""


def test_datagrams_are_answered_to_their_senders(agent: AgentProcess):
    target = agent.serve("echo", "udp")
    with bound_udp(target) as one, bound_udp(target) as other:
        one.send(b"one")
        other.send(b"other")
        assert other.recv(100) == b"other"
        assert one.recv(100) == b"one"


def test_an_empty_datagram_is_a_request_too(agent: AgentProcess):
    with bound_udp(agent.serve("time", "udp")) as client:
        client.send(b"")
        assert len(client.recv(100)) == 4


def test_a_datagram_server_survives_a_client_that_is_gone(agent: AgentProcess):
    """The reply to a closed port brings an ICMP error back."""
    target = agent.serve("echo", "udp")
    for _ in range(3):
        with bound_udp(target) as gone:
            gone.send(b"nobody will read the reply")
    with bound_udp(target) as client:
        client.send(b"still here")
        assert client.recv(100) == b"still here"


def test_the_wildcard_serves_both_families(agent: AgentProcess):
    answer = agent.ask(
        "service",
        service="echo",
        protocol="echo",
        transport="tcp",
        port=0,
        address=None,
        model="fork",
        backlog=5,
        think=0.0,
        close_after=0.0,
        options={},
    )
    assert answer["ok"]
    local = agent.wait_for("service", status="listening")["local"]
    assert local.startswith("*:")
    port = int(local[2:])
    for host in ("127.0.0.1", "::1"):
        with connected((host, port)) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
    accepted = agent.wait_for("service", status="accepted")
    assert accepted["local"] == f"127.0.0.1:{port}"


def test_a_port_that_is_taken_is_told_by_its_errno(agent: AgentProcess):
    _, port = agent.serve("echo")
    answer = agent.ask(
        "service",
        service="echo again",
        protocol="echo",
        transport="tcp",
        port=port,
        address="127.0.0.1",
        model="fork",
        backlog=5,
        think=0.0,
        close_after=0.0,
        options={},
    )
    assert (answer["ok"], answer["errno"]) == (False, "EADDRINUSE")
    assert agent.wait_for("service", status="failed")["error"] == os.strerror(98)
