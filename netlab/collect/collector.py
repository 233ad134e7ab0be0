"""The lab's observer: one process that captures at every interface and asks for socket states.

Standard library only; forked from the lab's first process. Requests and answers are the JSON
lines of netlab.agent.channel, but this process waits in epoll, not in asyncio: a capture must not
queue behind anything.
"""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from netlab import linux, log
from netlab.collect.at_once import at_once
from netlab.collect.ring import Ring
from netlab.collect.samples import InfoSampler
from netlab.collect.sockets import SocketTable, owners
from netlab.collect.watch import StateWatch, changes_state
from netlab.wire import pcapng

Message = dict[str, Any]
Watch = StateWatch | InfoSampler

#: How long a flush waits for the kernel to hand over its last blocks, seconds.
_FLUSH_WITHIN = 1.0


def run_collector(control: int, output: int) -> NoReturn:
    """Serve requests from the socket ``control``, write pcapng to ``output``, and exit."""
    try:
        Collector(socket.socket(fileno=control), output).serve()
    except BaseException:  # noqa: BLE001 - the last place that can tell the lab's log
        log.exception("collector")
        os._exit(1)
    os._exit(0)


class Tap:
    """One captured interface; ``number`` is its index in the pcapng file."""

    def __init__(
        self, node: str, interface: str, number: int, ring: Ring, watches: Sequence[Watch]
    ) -> None:
        self.node = node
        self.interface = interface
        self.number = number
        self.ring = ring
        self.watches = watches


class Collector:
    def __init__(self, control: socket.socket, output: int) -> None:
        self._control = control
        self._input = bytearray()
        self._output = output
        self._poller = select.epoll()
        self._poller.register(control, select.EPOLLIN)
        self._taps: dict[int, Tap] = {}
        self._watches: list[Watch] = []
        self._tables: dict[str, SocketTable] = {}
        self._namespaces: dict[str, str] = {}
        self._last_packet = time.monotonic()
        os.write(output, pcapng.section_header(application="netlab"))

    def serve(self) -> None:
        """Until the orchestrator is gone."""
        while True:
            for descriptor, events in self._poller.poll(self._timeout()):
                if descriptor == self._control.fileno():
                    if not self._obey():
                        return
                else:
                    self._drain(self._taps[descriptor], events)
            self._look()

    # Requests

    def _obey(self) -> bool:
        data = self._control.recv(65_536)
        if not data:
            return False
        self._input += data
        while (end := self._input.find(b"\n")) >= 0:
            request = json.loads(self._input[:end])
            del self._input[: end + 1]
            self._answer(request)
        return True

    def _answer(self, request: Message) -> None:
        try:
            match request["do"]:
                case "open":
                    answer = self._open(request)
                case "close":
                    answer = self._close()
                case "sockets":
                    answer = self._read_sockets(request["node"])
                case "flush":
                    answer = self._flush()
                case "quiet":
                    answer = {"idle": time.monotonic() - self._last_packet}
                case unknown:
                    answer = {"ok": False, "error": f"unknown request {unknown}"}
        except OSError as error:
            answer = {"ok": False, "error": f"{request['do']}: {error.strerror}"}
        self._send({"id": request["id"], "ok": True, **answer})

    def _send(self, message: Message) -> None:
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        self._control.sendall(line)

    def _emit(self, event: Message) -> None:
        self._send({"event": event})

    # Captures

    def _open(self, request: Message) -> Message:
        """Begin to capture at interfaces, and to watch the sockets of their nodes."""
        for node in request["nodes"]:
            self._namespaces[node["node"]] = str(Path(f"/proc/{node['pid']}/ns/net").readlink())
        for node, (table, rings) in zip(
            request["nodes"], at_once(_open_node, request["nodes"]), strict=True
        ):
            name = node["node"]
            self._tables[name] = table
            watches: list[Watch] = [StateWatch(name, table, self._emit)]
            if node["tcp_info"] is not None:
                watches.append(InfoSampler(name, table, self._emit, node["tcp_info"]))
            self._watches += watches
            for interface, ring in zip(node["interfaces"], rings, strict=True):
                self._add(Tap(name, interface, len(self._taps), ring, watches))
        return {}

    def _close(self) -> Message:
        """End all captures. The kernel would do it too, but one after the other."""
        at_once(Ring.close, [tap.ring for tap in self._taps.values()])
        self._taps.clear()
        return {}

    def _add(self, tap: Tap) -> None:
        os.write(self._output, pcapng.interface_description(f"{tap.node}:{tap.interface}"))
        self._taps[tap.ring.fileno()] = tap
        tap.ring.register(self._poller)

    def _drain(self, tap: Tap, events: int) -> None:
        if events & select.EPOLLERR:
            tap.ring.clear_error()
        number, blocks, wake = tap.number, [], False
        for t, frame, length, outbound in tap.ring.read():
            blocks.append(pcapng.enhanced_packet(number, t, frame, length, outbound=outbound))
            wake = wake or changes_state(frame)
        if blocks:
            self._last_packet = time.monotonic()
            _write_all(self._output, b"".join(blocks))
        if wake:
            for watch in tap.watches:
                watch.wake()

    def _flush(self) -> Message:
        """Write what the kernel still holds; the counts of all interfaces."""
        deadline = time.monotonic() + _FLUSH_WITHIN
        while pending := [tap for tap in self._taps.values() if tap.ring.pending]:
            if time.monotonic() > deadline:
                break
            self._poller.poll(0.002)
            for tap in pending:
                self._drain(tap, 0)
        for watch in self._watches:
            if watch.next_look is not None:
                watch.look()
        return {
            "counts": [
                [tap.node, tap.interface, tap.ring.packets, tap.ring.count_drops()]
                for tap in self._taps.values()
            ]
        }

    # Sockets

    def _read_sockets(self, node: str) -> Message:
        table = self._tables[node].read()
        held_by = owners({each.inode for each in table if each.inode}, self._namespaces[node])
        rows = []
        for each in table:
            pid, program = held_by.get(each.inode, (None, None))
            rows.append(
                {
                    "transport": each.transport,
                    "local": each.local,
                    "foreign": each.foreign,
                    "state": each.state,
                    "pid": pid,
                    "program": program,
                }
            )
        return {"t": time.time_ns(), "sockets": rows}

    def _timeout(self) -> float | None:
        looks = [each.next_look for each in self._watches if each.next_look is not None]
        return max(0.0, min(looks) - time.monotonic()) if looks else None

    def _look(self) -> None:
        now = time.monotonic()
        for watch in self._watches:
            if watch.next_look is not None and watch.next_look <= now:
                watch.look()


def _open_node(node: Message) -> tuple[SocketTable, list[Ring]]:
    """Table and rings of one node, made in its network namespace, which only this thread enters."""
    linux.enter_network(node["pid"])
    table = SocketTable()
    rings = [
        Ring(name, block_size=node["block_size"], blocks=node["blocks"])
        for name in node["interfaces"]
    ]
    return table, rings


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
