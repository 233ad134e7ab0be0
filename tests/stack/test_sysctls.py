"""Settings by the keys of Linux, and what a host that has them does."""

from __future__ import annotations

from random import Random

import pytest

from netlab.stack import sysctls
from netlab.stack.host import Host
from netlab.stack.tcp.profile import FREEBSD, LINUX, Profile
from netlab.stack.tcp.settings import Keepalive, Settings
from netlab.testing.network import Network
from netlab.testing.tcp_dialogue import TcpDialogue
from netlab.wire.address import from_text
from netlab.wire.packet import decode

A, B = from_text("10.0.0.1"), from_text("10.0.0.2")


def a_host(profile: Profile = LINUX, *, is_router: bool = False) -> Host:
    host = Host(Random(1), is_router=is_router, profile=profile)
    host.ip.add_interface(0, "eth0", from_text("02:00:00:00:00:01"))
    return host


def profile(*settings: tuple[str, str], of: Profile = LINUX) -> Profile:
    host = a_host(of)
    for key, value in settings:
        sysctls.apply(host, f"net.ipv4.{key}", value)
    return host.tcp.profile


def a_pair(*settings: tuple[str, str]) -> Network:
    """a, and b with settings."""
    network = Network()
    network.link("a 10.0.0.1/24 fd00::1/64", "b 10.0.0.2/24 fd00::2/64")
    for key, value in settings:
        sysctls.apply(network.hosts["b"], key, value)
    network.settle()
    return network


# TCP.


def test_a_syn_offers_what_is_left_and_takes_nothing_else():
    bare = profile(("tcp_timestamps", "0"), ("tcp_sack", "0"), ("tcp_window_scaling", "0"))
    TcpDialogue(profile=bare).play("""
        connect
        > SYN mss=1460 options=1
        < SYN ACK seq=0 ack=1 mss=1460 ws=7 sackok ts=9 ecr=0
        > ACK seq=1 ack=1 options=0
    """)
    TcpDialogue(profile=bare).play("""
        listen
        < SYN seq=0 mss=1460 ws=7 sackok ts=9
        > SYN ACK mss=1460 options=1
    """)


@pytest.mark.parametrize("system", [LINUX, FREEBSD])
def test_an_option_that_is_offered_again_has_its_place(system: Profile):
    assert profile(("tcp_sack", "0"), ("tcp_sack", "1"), of=system) == system


def test_a_syn_asks_for_ecn_only_where_it_is_set():
    TcpDialogue(profile=profile(("tcp_ecn", "1"))).play("connect\n > SYN ECE CWR")
    asked = "listen\n < SYN ECE CWR seq=0\n "
    TcpDialogue(profile=profile(("tcp_ecn", "2"))).play(asked + "> SYN ACK ECE")
    TcpDialogue(profile=profile(("tcp_ecn", "0"))).play(asked + "> SYN ACK")


OPENED = """
    listen
    < SYN seq=0 mss=1000 sackok
    > SYN ACK
    < ACK seq=1 ack=1
    accept
    send 100
    > ACK seq=1 len=100
"""


def test_the_last_segments_are_probed_for_only_where_that_is_set():
    slow = """
        listen
        < SYN seq=0 mss=1000 sackok
        > SYN ACK
        wait 100ms
        < ACK seq=1 ack=1
        accept
        send 2000
        > ACK seq=1 len=1000
        > ACK seq=1001 len=1000
    """
    TcpDialogue(profile=profile(("tcp_early_retrans", "3"))).play(
        slow + "> ACK seq=1001 len=1000 after=202ms"
    )
    TcpDialogue(profile=profile(("tcp_early_retrans", "0"))).play(
        slow + "> ACK seq=1 len=1000 after=300ms"
    )


def test_data_is_given_up_after_the_time_of_as_many_attempts_as_are_set():
    TcpDialogue(profile=profile(("tcp_retries2", "1"), ("tcp_early_retrans", "0"))).play(
        OPENED
        + """
        wait 10s
        > ACK seq=1 len=100
        wait 10s
        > ACK seq=1 len=100
        wait 10s
        fails ETIMEDOUT read 1
    """
    )


