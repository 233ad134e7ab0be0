"""Child processes of an agent, which hold sockets that die with them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from netlab.agent.children import Ending
from netlab.testing.agents import AgentProcess


def start(agent: AgentProcess, name: str) -> int:
    answer = agent.ask("process", process=name)
    assert answer["ok"]
    return int(answer["pid"])


def connect_in(agent: AgentProcess, process: str, listener: socket.socket) -> socket.socket:
    assert agent.connect("first", listener.getsockname(), process=process)["ok"]
    connection, _ = listener.accept()
    connection.settimeout(20)
    return connection


def test_a_child_holds_the_socket_and_obeys_like_its_agent(
    agent: AgentProcess, listener: socket.socket
):
    pid = start(agent, "browser")
    with connect_in(agent, "browser", listener) as connection:
        inode = Path(f"/proc/{pid}/fd")
        assert any(each.readlink().name.startswith("socket:") for each in inode.iterdir())
        assert agent.over("first", "send", payload_text="hello", payload_size=5)["ok"]
        assert connection.recv(10) == b"hello"
        assert agent.last_operation("first")["sent"] == 5
        connection.sendall(b"back")
        assert agent.over("first", "receive", size=4, text=None)["ok"]


def test_exit_leaves_the_closing_to_the_kernel(agent: AgentProcess, listener: socket.socket):
    pid = start(agent, "browser")
    with connect_in(agent, "browser", listener) as connection:
        answer = agent.ask("exit", process="browser")
        assert (answer["ok"], answer["exit_code"], answer["signal"]) == (True, 0, None)
        assert connection.recv(1) == b""
    told = agent.wait_for("process", status="exited")
    assert (told["process"], told["pid"], told["exit_code"]) == ("browser", pid, 0)
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_killed_child_closes_its_sockets_too(
    agent: AgentProcess, listener: socket.socket, name: str
):
    start(agent, "browser")
    with connect_in(agent, "browser", listener) as connection:
        answer = agent.ask("kill", process="browser", signal=name)
        assert answer["ok"]
        assert connection.recv(1) == b""
    assert agent.wait_for("process", status="exited")["signal"] == name


def test_a_connection_of_a_child_that_has_ended(agent: AgentProcess, listener: socket.socket):
    start(agent, "browser")
    connect_in(agent, "browser", listener).close()
    agent.ask("kill", process="browser", signal="SIGKILL")
    answer = agent.over("first", "close")
    assert (answer["ok"], answer["errno"]) == (False, "ESRCH")


def test_a_child_that_dies_while_it_is_asked(agent: AgentProcess, listener: socket.socket):
    start(agent, "browser")
    with connect_in(agent, "browser", listener):
        waiting = agent.begin("receive", conn="first", size=1, text=None, within=10.0, seed=7)
        agent.ask("kill", process="browser", signal="SIGKILL")
        answer = agent.answer(waiting)
    assert (answer["errno"], answer["error"]) == ("ESRCH", "process browser has ended")


def test_a_process_that_was_never_started(agent: AgentProcess):
    for do in ("exit", "kill"):
        answer = agent.ask(do, process="browser", signal="SIGKILL")
        assert answer["error"] == "no process browser is running"


def test_two_children_do_not_share_their_sockets(agent: AgentProcess, listener: socket.socket):
    start(agent, "one")
    with connect_in(agent, "one", listener) as connection:
        start(agent, "other")
        agent.ask("exit", process="one")
        assert connection.recv(1) == b""


def test_how_a_process_ended():
    assert Ending.of(3 << 8) == Ending(3, None)
    assert Ending.of(9) == Ending(None, "SIGKILL")
    assert Ending.of(37) == Ending(None, "SIGRTMIN+3")
