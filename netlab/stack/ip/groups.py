"""Membership of multicast groups, told to routers: IGMPv3 (RFC 3376) and MLDv2 (RFC 3810).

Every membership here is of all sources: EXCLUDE of none. To a querier of an older version the older
report is sent (RFC 3376, 7.2.1; RFC 3810, 8.2.1).
"""

from __future__ import annotations

from random import Random
from typing import TypeAlias

from netlab.stack.deadlines import Deadlines, earliest
from netlab.stack.ip import addresses
from netlab.stack.ip.datagram import Received
from netlab.stack.ip.interface import Interface
from netlab.stack.units import MILLISECOND, SECOND
from netlab.wire import checksum as internet
from netlab.wire import icmpv6, igmp, mld
from netlab.wire.errors import ParseError
from netlab.wire.icmp import Icmp
from netlab.wire.icmpv6 import Icmpv6
from netlab.wire.ipv4 import Ipv4
from netlab.wire.ipv6 import ExtensionHeader, ExtensionType, Ipv6
from netlab.wire.membership import Record, RecordType

#: RFC 3376, 8.1 and 8.11; RFC 3810, 9.1 and 9.11.
ROBUSTNESS = 2
UNSOLICITED_REPORT_INTERVAL = 1 * SECOND
#: How long an older querier is remembered (RFC 3376, 8.12; RFC 3810, 9.12).
OLDER_QUERIER_PRESENT = 260 * SECOND

_ALL_IGMPV3 = bytes((224, 0, 0, 22))
_ALL_ROUTERS_V4 = bytes((224, 0, 0, 2))
_ALL_MLDV2 = b"\xff\x02" + bytes(13) + b"\x16"
#: RFC 2113 and RFC 2711: routers look at these although they are not addressed to them.
_ROUTER_ALERT_V4 = b"\x94\x04\0\0"
_ROUTER_ALERT_V6 = ExtensionHeader(ExtensionType.HOP_BY_HOP, b"\x05\x02\0\0\x01\0")
_INTERNETWORK_CONTROL = 48

#: An interface's name and a group; for an answer about all groups, all zeros.
_Key: TypeAlias = tuple[str, bytes]


class Groups:
    """What a host tells of its groups: changes twice, and what it is asked after a random wait."""

    def __init__(self, interfaces: dict[str, Interface], random: Random) -> None:
        self._interfaces = interfaces
        self._random = random
        self._changes: Deadlines[_Key] = Deadlines()
        self._to_repeat: dict[_Key, int] = {}
        self._answers: Deadlines[_Key] = Deadlines()
        #: Interface and address size of an older querier, its version, and until when.
        self._older: dict[tuple[str, int], tuple[int, int]] = {}

    def changed(self, now: int, interface: Interface, group: bytes) -> None:
        """The interface has joined the group, or left it."""
        if not _is_reported(group):
            return
        key = interface.name, group
        self._to_repeat[key] = ROBUSTNESS - 1
        self._tell_change(now, key)

    def receive_igmp(self, now: int, received: Received) -> None:
        """Protocol 2 of IPv4 (RFC 3376, 5.2). What is malformed is ignored (4)."""
        data = bytes(received.payload)
        if received.ip.version != 4 or not internet.is_valid(internet.raw_sum(data)):
            return
        try:
            message = igmp.parse(data)
        except ParseError:
            return
        if message.type == igmp.Type.MEMBERSHIP_QUERY:
            wait = message.max_response * 100 * MILLISECOND
            if message.version < 3:
                self._note_older(now, received.interface, 4, message.version)
            self._asked(now, received.interface, message.group, wait)

    def receive_mld(self, now: int, received: Received, message: Icmp | Icmpv6, _: bytes) -> None:
        """A query (RFC 3810, 6.2): from a link-local address, over one hop."""
        assert isinstance(message, Icmpv6)
        ip = received.ip
        if not addresses.is_link_local(ip.source) or getattr(ip, "hop_limit", 0) != 1:
            return
        try:
            query = mld.parse_query(message)
        except ParseError:
            return
        wait = query.max_response * MILLISECOND
        if query.version < 2:
            self._note_older(now, received.interface, 16, query.version)
        self._asked(now, received.interface, query.group, wait)

    def next_timeout(self) -> int | None:
        return earliest(self._changes.next(), self._answers.next())

    def handle_timeout(self, now: int) -> None:
        for key in self._changes.expired(now):
            self._tell_change(now, key)
        for name, group in self._answers.expired(now):
            interface = self._interfaces[name]
            asked = _reported(interface, len(group)) if not any(group) else [group]
            members = [g for g in asked if g in interface.groups]
            self._tell(now, interface, members, RecordType.MODE_IS_EXCLUDE)

    def _note_older(self, now: int, interface: Interface, size: int, version: int) -> None:
        self._older[interface.name, size] = version, now + OLDER_QUERIER_PRESENT

    def _asked(self, now: int, interface: Interface, group: bytes, wait: int) -> None:
        if any(group) and group not in interface.groups:
            return
        key = interface.name, group
        when = now + int(self._random.uniform(0, wait))
        pending = earliest(self._answers.when(key), self._answers.when((key[0], bytes(len(group)))))
        if pending is None or pending > when:
            self._answers.set(key, when)

    def _tell_change(self, now: int, key: _Key) -> None:
        name, group = key
        interface = self._interfaces[name]
        is_member = group in interface.groups
        kind = RecordType.CHANGE_TO_INCLUDE_MODE
        if is_member:
            kind = RecordType.CHANGE_TO_EXCLUDE_MODE
        self._tell(now, interface, [group], kind)
        if self._to_repeat[key] > 0:
            self._to_repeat[key] -= 1
            wait = self._random.uniform(0, UNSOLICITED_REPORT_INTERVAL)
            self._changes.set(key, now + int(wait))
        else:
            del self._to_repeat[key]

    def _tell(self, now: int, interface: Interface, groups: list[bytes], kind: RecordType) -> None:
        if not groups or not interface.is_up:
            return
        size = len(groups[0])
        version, until = self._older.get((interface.name, size), (0, 0))
        if version and now < until:
            for group in groups:
                _send_older(interface, group, version, kind)
        else:
            self._older.pop((interface.name, size), None)
            _send_report(interface, [Record(kind, group) for group in groups])


