"""Every server model plays the same dialogues; they differ in whom they let wait."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import time

import pytest

from netlab import linux
from netlab.testing.agents import AgentProcess
from netlab.testing.clients import bound_udp, connected, read_to_end

ALL = ("iterative", "fork", "prefork", "thread", "prethread", "select", "epoll", "asyncio")
AT_ONCE = tuple(model for model in ALL if model != "iterative")
OF_DATAGRAMS = tuple(model for model in ALL if model != "fork")


def accepted_by(agent: AgentProcess, clients: list[socket.socket]) -> list[tuple[int, int | None]]:
    """The process and thread that took each client."""
    served = []
    for client in clients:
        host, port = client.getsockname()
        event = agent.wait_for("service", status="accepted", foreign=f"{host}:{port}")
        served.append((event["pid"], event.get("thread")))
    return served


@pytest.mark.parametrize("model", ALL)
def test_echo_is_the_same_in_every_model(agent: AgentProcess, model: str):
    target = agent.serve("echo", model=model)
    for word in (b"first", b"second" * 50_000):
        with connected(target) as client:
            client.settimeout(20)
            client.sendall(word[:65_536])
            client.shutdown(socket.SHUT_WR)
            assert read_to_end(client) == word[:65_536]


@pytest.mark.parametrize("model", AT_ONCE)
def test_an_idle_client_holds_nobody_up(agent: AgentProcess, model: str):
    target = agent.serve("echo", model=model)
    with connected(target) as idle, connected(target) as busy:
        busy.sendall(b"now")
        assert busy.recv(10) == b"now"
        idle.sendall(b"then")
        assert idle.recv(10) == b"then"


@pytest.mark.parametrize("model", AT_ONCE)
def test_thinking_about_one_client_does_not_delay_another(agent: AgentProcess, model: str):
    target = agent.serve("echo", model=model, think=0.3, close_after=0.3)
    with connected(target) as one, connected(target) as other:
        began = time.monotonic()
        for client in (one, other):
            client.sendall(b"x")
            client.shutdown(socket.SHUT_WR)
        assert read_to_end(one) == read_to_end(other) == b"x"
        assert 0.6 <= time.monotonic() - began < 1.2


@pytest.mark.parametrize("model", ALL)
def test_a_client_that_does_not_read_does_not_stop_the_others_for_ever(
    agent: AgentProcess, model: str
):
    """Chargen to a client that reads nothing fills the buffers; the server has others to serve."""
    target = agent.serve("chargen", model=model)
    with connected(target) as lazy:
        assert lazy.recv(2) == b" !"
        if model != "iterative":
            with connected(target) as other:
                assert other.recv(2) == b" !"
    with connected(target) as following:
        assert following.recv(2) == b" !"


@pytest.mark.parametrize("model", ALL)
def test_a_reset_ends_one_dialogue_and_is_told(agent: AgentProcess, model: str):
    target = agent.serve("echo", model=model)
    with connected(target) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert agent.wait_for("service", status="served")["errno"] == "ECONNRESET"
    with connected(target) as following:
        following.sendall(b"y")
        assert following.recv(1) == b"y"


@pytest.mark.parametrize("model", OF_DATAGRAMS)
def test_datagrams_are_answered_to_their_senders(agent: AgentProcess, model: str):
    target = agent.serve("echo", "udp", model=model, think=0.05)
    with bound_udp(target) as one, bound_udp(target) as other:
        one.send(b"one")
        other.send(b"other")
        assert other.recv(100) == b"other"
        assert one.recv(100) == b"one"


@pytest.mark.parametrize("model", OF_DATAGRAMS)
def test_a_datagram_server_survives_a_client_that_is_gone(agent: AgentProcess, model: str):
    target = agent.serve("echo", "udp", model=model)
    for _ in range(5):
        with bound_udp(target) as gone:
            gone.send(b"nobody will read the reply")
    with bound_udp(target) as client:
        client.send(b"still here")
        assert client.recv(100) == b"still here"


@pytest.mark.parametrize("accept_lock", [False, True])
@pytest.mark.parametrize("model", ["prefork", "prethread"])
def test_no_more_clients_are_served_at_once_than_there_are_workers(
    agent: AgentProcess, model: str, accept_lock: bool
):
    target = agent.serve("echo", model=model, workers=2, accept_lock=accept_lock)
    with connected(target) as one, connected(target) as two, connected(target) as three:
        assert len(set(accepted_by(agent, [one, two]))) == 2
        three.sendall(b"x")
        three.settimeout(0.2)
        with pytest.raises(TimeoutError):
            three.recv(1)
        one.close()
        three.settimeout(20)
        assert three.recv(1) == b"x"


def test_a_thread_for_each_client_in_one_process(agent: AgentProcess):
    target = agent.serve("echo", model="thread")
    with connected(target) as one, connected(target) as other:
        (first, thread), (second, other_thread) = accepted_by(agent, [one, other])
    assert first == second
    assert thread != other_thread
    assert None not in {thread, other_thread}


@pytest.mark.parametrize("model", ["select", "epoll", "asyncio"])
def test_an_event_loop_is_one_process_without_threads(agent: AgentProcess, model: str):
    target = agent.serve("echo", model=model)
    server = agent.wait_for("service", status="listening")["pid"]
    with connected(target) as one, connected(target) as other:
        assert accepted_by(agent, [one, other]) == [(server, None)] * 2


def test_a_worker_that_ends_is_a_failure(agent: AgentProcess):
    target = agent.serve("echo", model="prefork", workers=2)
    with connected(target) as client:
        ((worker, _),) = accepted_by(agent, [client])
        os.kill(worker, 9)
    assert agent.wait_for("service", status="failed")


def test_a_slow_reader_reads_so_much_at_a_time(agent: AgentProcess):
    reading = {"after": 0.2, "size": 10, "every": 0.05}
    target = agent.serve("echo", read=reading)
    with connected(target) as client:
        began = time.monotonic()
        client.sendall(b"x" * 20)
        assert client.recv(100) == b"x" * 10
        assert time.monotonic() - began >= 0.2
        assert client.recv(100) == b"x" * 10
        assert time.monotonic() - began >= 0.25


def test_what_was_served_is_accounted_for(agent: AgentProcess):
    target = agent.serve("discard")
    with connected(target) as client:
        client.sendall(b"x" * 1000)
    served = agent.wait_for("service", status="served")
    assert (served["received"], served["sent"]) == (1000, 0)
    assert served["took"] > 0


def test_a_service_tells_what_the_kernel_made_of_its_options(agent: AgentProcess):
    agent.serve("echo", options={"receive_buffer": 10_000, "nodelay": True})
    listening = agent.wait_for("service", status="listening")
    assert listening["options"] == {"receive_buffer": 20_000, "nodelay": True}


def test_select_cannot_watch_more_than_1024_descriptors_and_says_so(agent: AgentProcess):
    linux.raise_descriptor_limit()
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 1200:
        pytest.skip("this user may not have 1,200 descriptors")
    target = agent.serve("echo", model="select", backlog=2000)
    with contextlib.ExitStack() as clients:
        for _ in range(1030):
            clients.enter_context(connected(target))
        failed = agent.wait_for("service", status="failed")
    assert failed["error"] == "select watches descriptors below 1024"
    with connected(target) as following:
        following.sendall(b"x")
        assert following.recv(1) == b"x"
