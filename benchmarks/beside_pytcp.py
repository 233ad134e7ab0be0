"""The rows of stack.py with PyTCP, which is to be found where this interpreter looks for packages.

Run by stack.py, in the namespace of the kernel's host, whose end of the cable is the tap device
``eth0``. It prints, as JSON, the seconds of wall clock and of the processor. PyTCP has no
half-close: where the others send a FIN and wait for what their peer says to it, it closes, and
waits until the peer has acknowledged all of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable

from pytcp import TcpIpStack, config
from pytcp.lib import socket
from pytcp.lib.socket import Socket

SINK, SOURCE, ECHO, SHORT = 9, 19, 7, 13
_PEER = "10.0.0.2"
_CHUNK = 1 << 20
_OPEN = {"SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "CLOSING"}


def main() -> None:
    what, amount = sys.argv[1], int(sys.argv[2])
    stack = TcpIpStack(interface="eth0", mac_address="02:00:00:00:00:01", ip4_address="10.0.0.1/24")
    config.IP6_SUPPORT = False
    stack.start()
    meet()
    before = time.process_time()
    took = ROWS[what](amount)
    print(json.dumps({"took": took, "cpu": time.process_time() - before}), flush=True)
    os._exit(0)  # its threads go on for ever


def meet() -> None:
    """PyTCP drops what it has for neighbours whose address it does not know yet."""
    end = socket.socket(socket.AF_INET4, socket.SOCK_DGRAM)
    end.connect((_PEER, ECHO))
    while True:
        end.send(b"hello")
        with contextlib.suppress(socket.ReceiveTimeout):
            end.recv(timeout=0.2)
            return


def connected(port: int) -> Socket:
    end = socket.socket(socket.AF_INET4, socket.SOCK_STREAM)
    end.connect((_PEER, port))
    return end


def send(size: int) -> float:
    end = connected(SINK)
    began, block = time.perf_counter(), bytes(_CHUNK)
    for _ in range(size // _CHUNK):
        end.send(block)
    close(end)
    return time.perf_counter() - began


def receive(size: int) -> float:
    end = connected(SOURCE)
    began, got = time.perf_counter(), 0
    end.send(size.to_bytes(8, "big"))
    while taken := end.recv(_CHUNK):
        got += len(taken)
    assert got == size
    took = time.perf_counter() - began
    end.close()
    return took


def echo(count: int) -> float:
    """The median."""
    end = socket.socket(socket.AF_INET4, socket.SOCK_DGRAM)
    end.connect((_PEER, ECHO))
    times = []
    for _ in range(count):
        began = time.perf_counter()
        end.send(bytes(64))
        end.recv()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def connect(count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        close(connected(SHORT))
    return time.perf_counter() - began


def close(end: Socket) -> None:
    """Returns once the FIN is acknowledged; PyTCP looks at its sessions once a millisecond."""
    end.close()
    while end.state.name in _OPEN:
        time.sleep(0.0005)


ROWS: dict[str, Callable[[int], float]] = {
    "send": send,
    "receive": receive,
    "echo": echo,
    "connect": connect,
}

if __name__ == "__main__":
    main()
