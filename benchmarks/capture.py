"""Small UDP datagrams at a steady rate over one link, captured at both ends: how many are lost.

The sender is a program in a node of an unprivileged lab; it sends in batches (sendmmsg), so that it
keeps its rate. The receiver takes nothing: what matters is what the captures saw, in the kernel's
own count and in the file.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

_RECEIVER = """
import socket, time
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
    receiver.bind(("", 9))
    time.sleep(3600)
"""

_SENDER = """
import ctypes, socket, sys, time
rate, seconds, length, batch = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), 32

class IoVec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]

class Message(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p), ("name_length", ctypes.c_uint),
        ("vector", ctypes.POINTER(IoVec)), ("vectors", ctypes.c_size_t),
        ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int), ("sent", ctypes.c_uint),
    ]

data = IoVec(b"x" * length, length)
messages = (Message * batch)()
for each in messages:
    each.vector, each.vectors = ctypes.pointer(data), 1
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.connect((sys.argv[4], 9))
sendmmsg, descriptor = ctypes.CDLL(None).sendmmsg, sender.fileno()
sent, began = 0, time.monotonic()
total = int(rate * seconds)
while sent < total:
    due = began + sent / rate
    while time.monotonic() < due:
        time.sleep(0.0002)
    done = sendmmsg(descriptor, messages, min(batch, total - sent), 0)
    assert done > 0
    sent += done
print(sent, time.monotonic() - began)
"""

_PROGRAM = """
import asyncio, json, pathlib, sys, time
sys.path.insert(0, {root!r})
from netlab.testing.labs import in_lab
from netlab.topology.loading import load_text
from netlab.collect.capture import CaptureFile

rate, seconds, length, folder = sys.argv[1:]
plan = load_text("name: capture\\nnodes: {{a: , b: }}\\nlinks: [a -- b]\\n", "capture.yaml")
capture = pathlib.Path(folder) / "lab.pcapng"

async def story(lab):
    address = str(plan.node("b").interfaces[0].addresses[0].ip)
    def program(node, *argv):
        within = float(seconds) * 5 + 30
        return lab.backend.call(
            node, "exec", conn=node, seed=0, within=within, argv=["python3", "-c", *argv]
        )

    receiver = asyncio.create_task(program("b", {receiver!r}))
    is_bound = False
    while not is_bound:
        await asyncio.sleep(0.05)
        rows = (await lab.backend.sockets("b"))["sockets"]
        is_bound = any(row["local"].endswith(":9") for row in rows)
    answer = await program("a", {sender!r}, rate, seconds, length, address)
    assert answer["exit_code"] == 0, answer
    sent, took = answer["output"].split()
    began = time.monotonic()
    counts = await lab.backend.flush()
    flushed = time.monotonic() - began
    receiver.cancel()
    file = CaptureFile(capture)
    began = time.monotonic()
    file.finish(counts, time.time_ns())
    return int(sent), float(took), counts, flushed, time.monotonic() - began

sent, took, counts, flushed, ordered = in_lab(plan, story, capture)
print(json.dumps({{
    "sent": sent, "took": took, "flushed": flushed, "ordered": ordered,
    "packets": [each.packets for each in counts], "drops": [each.drops for each in counts],
    "bytes": capture.stat().st_size,
}}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100_000, help="datagrams a second")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--length", type=int, default=18, help="bytes of data in each")
    arguments = parser.parse_args()
    program = _PROGRAM.format(root=str(_ROOT), receiver=_RECEIVER, sender=_SENDER)
    user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        numbers = map(str, (arguments.rate, arguments.seconds, arguments.length))
        done = subprocess.run(
            [*(user if os.geteuid() == 0 else []), sys.executable, "-c", program, *numbers, folder],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    seen = json.loads(done.stdout.splitlines()[-1])
    drops = sum(seen["drops"])
    rate = seen["sent"] / seen["took"]
    print(f"sent                  {seen['sent']} in {seen['took']:.2f} s: {rate:.0f}/s")
    print(f"captured              {seen['packets']}, in {seen['bytes'] / 1e6:.0f} MB")
    print(f"lost                  {seen['drops']}: {drops / (2 * seen['sent']):.6%}")
    print(f"written after the end {seen['flushed']:.2f} s, put in order {seen['ordered']:.2f} s")


if __name__ == "__main__":
    main()
