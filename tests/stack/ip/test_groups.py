from __future__ import annotations

import pytest

from netlab.testing.network import Network
from netlab.wire import igmp, mld
from netlab.wire.address import from_text, to_text
from netlab.wire.ethernet import Ethernet
from netlab.wire.icmpv6 import PROTOCOL, Icmpv6, Type
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import Ipv6
from netlab.wire.membership import Record, RecordType

G4, G6 = from_text("239.1.2.3"), from_text("ff15::7")
ANY4, ANY6 = bytes(4), bytes(16)
BOTH = pytest.mark.parametrize("group", [G4, G6])


def a_host() -> Network:
    network = Network()
    network.link("a 10.0.0.1/24", "b 10.0.0.2/24")
    network.settle()
    return network


def reports(network: Network) -> list[tuple[str, tuple[Record, ...]]]:
    """Where each report of a's went, and its records."""
    found: list[tuple[str, tuple[Record, ...]]] = []
    for packet in network.packets("a"):
        ip = packet.ip
        if ip is None:
            continue
        if ip.version == 4 and ip.protocol == igmp.PROTOCOL:
            message = igmp.parse(packet.payload)
            records = message.records or (Record(message.type, message.group),)
            assert ip.ttl == 1
            found.append((to_text(ip.destination), records))
        elif packet.icmpv6 is not None:
            sent = packet.icmpv6
            older = (Record(sent.type, sent.group or b""),)
            is_new = sent.type == Type.MULTICAST_LISTENER_REPORT_V2
            assert ip.version == 6
            assert ip.hop_limit == 1
            found.append((to_text(ip.destination), mld.parse_report(sent) if is_new else older))
    return found


def ask(network: Network, group: bytes, *, version: int | None = None, seconds: int = 10) -> None:
    """A querier's question, about one group or all."""
    mac = network.hosts["a"].ip.interfaces["eth0"].mac
    router = b"\x02\0\0\0\0\x63"
    if len(group) == 4:
        message = igmp.query(group, max_response=seconds * 10, version=version or 3)
        to = group if any(group) else from_text("224.0.0.1")
        datagram = Ipv4(from_text("10.0.0.254"), to, igmp.PROTOCOL, ttl=1).emit(message)
        frame = Ethernet(mac, router, 0x0800).emit(datagram)
    else:
        source = from_text("fe80::63")
        to = group if any(group) else from_text("ff02::1")
        query = mld.Query(group, seconds * 1000, version or 2).message()
        message = query.emit(b"", source, to)
        frame = Ethernet(mac, router, 0x86DD).emit(Ipv6(source, to, PROTOCOL, 1).emit(message))
    network.deliver("a", "eth0", frame)


@BOTH
def test_joining_and_leaving_is_told_twice(group: bytes):
    network = a_host()
    host = network.hosts["a"]
    host.ip.join(network.now, "eth0", group)
    host.ip.join(network.now, "eth0", group)
    network.pass_(3)
    host.ip.leave(network.now, "eth0", group)
    network.pass_(3)
    host.ip.leave(network.now, "eth0", group)
    network.pass_(3)
    to = "224.0.0.22" if group == G4 else "ff02::16"
    came = (to, (Record(RecordType.CHANGE_TO_EXCLUDE_MODE, group),))
    left = (to, (Record(RecordType.CHANGE_TO_INCLUDE_MODE, group),))
    assert reports(network) == [came, came, left, left]
    assert all(p.problems == () for p in network.packets())


@pytest.mark.parametrize("everything", [ANY4, ANY6])
def test_a_general_question_is_answered_for_all_groups_within_the_time_it_gives(everything: bytes):
    network = a_host()
    group = G4 if everything == ANY4 else G6
    network.hosts["a"].ip.join(network.now, "eth0", group)
    network.settle()
    ask(network, everything)
    ask(network, everything)  # a second one does not make two answers
    asked_at = network.now
    network.pass_(11)
    answers = reports(network)
    assert len(answers) == 1
    assert Record(RecordType.MODE_IS_EXCLUDE, group) in answers[0][1]
    assert asked_at < network.seen[0].at <= asked_at + 10_000_000_000
    members = {record.group for record in answers[0][1]}
    assert from_text("ff02::1") not in members
    assert from_text("224.0.0.1") not in members


@BOTH
def test_an_answer_is_not_put_off_by_more_questions(group: bytes):
    network = a_host()
    network.hosts["a"].ip.join(network.now, "eth0", group)
    network.settle()
    ask(network, group, seconds=1)
    for _ in range(10):
        ask(network, group, seconds=12)
        ask(network, bytes(len(group)), seconds=12)
    network.pass_(1)
    assert [records[0].group for _, records in reports(network)] == [group]


@BOTH
def test_a_question_about_a_group_that_nobody_is_in_has_no_answer(group: bytes):
    network = a_host()
    ask(network, group)
    network.pass_(11)
    assert reports(network) == []


def test_an_older_querier_gets_older_reports():
    network = a_host()
    ip = network.hosts["a"].ip
    ip.join(network.now, "eth0", G4)
    ip.join(network.now, "eth0", G6)
    network.settle()
    ask(network, ANY4, version=2)
    ask(network, G6, version=1)
    network.pass_(11)
    ip.leave(network.now, "eth0", G4)
    ip.leave(network.now, "eth0", G6)
    network.pass_(0.001)
    seen = [(to, record.type, record.group) for to, (record, *_) in reports(network)]
    assert ("239.1.2.3", igmp.Type.V2_REPORT, G4) in seen
    assert ("ff15::7", Type.MULTICAST_LISTENER_REPORT, G6) in seen
    assert ("224.0.0.2", igmp.Type.V2_LEAVE, G4) in seen
    assert ("ff02::2", Type.MULTICAST_LISTENER_DONE, G6) in seen


def test_an_older_querier_is_forgotten_after_a_while():
    network = a_host()
    ask(network, ANY4, version=1)
    network.pass_(261)
    network.hosts["a"].ip.join(network.now, "eth0", G4)
    network.pass_(0.001)
    assert [to for to, _ in reports(network)] == ["224.0.0.22"]


def test_noise_is_no_question():
    network = a_host()
    network.hosts["a"].ip.join(network.now, "eth0", G6)
    network.settle()
    mac = network.hosts["a"].ip.interfaces["eth0"].mac
    query = mld.Query(ANY6, 1000).message()
    far, near, to = from_text("fd00::63"), from_text("fe80::63"), from_text("ff02::1")
    for source, hops, message in (
        (far, 1, query),
        (near, 64, query),
        (near, 1, Icmpv6(Type.MULTICAST_LISTENER_QUERY, 0, bytes(4), bytes(17))),
    ):
        datagram = Ipv6(source, to, PROTOCOL, hops).emit(message.emit(b"", source, to))
        network.deliver("a", "eth0", Ethernet(mac, b"\2\0\0\0\0\7", 0x86DD).emit(datagram))
    network.pass_(2)
    assert reports(network) == []
