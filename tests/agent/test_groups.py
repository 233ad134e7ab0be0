"""Datagrams of any length, and errors of every kind, on the loopback interface."""

from __future__ import annotations

import socket

from netlab.testing.agents import AgentProcess


def opened(agent: AgentProcess, name: str) -> tuple[str, int]:
    request = {"transport": "udp", "local_address": "127.0.0.1", "local_port": None}
    answer = agent.ask("open", conn=name, process=None, options={}, within=10.0, seed=7, **request)
    assert answer["ok"], answer
    host, _, port = agent.last_operation(name)["local"].rpartition(":")
    return host, int(port)


def test_a_datagram_that_does_not_fit_is_cut(agent: AgentProcess) -> None:
    address = opened(agent, "u")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"twenty bytes of text", address)
        sender.sendto(b"short", address)

        assert agent.over("u", "receive-datagram", room=6)["ok"]
        cut = agent.last_operation("u")
        assert agent.over("u", "receive-datagram", room=6)["ok"]
        whole = agent.last_operation("u")

    assert (cut["text"], cut["bytes"], cut["length"], cut["truncated"]) == ("twenty", 6, 20, True)
    assert (whole["text"], whole["length"]) == ("short", 5)
    assert "truncated" not in whole
    assert cut["from"].startswith("127.0.0.1:")


def test_a_receiver_waits_for_its_datagram(agent: AgentProcess) -> None:
    address = opened(agent, "u")
    number = agent.begin("receive-datagram", conn="u", room=10, within=10.0, seed=7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"late", address)

    assert agent.answer(number)["ok"]


def test_a_broadcast_needs_leave(agent: AgentProcess) -> None:
    opened(agent, "u")

    def send() -> dict[str, object]:
        request = {"payload_text": "all", "payload_size": 3, "to": ["127.255.255.255", 9]}
        return agent.over("u", "send", more=False, **request)

    assert send()["errno"] == "EACCES"
    assert agent.over("u", "broadcast")["ok"]
    assert send()["ok"]


def test_a_group_is_joined_and_left(agent: AgentProcess) -> None:
    opened(agent, "u")
    member = {"group": "239.1.2.3", "interface": "lo"}

    assert agent.over("u", "join", **member)["ok"]
    assert agent.over("u", "join", **member)["errno"] == "EADDRINUSE"
    assert agent.over("u", "leave", **member)["ok"]
    assert agent.over("u", "leave", **member)["errno"] == "EADDRNOTAVAIL"


def test_how_a_socket_sends_to_groups(agent: AgentProcess) -> None:
    opened(agent, "u")

    assert agent.over("u", "multicast", ttl=4, loop=False, interface="lo")["ok"]
    assert not agent.over("u", "multicast", ttl=None, loop=None, interface="none0")["ok"]


def test_a_socket_that_is_not_open_joins_nothing(agent: AgentProcess) -> None:
    assert agent.over("u", "join", group="239.1.2.3", interface="lo")["errno"] == "ENOTCONN"
