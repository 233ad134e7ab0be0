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
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from netlab import clock, linux, log
from netlab.collect.at_once import at_once
from netlab.collect.blocks import as_pcapng, first_stamp
from netlab.collect.ring import Ring
from netlab.collect.samples import InfoSampler
from netlab.collect.sockets import SocketTable, owners
from netlab.collect.watch import StateWatch
from netlab.wire import pcapng

Message = dict[str, Any]
Watch = StateWatch | InfoSampler

#: How long a flush waits for the kernel to hand over its last blocks, seconds.
_FLUSH_WITHIN = 1.0

#: Blocks that wait to be written, bytes: a burst is taken as it comes, and written after it.
_MOST_WAITING = 256 << 20

#: How long writing keeps the collector from the rings, seconds.
_WRITE_FOR = 0.01


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
        self.before = (0, 0)  # packets and drops of the rings that it had before

    def counts(self) -> tuple[int, int]:
        """Packets, and how many more the kernel had no room for."""
        packets, drops = self.before
        return packets + self.ring.packets, drops + self.ring.count_drops()


class Collector:
    def __init__(self, control: socket.socket, output: int) -> None:
        self._control = control
        self._input = bytearray()
        self._output = output
        self._poller = select.epoll()
        self._poller.register(control, select.EPOLLIN)
        self._taps: dict[int, Tap] = {}
        self._watches: dict[str, list[Watch]] = {}
        self._tables: dict[str, SocketTable] = {}
        self._namespaces: dict[str, str] = {}
        self._last_packet = time.monotonic()
        self._waiting: deque[tuple[Tap, bytes, int]] = deque()
        self._waiting_bytes = 0
        self._failed: OSError | None = None
        os.write(output, pcapng.section_header(application="netlab"))

    def serve(self) -> None:
        """Until the orchestrator is gone."""
        while True:
            for descriptor, events in self._poller.poll(self._timeout()):
                if descriptor == self._control.fileno():
                    if not self._obey():
                        return
                else:
                    self._take(self._taps[descriptor], events)
            self._write_some()
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
                case "waits":
                    answer = self._waits_at(request)
                case "look":
                    answer = self._look_at(request["node"])
                case "flush":
                    answer = self._flush()
                case "quiet":
                    heard = sum(tap.ring.packets > 0 for tap in self._taps.values())
                    answer = {"idle": time.monotonic() - self._last_packet, "heard": heard}
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
        tables = at_once(_open_table, request["nodes"])
        for node, table in zip(request["nodes"], tables, strict=True):
            self._tables[node["node"]] = table
            self._watches[node["node"]] = list(self._watches_of(node, table))
        wanted = [(node, name) for node in request["nodes"] for name in node["interfaces"]]
        for (node, interface), ring in zip(wanted, at_once(_open_ring, wanted), strict=True):
            name = node["node"]
            self._add(name, interface, ring)
        return {}

    def _watches_of(self, node: Message, table: SocketTable) -> Iterator[Watch]:
        if not node["watched"]:
            return  # its connections are its agent's to tell
        yield StateWatch(node["node"], table, self._emit)
        if node["tcp_info"] is not None:
            yield InfoSampler(node["node"], table, self._emit, node["tcp_info"])

    def _close(self) -> Message:
        """End all captures. The kernel would do it too, but one after the other."""
        at_once(Ring.close, [tap.ring for tap in self._taps.values()])
        self._taps.clear()
        return {}

    def _add(self, node: str, interface: str, ring: Ring) -> None:
        """A ring that takes the place of another goes on with what that one has counted."""
        known = (each for each in self._taps.values() if each.node == node)
        former = next((each for each in known if each.interface == interface), None)
        number = len(self._taps) if former is None else former.number
        tap = Tap(node, interface, number, ring, self._watches[node])
        if former is None:
            os.write(self._output, pcapng.interface_description(f"{node}:{interface}"))
        else:
            tap.before = former.counts()
            del self._taps[former.ring.fileno()]
            former.ring.close()
        self._taps[ring.fileno()] = tap
        tap.ring.register(self._poller)

    def _take(self, tap: Tap, events: int) -> None:
        """Empty a ring; what was in it waits for its turn to be written."""
        if events & select.EPOLLERR:
            tap.ring.clear_error()
        if self._waiting_bytes > _MOST_WAITING:
            return  # then the ring waits, and if it overflows, the kernel counts what is lost
        if (step := clock.CLOCK.new_step()) is not None:
            self._emit({"kind": "notice", "text": clock.step_notice(step)})
        for block in tap.ring.take():
            self._waiting.append((tap, block, clock.CLOCK.shift(first_stamp(block))))
            self._waiting_bytes += len(block)
            self._last_packet = time.monotonic()

    def _write_some(self) -> None:
        """Write the oldest blocks, as many as leave the rings alone for a moment only."""
        pieces: list[bytes] = []
        until = time.monotonic() + _WRITE_FOR
        while self._waiting and time.monotonic() < until:
            tap, block, shift = self._waiting.popleft()
            self._waiting_bytes -= len(block)
            packets, changed = as_pcapng(block, tap.number, shift)
            pieces += packets
            if changed:
                for watch in tap.watches:
                    watch.wake()
        if pieces and self._failed is None:
            try:
                _write_all(self._output, b"".join(pieces))
            except OSError as error:  # what is in the file stays; the next to ask is told
                self._failed = error

    def _flush(self) -> Message:
        """Write what the kernel still holds; the counts of all interfaces."""
        deadline = time.monotonic() + _FLUSH_WITHIN
        while pending := [tap for tap in self._taps.values() if tap.ring.pending]:
            if time.monotonic() > deadline:
                break
            self._poller.poll(0.002)
            for tap in pending:
                self._take(tap, 0)
            self._write_some()
        while self._waiting:
            self._write_some()
        for watch in self._all_watches():
            if watch.next_look is not None:
                watch.look()
        return {
            "failed": self._failed.strerror if self._failed else None,
            "counts": [
                [tap.node, tap.interface, *tap.counts()]
                for tap in sorted(self._taps.values(), key=lambda each: each.number)
            ],
        }

    # Sockets

    def _read_sockets(self, node: str) -> Message:
        table = self._tables[node].read()
        held_by = owners({each.inode for each in table if each.inode}, self._namespaces[node])
        rows = [each.row(*held_by.get(each.inode, (None, None))) for each in table]
        return {"t": clock.now(), "sockets": rows}

    def _waits_at(self, request: Message) -> Message:
        table = self._tables[request["node"]]
        return {"waits": table.waits_at(request["transport"], request["port"])}

    def _look_at(self, node: str) -> Message:
        """Its sockets have changed, and no packet tells of it."""
        for watch in self._watches[node]:
            watch.wake()
        return {}

    def _all_watches(self) -> Iterator[Watch]:
        return chain.from_iterable(self._watches.values())

    def _timeout(self) -> float | None:
        if self._waiting:
            return 0.0
        looks = [each.next_look for each in self._all_watches() if each.next_look is not None]
        return max(0.0, min(looks) - time.monotonic()) if looks else None

    def _look(self) -> None:
        now = time.monotonic()
        for watch in self._all_watches():
            if watch.next_look is not None and watch.next_look <= now:
                watch.look()


def _open_table(node: Message) -> SocketTable:
    """Made in the node's network namespace, which only this thread enters."""
    linux.enter_network(node["pid"])
    return SocketTable()


def _open_ring(where: tuple[Message, str]) -> Ring:
    """The ring of one interface of a node, made where the node's sockets are."""
    node, interface = where
    linux.enter_network(node["pid"])
    return Ring(interface, **node["ring"])


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
