from __future__ import annotations

import socket
from typing import Any

import pytest

from netlab.agent.errnos import errno_name
from netlab.agent.kernel import options as socket_options
from netlab.agent.kernel import sockets


def request(**fields: Any) -> dict[str, Any]:
    return {
        "transport": "tcp",
        "address": "127.0.0.1",
        "port": 0,
        "backlog": 5,
        "options": {},
    } | fields


def ip_option(made: socket.socket, option: int) -> int:
    return made.getsockopt(socket.IPPROTO_IP, option)


def test_a_wildcard_server_takes_ipv4_and_ipv6():
    with sockets.bound_socket(request(address=None)) as made:
        assert made.family == socket.AF_INET6
        assert made.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 0
        assert sockets.local_name(made) == f"*:{made.getsockname()[1]}"


def test_one_address_is_one_family():
    with sockets.bound_socket(request()) as made:
        assert made.family == socket.AF_INET
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def test_options_reach_the_kernel():
    options = {"mss": 536, "congestion": "reno", "send_buffer": 10_000, "receive_buffer": 20_000}
    with sockets.bound_socket(request(options=options)) as made:
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) == 536
        name = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
        assert name.rstrip(b"\0") == b"reno"
        # The kernel doubles what it is asked for (socket(7)).
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) == 20_000
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 40_000


def test_no_option_is_set_that_was_not_asked_for():
    with socket.socket() as plain, sockets.bound_socket(request(backlog=1)) as made:
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            assert made.getsockopt(socket.SOL_SOCKET, option) == plain.getsockopt(
                socket.SOL_SOCKET, option
            )
        assert ip_option(made, socket_options.IP_MTU_DISCOVER) == ip_option(
            plain, socket_options.IP_MTU_DISCOVER
        )


@pytest.mark.parametrize(("discover", "value"), [("do", 2), ("dont", 0), ("want", 1), ("probe", 3)])
def test_path_mtu_discovery_of_a_wildcard_socket_is_for_both_families(discover: str, value: int):
    options = {"path_mtu_discovery": discover}
    asked = request(address=None, transport="udp", options=options)
    with sockets.bound_socket(asked) as made:
        assert made.getsockopt(socket.IPPROTO_IPV6, socket_options.IPV6_MTU_DISCOVER) == value
        assert ip_option(made, socket_options.IP_MTU_DISCOVER) == value


def test_delayed_acknowledgments_are_inherited_by_accepted_sockets():
    options = {"acks": "delayed"}
    with (
        sockets.bound_socket(request(options=options)) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK) == 0


def test_an_option_that_the_kernel_refuses_leaves_no_socket_behind():
    with pytest.raises(OSError, match="No such file") as raised:
        sockets.bound_socket(request(options={"congestion": "no-such"}))
    assert errno_name(raised.value) == "ENOENT"


def test_names_as_socket_tables_write_them():
    assert sockets.name(("10.0.0.1", 7)) == "10.0.0.1:7"
    assert sockets.name(("::ffff:10.0.0.1", 7)) == "10.0.0.1:7"
    assert sockets.name(("fd00::1", 7)) == "[fd00::1]:7"
    assert sockets.name(("fe80::1%eth0", 7)) == "[fe80::1]:7"
    assert sockets.name(("0.0.0.0", 0)) == "*:*"


def test_an_error_without_a_number_has_no_name():
    assert errno_name(TimeoutError()) == ""


OPTIONS: dict[str, tuple[Any, Any]] = {
    "linger": (5, 5),
    "nodelay": (True, True),
    "keepalive": (
        {"on": True, "idle": 3, "interval": 2, "count": 4},
        {"on": True, "idle": 3, "interval": 2, "count": 4},
    ),
    "user_timeout": (1.5, 1.5),
    "reuse_address": (True, True),
    "reuse_port": (True, True),
    "ttl": (3, 3),
    "tos": (46 << 2, 46 << 2),
    "urgent_inline": (True, True),
    "path_mtu_discovery": ("probe", "probe"),
}


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_is_read_back_as_the_kernel_keeps_it(name: str, family: int):
    asked, kept = OPTIONS[name]
    with socket.socket(family) as made:
        socket_options.apply(made, {name: asked, "mss": None})
        assert socket_options.kept(made, {name: asked, "mss": None}) == {name: kept}


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_datagrams_may_go_without_a_checksum(family: int):
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        assert socket_options.kept(made, {"checksum": True}) == {"checksum": True}
        socket_options.apply(made, {"checksum": False})
        assert socket_options.kept(made, {"checksum": False}) == {"checksum": False}


def test_linger_is_off_unless_it_is_on():
    with socket.socket() as made:
        assert not socket_options.lingers(made)
        socket_options.apply(made, {"linger": 1})
        assert socket_options.lingers(made)
        socket_options.reset_on_close(made)
        assert not socket_options.lingers(made)
        socket_options.apply(made, {"linger": "off"})
        assert socket_options.kept(made, {"linger": "off"}) == {"linger": "off"}


def test_keepalive_may_leave_the_times_to_the_kernel():
    wanted = {"on": True, "idle": None, "interval": None, "count": None}
    with socket.socket() as made:
        socket_options.apply(made, {"keepalive": wanted})
        told = socket_options.kept(made, {"keepalive": wanted})["keepalive"]
    assert told["on"]
    assert told["idle"] > 0