def test_syns_are_sent_again_as_often_as_is_set_for_each_end():
    few = profile(("tcp_syn_retries", "2"), ("tcp_synack_retries", "1"))
    TcpDialogue(profile=few).play("""
        connect
        > SYN
        > SYN after=1s
        > SYN after=3s
        wait 4001ms
        fails ETIMEDOUT read 1
    """)
    TcpDialogue(profile=few).play("""
        listen
        < SYN seq=0
        > SYN ACK
        > SYN ACK after=1s
        wait 2001ms
        gone
    """)


def test_a_silent_peer_is_asked_when_and_as_often_as_is_set():
    three = ("tcp_keepalive_time", "7"), ("tcp_keepalive_intvl", "3"), ("tcp_keepalive_probes", "2")
    TcpDialogue(profile=profile(*three), settings=Settings(keepalive=Keepalive())).play("""
        listen
        < SYN seq=0
        > SYN ACK
        < ACK seq=1 ack=1
        accept
        > ACK seq=0 len=0 after=7s
        > ACK seq=0 len=0 after=10s
        > RST ACK seq=1 after=13s
    """)


def test_who_is_gone_waits_for_a_fin_as_long_as_is_set():
    TcpDialogue(profile=profile(("tcp_fin_timeout", "5"))).play("""
        listen
        < SYN seq=0
        > SYN ACK
        < ACK seq=1 ack=1
        accept
        close
        > FIN ACK seq=1
        < ACK seq=1 ack=2
        wait 4999ms
        state FIN_WAIT_2
        wait 2ms
        gone
    """)


def test_congestion_control_is_the_one_that_is_set():
    assert profile(("tcp_congestion_control", "reno")).congestion == "reno"


def test_without_cookies_a_quarter_of_the_syn_backlog_stays_free():
    few = profile(("tcp_syncookies", "0"), ("tcp_max_syn_backlog", "4"))
    syn = "< SYN seq=0 port={0}\n > SYN ACK port={0}\n"
    TcpDialogue(profile=few).play(
        "listen 100\n"
        + "".join(map(syn.format, (4001, 4002, 4003, 4004)))
        + "< SYN seq=0 port=4005\n nothing"
    )


def test_cookies_may_answer_every_syn():
    dialogue = TcpDialogue(profile=profile(("tcp_syncookies", "2")))
    dialogue.play("listen\n < SYN seq=0 mss=1000\n > SYN ACK")
    assert len(dialogue.layer.sockets) == 0
    dialogue.play("< ACK seq=1 ack=1\n accept\n state ESTABLISHED")


def test_without_room_for_it_time_wait_ends_at_once_though_the_fin_is_acknowledged():
    TcpDialogue(profile=profile(("tcp_max_tw_buckets", "0"))).play("""
        listen
        < SYN seq=0
        > SYN ACK
        < ACK seq=1 ack=1
        accept
        close
        > FIN ACK seq=1
        < ACK seq=1 ack=2
        < FIN ACK seq=1 ack=2
        > ACK seq=2 ack=2
        gone
        < FIN ACK seq=1 ack=2
        > RST seq=2
    """)


def test_a_path_is_doubted_from_the_beginning_or_after_some_attempts():
    beginning = """
        listen
        < SYN seq=0 mss=1460
        > SYN ACK
        < ACK seq=1 ack=1
        accept
        send 3000
    """
    TcpDialogue(profile=profile(("tcp_mtu_probing", "2"), ("tcp_base_mss", "1000"))).play(
        beginning + "> ACK len=1000\n > ACK len=1000\n > ACK len=1000"
    )
    TcpDialogue(profile=profile(("tcp_mtu_probing", "1"), ("tcp_retries1", "1"))).play(
        beginning
        + """
        > ACK seq=1 len=1460
        > ACK seq=1461 len=1460
        > ACK seq=2921 len=80
        wait 1000ms
        > ACK seq=1 len=1460
        wait 2000ms
        > ACK seq=1 len=1024
        > ACK seq=1025 len=436
    """
    )


# Ports.


def test_ports_are_those_that_are_set():
    host = a_host()
    sysctls.apply(host, "net.ipv4.ip_local_port_range", "50000 50001")
    assert {host.tcp.bind(None, 0).port for _ in range(2)} == {50000, 50001}
    host.ports.check_unprivileged(1024)
    with pytest.raises(PermissionError):
        host.ports.check_unprivileged(7)
    sysctls.apply(host, "net.ipv4.ip_unprivileged_port_start", "0")
    host.ports.check_unprivileged(7)


