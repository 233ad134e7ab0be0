"""Runs inside a namespace of its own: a router of the stack between two namespaces of the kernel's.

What the kernel's sockets heard is printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from netlab.stack.host import Host
from netlab.testing.kernel_link import Driver
from netlab.wire.address import from_text
from netlab.wire.router_advertisement import Prefix, RouterAdvertisement

#: What one end does: a socket that hears all errors sends, and prints the errno that comes.
SEND = """
import errno, socket, sys
version, to, size, hops, whole = sys.argv[1:]
v6 = version == "6"
level = socket.IPPROTO_IPV6 if v6 else socket.IPPROTO_IP
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(6)
s.setsockopt(level, 25 if v6 else 11, 1)                 # RECVERR
s.setsockopt(level, 23 if v6 else 10, int(whole))        # MTU_DISCOVER
s.setsockopt(level, 16 if v6 else 2, int(hops))          # UNICAST_HOPS, TTL
s.connect((to, 9))
s.send(bytes(int(size)))
try:
    s.recv(10)
except OSError as error:
    print(errno.errorcode[error.errno or errno.ETIMEDOUT], s.getsockopt(level, 24 if v6 else 14))
"""
SERVE = """
import socket
s = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True)
for _ in range(2):
    c, _ = s.accept()
    total = 0
    while data := c.recv(1 << 20):
        total += len(data)
    c.sendall(str(total).encode())
    c.close()
"""
TRANSFER = """
import socket, sys, time
for _ in range(100):
    try:
        c = socket.create_connection((sys.argv[1], 80), timeout=5)
        break
    except ConnectionRefusedError:
        time.sleep(0.05)
c.sendall(bytes(2_000_000))
c.shutdown(socket.SHUT_WR)
print(c.recv(100).decode())
"""
DESTINATION = {4: "10.0.1.2", 6: "fd00:1::2"}


class Lab:
    """a -- the stack -- b, of which the second link carries 1300 bytes."""

    def __init__(self) -> None:
        self.ends = {name: subprocess.Popen(["unshare", "-n", "sleep", "100"]) for name in "ab"}
        for process in self.ends.values():
            while _namespace(process.pid) == _namespace(os.getpid()):
                time.sleep(0.001)
        for number, name in enumerate("ab"):
            mtu = 1500 if name == "a" else 1300
            pair = f"link add k{name} mtu {mtu} type veth peer name s{name} mtu {mtu}"
            self.ip(pair, f"link set s{name} addrgenmode none up")
            self.ip(f"link set k{name} netns {self.ends[name].pid}")
            self.inside(name, f"addr add 10.0.{number}.2/24 dev k{name}")
            self.inside(name, f"addr add fd00:{number}::2/64 dev k{name} nodad")
            self.inside(name, f"link set k{name} up", f"route add default via 10.0.{number}.1")
            self.inside(name, f"-6 route add default via fd00:{number}::1 metric 10")
        host = Host(Random(1), is_router=True)
        self.driver = Driver(host, {"eth0": "sa", "eth1": "sb"})
        for number, mtu in enumerate((1500, 1300)):
            name, mac = f"eth{number}", bytes((2, 0, 0, 0, 1, number))
            host.ip.add_interface(self.driver.now, name, mac, mtu)
            for text, length in ((f"10.0.{number}.1", 24), (f"fd00:{number}::1", 64)):
                host.ip.add_address(self.driver.now, name, from_text(text), length)

    @staticmethod
    def ip(*lines: str) -> None:
        for line in lines:
            subprocess.run(["ip", *line.split()], check=True)

    def enter(self, name: str) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.ends[name].pid}/ns/net"]

    def inside(self, name: str, *lines: str) -> None:
        for line in lines:
            subprocess.run([*self.enter(name), "ip", *line.split()], check=True)

    def run(self, name: str, *command: str) -> str:
        """What a program prints at one end, while the router does its work."""
        process = subprocess.Popen([*self.enter(name), *command], stdout=subprocess.PIPE, text=True)
        self.driver.run(lambda: process.poll() is not None, seconds=20)
        return process.communicate()[0].strip()

    def python(self, name: str, script: str, *arguments: object) -> str:
        return self.run(name, sys.executable, "-c", script, *map(str, arguments))

    def end(self) -> None:
        for process in self.ends.values():
            process.terminate()
            process.wait()


def _namespace(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())


def story(lab: Lab) -> dict[str, str]:
    results: dict[str, str] = {}
    server = subprocess.Popen([*lab.enter("b"), sys.executable, "-c", SERVE])
    for version, to in DESTINATION.items():
        nobody = to[:-1] + "77"
        nowhere = "10.9.9.9" if version == 4 else "fd09::9"
        results |= {
            f"port {version}": lab.python("a", SEND, version, to, 1, 64, 2),
            f"hops {version}": lab.python("a", SEND, version, to, 1, 1, 2),
            f"size {version}": lab.python("a", SEND, version, to, 1400, 64, 2),
            f"nobody {version}": lab.python("a", SEND, version, nobody, 1, 64, 2),
            f"nowhere {version}": lab.python("a", SEND, version, nowhere, 1, 64, 2),
            f"transfer {version}": lab.python("a", TRANSFER, to),
        }
    server.wait(5)
    host = lab.driver.host
    advertisement = RouterAdvertisement(prefixes=(Prefix(from_text("fd99::"), 64),))
    host.ip.routers.advertise(lab.driver.now, host.ip.interfaces["eth0"], advertisement)
    results["routes"] = lab.run("a", "sh", "-c", "sleep 0.3; ip -6 route; ip -6 addr")
    return results


def main() -> None:
    lab = Lab()
    try:
        json.dump(story(lab), sys.stdout)
    finally:
        lab.end()


if __name__ == "__main__":
    main()
