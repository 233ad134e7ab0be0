"""Asking the kernel for its TCP and UDP sockets over netlink (sock_diag(7))."""

from __future__ import annotations

from dataclasses import dataclass
from socket import IPPROTO_TCP, IPPROTO_UDP
from struct import Struct
from typing import Literal

from netlab.wire.address import unmapped
from netlab.wire.errors import ParseError
from netlab.wire.netlink import NLM_F_ACK, NLM_F_DUMP, Message, Request, attributes
from netlab.wire.states import TCP_STATES, UDP_STATES

SOCK_DIAG_BY_FAMILY = 20
SOCK_DESTROY = 21

_AF_INET, _AF_INET6 = 2, 10
_INET_DIAG_INFO = 2
_ALL_STATES = 0xFFFFFFFF
_PROTOCOLS = {"tcp": IPPROTO_TCP, "udp": IPPROTO_UDP}

#: inet_diag_req_v2; a socket id of all zeros is every socket.
_REQUEST = Struct("=BBBxI48s")
#: inet_diag_msg: family, state, timer, retransmissions; the id, whose ports and addresses are in
#: network order; expires, receive queue, send queue, uid, inode.
_HEAD = Struct("=BBBB")
_PORTS = Struct("!HH16s16s")
_TAIL = Struct("=I8xIIIII")
_SIZE = _HEAD.size + _PORTS.size + _TAIL.size
#: inet_diag_sockid: ports, addresses, interface and the kernel's cookie.
_IDENTITY_SIZE = 48

Transport = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class SocketInfo:
    """One socket; addresses are raw, IPv4-mapped ones as IPv4, all zeros where not bound.

    ``state`` is the RFC's name of a TCP state; a UDP socket is ``ESTABLISHED`` when connected,
    else ``UNCONNECTED``. ``interface`` is an index, 0 for a socket not bound to one; ``inode`` is 0
    when no process holds the socket; ``tcp_info`` the kernel's struct, raw. Queues are in bytes;
    of a listener, they are the waiting connections and how many may wait.
    """

    transport: Transport
    local_address: bytes
    local_port: int
    foreign_address: bytes
    foreign_port: int
    state: str
    inode: int
    uid: int
    interface: int
    receive_queue: int
    send_queue: int
    tcp_info: bytes | None = None


def dump_sockets(transport: Transport, *, version: Literal[4, 6], info: bool = False) -> Request:
    """Ask for all sockets of one transport and IP version; ``info`` adds TCP's tcp_info."""
    extensions = 1 << (_INET_DIAG_INFO - 1) if info else 0
    family = _AF_INET if version == 4 else _AF_INET6
    body = _REQUEST.pack(family, _PROTOCOLS[transport], extensions, _ALL_STATES, b"")
    return Request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, body)


def destroy_socket(found: Message, transport: Transport) -> Request | None:
    """Ask the kernel to end the socket that ``found`` tells of, None for other messages.

    Needs CAP_NET_ADMIN, and a kernel with CONFIG_INET_DIAG_DESTROY: others answer EOPNOTSUPP.
    """
    if parse_socket(found, transport) is None:
        return None
    identity = found.body[_HEAD.size : _HEAD.size + _IDENTITY_SIZE]
    body = _REQUEST.pack(found.body[0], _PROTOCOLS[transport], 0, _ALL_STATES, identity)
    return Request(SOCK_DESTROY, NLM_F_ACK, body)


def parse_socket(message: Message, transport: Transport) -> SocketInfo | None:
    """The socket of an answer to dump_sockets, None for other messages.

    The answer does not repeat the ``transport`` that was asked for. ParseError when too short.
    """
    if message.type != SOCK_DIAG_BY_FAMILY:
        return None
    body = message.body
    if len(body) < _SIZE:
        raise ParseError("sock_diag message is too short")
    family, number, _, _ = _HEAD.unpack_from(body)
    local_port, foreign_port, local, foreign = _PORTS.unpack_from(body, _HEAD.size)
    tail = _HEAD.size + _PORTS.size
    interface, _, receive_queue, send_queue, uid, inode = _TAIL.unpack_from(body, tail)
    length = 4 if family == _AF_INET else 16
    states = TCP_STATES if transport == "tcp" else UDP_STATES
    return SocketInfo(
        transport,
        unmapped(local[:length]),
        local_port,
        unmapped(foreign[:length]),
        foreign_port,
        states.get(number, f"STATE_{number}"),
        inode,
        uid,
        interface,
        receive_queue,
        send_queue,
        attributes(body[_SIZE:]).get(_INET_DIAG_INFO),
    )
