"""The kernel's socket table of one node, asked for over sock_diag."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from netlab.collect.netlink import NETLINK_SOCK_DIAG, NetlinkSocket
from netlab.collect.table import WITHOUT_WINDOW, Socket
from netlab.wire import tcp_info
from netlab.wire.address import socket_endpoint
from netlab.wire.sock_diag import (
    SocketInfo,
    Transport,
    destroy_socket,
    dump_sockets,
    parse_socket,
)
from netlab.wire.tcp_info import TcpInfo

#: What the table says of a socket that waits for clients.
_WAITING = {"tcp": "LISTEN", "udp": "UNCONNECTED"}

_VERSIONS: tuple[Literal[4, 6], ...] = (4, 6)


class SocketTable:
    """To be made in the node's network namespace; can then be read from anywhere."""

    def __init__(self) -> None:
        self._netlink = NetlinkSocket(NETLINK_SOCK_DIAG)

    def read(self, transports: Sequence[Transport] = ("tcp", "udp")) -> list[Socket]:
        return [each for transport in transports for each in self._dump(transport)]

    def waits_at(self, transport: Transport, port: int) -> bool:
        """Whether a socket waits for clients at a port, of whatever address."""
        return any(
            each.state == _WAITING[transport] and each.local.rpartition(":")[2] == str(port)
            for each in self.read((transport,))
        )

    def read_info(self) -> list[tuple[Socket, TcpInfo]]:
        """What the kernel's TCP knows of each of its sockets that are no listeners."""
        return [
            (_named(each), tcp_info.parse(each.tcp_info))
            for each in self._infos("tcp", info=True)
            if each.tcp_info is not None and each.state not in WITHOUT_WINDOW
        ]

    def _dump(self, transport: Transport) -> Iterator[Socket]:
        return map(_named, self._infos(transport))

    def _infos(self, transport: Transport, *, info: bool = False) -> Iterator[SocketInfo]:
        for version in _VERSIONS:
            request = dump_sockets(transport, version=version, info=info)
            for message in self._netlink.dump(request):
                if found := parse_socket(message, transport):
                    yield found


def destroy_all() -> bool:
    """End every TCP socket of this network namespace; False where the kernel cannot do that.

    What would have been said to a peer goes the way of any packet: take the links down first.
    """
    with NetlinkSocket(NETLINK_SOCK_DIAG) as netlink:
        found = [
            request
            for version in _VERSIONS
            for message in list(netlink.dump(dump_sockets("tcp", version=version)))
            if (request := destroy_socket(message, "tcp"))
        ]
        answers = netlink.change(found)
    return not any(answer.errno == errno.EOPNOTSUPP for answer in answers)


def _named(info: SocketInfo) -> Socket:
    return Socket(
        transport=info.transport,
        local=socket_endpoint(info.local_address, info.local_port),
        foreign=socket_endpoint(info.foreign_address, info.foreign_port),
        state=info.state,
        inode=info.inode,
    )


def owners(inodes: set[int], namespace: str) -> dict[int, tuple[int, str]]:
    """Who holds which socket: inode -> (pid, program), among the processes of ``namespace``.

    ``namespace`` is the target of their /proc/<pid>/ns/net. A socket that several processes share
    belongs to the one that came last: after a fork, the child that serves it.
    """
    found: dict[int, tuple[int, str]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "ns/net").readlink()) != namespace:
                continue
            program = (process / "comm").read_text(errors="replace").strip()
            held = {int(match[1]) for link in _links(process) if (match := _SOCKET.match(link))}
        except OSError:
            continue  # it ended meanwhile
        pid = int(process.name)
        for inode in held & inodes:
            if inode not in found or found[inode][0] < pid:
                found[inode] = (pid, program)
    return found


_SOCKET = re.compile(r"socket:\[(\d+)\]")


def _links(process: Path) -> Iterator[str]:
    for descriptor in (process / "fd").iterdir():
        try:
            yield str(descriptor.readlink())
        except OSError:
            continue
