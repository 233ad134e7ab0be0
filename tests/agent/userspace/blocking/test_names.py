"""Names of hosts, as programs ask for them."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest

from netlab.agent.userspace.blocking.names import Names
from netlab.testing.blocking import play

NAMES = Names({"both": ["10.0.0.1", "fd00::1"], "six": ["fd00::6"]}, own="both")


def told(ask: Callable[[], Any]) -> Any:
    return play(ask, also=(sys.modules[__name__],))


def test_a_name_has_its_addresses_in_their_order():
    assert NAMES.addresses("both") == ["10.0.0.1", "fd00::1"]
    assert NAMES.addresses("both", socket.AF_INET6) == ["fd00::1"]


def test_an_address_is_its_own_name():
    assert NAMES.addresses("10.9.9.9") == ["10.9.9.9"]
    assert NAMES.addresses(b"fd00::0:9") == ["fd00::9"]


@pytest.mark.parametrize(("host", "family"), [("other", 0), ("six", socket.AF_INET), ("", 0)])
def test_a_name_that_nobody_has(host: str, family: int):
    with pytest.raises(socket.gaierror, match="none of the hosts of this lab") as error:
        NAMES.addresses(host, family)
    assert error.value.errno == socket.EAI_NONAME


def test_info_is_what_sockets_are_made_of():
    assert NAMES.info("six", "7", type=socket.SOCK_STREAM) == [
        (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("fd00::6", 7, 0, 0))
    ]
    kinds = [each[1] for each in NAMES.info("10.0.0.1", None)]
    assert kinds == [socket.SOCK_STREAM, socket.SOCK_DGRAM]


def test_info_for_who_listens_is_any_address():
    found = NAMES.info(None, 7, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    assert [each[4] for each in found] == [("0.0.0.0", 7), ("::", 7, 0, 0)]


def test_info_without_a_host_and_a_port_by_name_are_refused_in_words():
    with pytest.raises(socket.gaierror, match="no loopback"):
        NAMES.info(None, 7)
    with pytest.raises(socket.gaierror, match="write its number"):
        NAMES.info("six", "http")


def test_programs_ask_for_names_by_the_socket_module():
    def ask() -> list[Any]:
        return [
            socket.gethostname(),
            socket.getfqdn(),
            socket.gethostbyname("server"),
            socket.gethostbyaddr("10.0.0.1"),
            socket.getnameinfo(("10.0.0.1", 7), 0),
            socket.getnameinfo(("10.0.0.99", 7), 0),
            socket.getnameinfo(("10.0.0.1", 7), socket.NI_NUMERICHOST),
        ]

    assert told(ask) == [
        "c1",
        "c1",
        "10.0.0.1",
        ("server", [], ["10.0.0.1"]),
        ("server", "7"),
        ("10.0.0.99", "7"),
        ("10.0.0.1", "7"),
    ]


def test_an_address_without_a_name():
    def ask() -> None:
        with pytest.raises(socket.herror, match="has no name"):
            socket.gethostbyaddr("10.0.0.99")
        with pytest.raises(socket.gaierror, match="has no name"):
            socket.getnameinfo(("10.0.0.99", 7), socket.NI_NAMEREQD)

    told(ask)
