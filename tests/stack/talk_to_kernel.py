"""Runs inside a namespace of its own: the stack and the kernel talk, and prints what came of it."""

from __future__ import annotations

import errno
import json
import select
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from netlab.stack.raw import RawSocket
from netlab.testing.kernel_link import KernelLink
from netlab.wire import icmp, icmpv6
from netlab.wire.address import from_text

KERNEL = {4: "10.0.0.1", 6: "fd00::1"}
STACK = {4: "10.0.0.2", 6: "fd00::2"}
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
MUCH = bytes(range(256)) * 4096


def kernel_socket(version: int, kind: socket.SocketKind) -> socket.socket:
    made = socket.socket(FAMILY[version], kind)
    made.setblocking(False)
    return made


def attempt(call: Callable[[], object]) -> str:
    """What a call of the kernel's says at once."""
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def datagrams(link: KernelLink, version: int, size: int) -> bool:
    """The kernel asks, the stack echoes."""
    server = link.host.udp.socket(v6=version == 6)
    server.bind(bytes(4 if version == 4 else 16), 7)
    client = kernel_socket(version, socket.SOCK_DGRAM)
    data = MUCH[:size]
    client.sendto(data, (STACK[version], 7))
    answers: list[bytes] = []

    def is_done() -> bool:
        asked = server.receive(1 << 20)
        if asked is not None:
            server.send(link.now, asked.data, asked.source, asked.source_port)
        try:
            answers.append(client.recv(1 << 20))
        except BlockingIOError:
            return False
        return True

    link.run(is_done)
    server.close(link.now)
    return answers == [data]


def kernel_hears_of_a_dead_port(link: KernelLink, version: int) -> str:
    client = kernel_socket(version, socket.SOCK_DGRAM)
    client.connect((STACK[version], 99))
    client.send(b"x")
    said: list[str] = []

    def is_done() -> bool:
        said[:] = [attempt(lambda: client.recv(10))]
        return said != ["EAGAIN"]

    link.run(is_done)
    return said[0]


def stack_hears_of_a_dead_port(link: KernelLink, version: int) -> str:
    client = link.host.udp.socket(v6=version == 6)
    client.connect(from_text(KERNEL[version]), 99)
    client.send(link.now, b"x")
    link.run(lambda: client.is_readable)
    return errno.errorcode[client.take_error()]


def ping(link: KernelLink, version: int) -> bool:
    raw = RawSocket(link.host.ip, 1 if version == 4 else 58, v6=version == 6)
    raw.accepts = lambda datagram: datagram.payload[0] in {0, 129}
    own, to = from_text(STACK[version]), from_text(KERNEL[version])
    echo = icmp.echo(1, 1).emit(b"x") if version == 4 else icmpv6.echo(1, 1).emit(b"x", own, to)
    raw.send(link.now, echo, to)
    link.run(lambda: raw.is_readable)
    return True


def kernel_connects(link: KernelLink, version: int) -> bool:
    """And sends a megabyte, which the stack sends back."""
    listener = link.host.tcp.listen(link.now, 80)
    client = kernel_socket(version, socket.SOCK_STREAM)
    attempt(lambda: client.connect((STACK[version], 80)))
    link.run(lambda: listener.acceptable > 0)
    server = listener.accept()
    left, waiting, back = memoryview(MUCH), bytearray(), bytearray()

    def is_done() -> bool:
        nonlocal left, back
        with suppress(BlockingIOError):
            left = left[client.send(left) :] if left else left
        if server.readable and not server.at_end:
            waiting.extend(server.receive(link.now, 1 << 20))
        if waiting and server.writable:
            del waiting[: server.send(link.now, bytes(waiting))]
        with suppress(BlockingIOError):
            back += client.recv(1 << 20)
        return len(back) == len(MUCH)

    link.run(is_done)
    client.close()
    link.run(lambda: server.at_end)
    server.close(link.now)
    listener.close(link.now)
    return bytes(back) == MUCH


def stack_connects(link: KernelLink, version: int) -> bool:
    listener = kernel_socket(version, socket.SOCK_STREAM)
    listener.bind((KERNEL[version], 80))
    listener.listen()
    client = link.host.tcp.connect(link.now, from_text(KERNEL[version]), 80)
    link.run(lambda: bool(select.select([listener], [], [], 0)[0]))
    server, _ = listener.accept()
    server.setblocking(False)
    left, there = memoryview(MUCH), bytearray()

    def is_done() -> bool:
        nonlocal left
        if left and client.writable:
            left = left[client.send(link.now, left) :]
        with suppress(BlockingIOError):
            there.extend(server.recv(1 << 20))
        return len(there) == len(MUCH)

    link.run(is_done)
    client.close(link.now)
    link.run(lambda: attempt(lambda: server.recv(1)) == "done")
    return bytes(there) == MUCH


def main() -> None:
    link = KernelLink(segments=sys.argv[1] == "fast")
    results: dict[str, object] = {}
    for version in (4, 6):
        results |= {
            f"ping {version}": ping(link, version),
            f"short datagrams {version}": datagrams(link, version, 100),
            f"long datagrams {version}": datagrams(link, version, 9000),
            f"kernel hears {version}": kernel_hears_of_a_dead_port(link, version),
            f"stack hears {version}": stack_hears_of_a_dead_port(link, version),
            f"kernel connects {version}": kernel_connects(link, version),
            f"stack connects {version}": stack_connects(link, version),
        }
    results["wrong checksums"] = sum(
        count for name, count in link.host.counters.items() if "Csum" in name
    )
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