# IP.


@pytest.mark.parametrize(
    ("version", "key"), [(4, "net.ipv4.ipfrag_time"), (6, "net.ipv6.ip6frag_time")]
)
def test_the_source_of_fragments_hears_of_those_that_miss_after_the_time_that_is_set(
    version: int, key: str
):
    network = a_pair((key, "1"))
    sender = network.hosts["a"].udp.socket(v6=version == 6)
    to = B if version == 4 else from_text("fd00::2")
    network.links[0].fate = without_later_fragments
    sender.send(network.now, bytes(3000), to, 9)
    network.pass_(0.9)
    assert not errors(network)
    network.pass_(0.2)
    assert errors(network) == ["time exceeded"]


def without_later_fragments(frame: bytes) -> list[tuple[int, bytes]]:
    ip = decode(frame).ip
    return [] if ip is not None and ip.fragment_offset else [(1_000_000, frame)]


def errors(network: Network) -> list[str]:
    messages = [packet.icmp or packet.icmpv6 for packet in network.packets("b")]
    return [each.name for each in messages if each is not None and each.is_error]


def test_fragments_of_each_version_take_no_more_memory_than_is_set():
    host = a_host()
    for key in ("ipv4.ipfrag", "ipv6.ip6frag"):
        sysctls.apply(host, f"net.{key}_low_thresh", "10000")
    assert [host.ip.reassembly[version].memory_limit for version in (4, 6)] == [4 << 20, 4 << 20]
    sysctls.apply(host, "net.ipv4.ipfrag_high_thresh", "20000")
    sysctls.apply(host, "net.ipv6.ip6frag_high_thresh", "30000")
    assert [host.ip.reassembly[version].memory_limit for version in (4, 6)] == [20000, 30000]


@pytest.mark.parametrize(
    ("value", "is_router", "listens"),
    [("0", False, False), ("1", False, True), ("1", True, False), ("2", True, True)],
)
def test_who_forwards_listens_to_routers_only_when_told_twice(
    value: str, is_router: bool, listens: bool
):
    host = a_host(is_router=is_router)
    sysctls.apply(host, "net.ipv6.conf.eth0.accept_ra", value)
    assert host.ip.interfaces["eth0"].accepts_advertisements is listens


def test_addresses_are_probed_where_the_interface_or_the_host_says_so():
    host = a_host()
    probes = host.ip.routers.probes
    sysctls.apply(host, "net.ipv6.conf.eth0.accept_dad", "0")
    assert not probes.either("eth0")
    sysctls.apply(host, "net.ipv6.conf.all.accept_dad", "1")
    assert probes.either("eth0")


# What is wrong.


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("net.ipv4.tcp_sack", "2", "net.ipv4.tcp_sack takes a number from 0 to 1, not 2"),
        ("net.ipv4.tcp_retries2", "-1", "takes a number from 0 to 255, not -1"),
        ("net.ipv4.tcp_congestion_control", "bbr", "takes cubic or reno, not bbr"),
        ("net.ipv4.tcp_syncookies", "3", "takes a number from 0 to 2, not 3"),
        ("net.ipv4.ip_local_port_range", "9 8", "takes the first and the last of the ports"),
        ("net.ipv4.ip_local_port_range", "500 600", "below net.ipv4.ip_unprivileged_port_start"),
        ("net.ipv4.ip_unprivileged_port_start", "40000", "which is 32768"),
        ("net.ipv4.tcp_sacks", "1", "it has no net.ipv4.tcp_sacks; did you mean 'tcp_sack'?"),
        ("net.core.somaxconn", "1", "it has no net.core.somaxconn; docs/stack.md lists"),
        ("net.ipv6.conf.eth0.accept_rb", "1", "did you mean 'accept_ra'?"),
        ("net.ipv6.conf.eth7.accept_ra", "1", "there is no interface eth7"),
        ("net.ipv6.conf.default.accept_ra", "1", "there is no interface default"),
    ],
)
def test_what_cannot_be_set_is_said(key: str, value: str, said: str):
    assert [said in each for each in sysctls.wrong([(key, value)], ["eth0"])] == [True]
    with pytest.raises(ValueError, match=key):
        sysctls.apply(a_host(), key, value)