def _is_reported(group: bytes) -> bool:
    """All hosts and all nodes go without saying (RFC 3376, section 6; RFC 3810, section 6)."""
    if group in {addresses.ALL_HOSTS, addresses.ALL_NODES}:
        return False
    return addresses.scope(group) is not addresses.Scope.INTERFACE


def _reported(interface: Interface, size: int) -> list[bytes]:
    return [g for g in interface.groups if len(g) == size and _is_reported(g)]


def _send_report(interface: Interface, records: list[Record]) -> None:
    """As many records as fit into a packet each."""
    size = len(records[0].group)
    room = max((interface.mtu - 60) // (4 + size), 1)
    for start in range(0, len(records), room):
        some = records[start : start + room]
        if size == 4:
            _send_igmp(interface, _ALL_IGMPV3, igmp.report(some))
        else:
            _send_mld(interface, _ALL_MLDV2, mld.report(some))


def _send_older(interface: Interface, group: bytes, version: int, kind: RecordType) -> None:
    """RFC 2236, section 3, RFC 1112, appendix I, and RFC 2710, section 4."""
    is_leaving = kind is RecordType.CHANGE_TO_INCLUDE_MODE
    if len(group) == 4:
        if is_leaving and version == 2:
            _send_igmp(interface, _ALL_ROUTERS_V4, igmp.older(igmp.Type.V2_LEAVE, group))
        elif not is_leaving:
            report = igmp.Type.V2_REPORT if version == 2 else igmp.Type.V1_REPORT
            _send_igmp(interface, group, igmp.older(report, group))
        return
    done, report6 = (
        icmpv6.Type.MULTICAST_LISTENER_DONE,
        icmpv6.Type.MULTICAST_LISTENER_REPORT,
    )
    destination = addresses.ALL_ROUTERS if is_leaving else group
    _send_mld(interface, destination, Icmpv6(done if is_leaving else report6, 0, bytes(4), group))


def _send_igmp(interface: Interface, destination: bytes, message: bytes) -> None:
    source = next((a.address for a in interface.usable(4)), addresses.ANY_V4)
    ip = Ipv4(
        source,
        destination,
        igmp.PROTOCOL,
        ttl=1,
        dscp=_INTERNETWORK_CONTROL,
        options=_ROUTER_ALERT_V4,
    )
    _transmit(interface, destination, ip.emit(message))


def _send_mld(interface: Interface, destination: bytes, message: Icmpv6) -> None:
    """From the link-local address, or, while it is being probed, from none (RFC 3810, 5.2.13)."""
    source = interface.link_local or addresses.ANY_V6
    ip = Ipv6(source, destination, icmpv6.PROTOCOL, 1, extensions=(_ROUTER_ALERT_V6,))
    _transmit(interface, destination, ip.emit(message.emit(b"", source, destination)))


def _transmit(interface: Interface, group: bytes, datagram: bytes) -> None:
    interface.announce(addresses.multicast_mac(group), datagram)
