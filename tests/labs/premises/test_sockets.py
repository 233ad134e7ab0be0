"""The labs of sockets fail when a premise is broken, and say which fact they could not show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.premises import Broken, assert_named

pytestmark = [pytest.mark.lab, pytest.mark.premise]

BROKEN = {
    "concurrent server that is iterative": Broken(
        "sockets/concurrent-server",
        "echo: tcp/21}",
        "echo: tcp/21, model: iterative}",
        "the second client is served",
    ),
    "concurrent server at one address": Broken(
        "sockets/concurrent-server",
        "echo: tcp/21}",
        "echo: tcp/21, address: 12.106.32.254}",
        "figure 2-11",
    ),
    "demux without the second host": Broken(
        "sockets/demux",
        "{node: c2, connect: tcp server:21, from: 1500, as: third}",
        "{node: c2, connect: tcp server:21, from: 1600, as: third}",
        "three TCP connections and the listening socket",
    ),
    "demux of a pair that is new": Broken(
        "sockets/demux", "from: 1500, within: 1s, as: again", "from: 1502, as: again", "a pair of"
    ),
    "bind to the wildcard": Broken(
        "sockets/bind-one-address",
        "{echo: tcp/7, address: path1}",
        "{echo: tcp/7}",
        "a client of the other address is refused",
    ),
    "bind a UDP service to the wildcard": Broken(
        "sockets/bind-one-address",
        "{echo: udp/7, address: path1}",
        "{echo: udp/7}",
        "over UDP the other address answers port unreachable",
    ),
    "bind everything to one address": Broken(
        "sockets/bind-one-address",
        "{echo: tcp/8}",
        "{echo: tcp/8, address: path1}",
        "a server bound to the wildcard",
    ),
    "crash that is a freeze": Broken(
        "sockets/crash-and-restart",
        "- {crash: server}\n  - {restart: server}",
        "- {freeze: server, for: 1s}",
        "its client does not know of it",
    ),
    "a server that goes on": Broken(
        "sockets/crash-and-restart",
        "- {crash: server}\n  - {restart: server}\n",
        "- {pause: 1ms}\n",
        "it answers data of the half-open connection",
    ),
    "a server that is not frozen": Broken(
        "sockets/crash-and-restart",
        "  - {freeze: server}\n",
        "",
        "a frozen server's program is silent",
    ),
    "clients that close before the crash": Broken(
        "sockets/crash-and-restart",
        "- {pause: 100ms}\n",
        "- {close: idle}\n  - {pause: 100ms}\n",
        "a crash sends no FIN",
    ),
    "reserved ports for everybody": Broken(
        "sockets/reserved-ports",
        "services: [{discard: tcp/9}]}",
        "services: [{discard: tcp/9}], sysctls: {net.ipv4.ip_unprivileged_port_start: 0}}",
        "without the privilege, bind()",
    ),
    "reserved ports for nobody": Broken(
        "sockets/reserved-ports",
        "tcp/80, udp6/1], as: privileged",
        "tcp/80, udp6/1], unprivileged: true, as: privileged",
        "with the privilege",
    ),
    "an open host that is not": Broken(
        "sockets/reserved-ports",
        "ip_unprivileged_port_start: 0",
        "ip_unprivileged_port_start: 1024",
        "where net.ipv4.ip_unprivileged_port_start is 0",
    ),
    "rresvport upwards": Broken(
        "sockets/reserved-ports",
        "range(1023, 511, -1)",
        "range(512, 1024)",
        "the first reserved port",
    ),
    "reserved ports of two hosts": Broken(
        "sockets/reserved-ports",
        'client, start: [python3, -c, *rresvport, "1", server], as: second',
        'open, start: [python3, -c, *rresvport, "1", server], as: second',
        "the next is 1022",
    ),
    "Linux with the range of IANA": Broken(
        "sockets/ephemeral",
        "linux: {role: client}",
        "linux: {role: client, sysctls: {net.ipv4.ip_local_port_range: 61000 65535}}",
        "Linux gives ports 32768 to 60999",
    ),
    "IANA without its range": Broken(
        "sockets/ephemeral",
        "net.ipv4.ip_local_port_range: 49152 65535",
        "net.ipv4.ip_local_port_range: 32768 49151",
        "a host that is set to IANA's range",
    ),
    "two ports more": Broken(
        "sockets/ephemeral",
        "50000 50003",
        "50000 50005",
        "when all ports of the range are in use",
    ),
    "a port whose connection was reset": Broken(
        "sockets/ephemeral",
        "  - {shutdown: a}\n  - {receive: eof, over: a}\n",
        "  - {restart: server}\n  - {send: 1 byte, over: a}\n  - {pause: 50ms}\n",
        "a port in TIME_WAIT",
    ),
    "a program that is not stopped": Broken(
        "sockets/stopped-program",
        "  - {kill: program, signal: SIGSTOP}\n",
        "",
        "the kernel of a stopped program acknowledges",
    ),
    "a program with room for one client": Broken(
        "sockets/stopped-program",
        "connected.sendall(data)",
        "connected.sendall(data.upper())",
        "the program answers when it goes on",
    ),
    "datagrams with room for all": Broken(
        "sockets/types",
        "receive_buffer: 1 KB",
        "receive_buffer: 100 KB",
        "those for which the reader has no room",
    ),
    "a stream with a quick reader": Broken(
        "sockets/types",
        "{fill: slow, by: 1000 bytes}",
        "{send: 1000 bytes, over: slow}",
        "a stream holds its sender back",
    ),
    "a datagram with room": Broken(
        "sockets/types", "datagram, by: 2 bytes", "datagram, by: 3 bytes", "a datagram is one read"
    ),
    "a raw socket of another host": Broken(
        "sockets/types",
        "node: server, observe: icmp",
        "node: client, observe: icmp",
        "a raw socket gets a copy",
    ),
    "a table without datagrams": Broken(
        "sockets/families",
        '("SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET", "SOCK_RAW")',
        '("SOCK_STREAM", "SOCK_SEQPACKET", "SOCK_RAW")',
        "a stream of the Internet is TCP",
    ),
    "a privileged raw socket": Broken(
        "sockets/families",
        "unprivileged: true, as: poor",
        "as: poor",
        "a raw socket takes a privilege",
    ),
    "a stream that is sequenced": Broken(
        "sockets/families",
        "(socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)",
        "(socket.SOCK_SEQPACKET, socket.SOCK_DGRAM)",
        "a stream joins what was sent apart",
    ),
    "server models with a quick iterative server": Broken(
        "sockets/server-models",
        "model: iterative, think: 100ms",
        "model: iterative",
        "an iterative server's last client",
    ),
    "server models that fork instead of preforking": Broken(
        "sockets/server-models",
        "model: prefork, workers: 3, accept_lock: true",
        "model: fork",
        "three children that were forked before",
    ),
    "server models with an iterative server for threads": Broken(
        "sockets/server-models", "model: thread", "model: iterative", "it has a thread for each"
    ),
    "server models with many threads": Broken(
        "sockets/server-models",
        "model: prethread, workers: 3",
        "model: thread",
        "three threads that were made before",
    ),
    "server models with a forking server for select": Broken(
        "sockets/server-models", "model: select", "model: fork", "with select, one process"
    ),
    "server models with an iterative server for epoll": Broken(
        "sockets/server-models", "model: epoll", "model: iterative", "with epoll, no client waits"
    ),
    "server models with threads for coroutines": Broken(
        "sockets/server-models", "model: asyncio", "model: thread", "with coroutines, one process"
    ),
    "bind each address of a UDP service": Broken(
        "sockets/bind-one-address",
        "{echo: udp/8}",
        "{echo: udp/8, address: path2}",
        "over UDP the wildcard's reply comes from",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_lab_names_the_fact(broken: Broken, run_lab: Callable[[str], Outcome]) -> None:
    assert_named(broken, run_lab)
