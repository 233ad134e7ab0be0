"""The emulator's process: one for all stretches of a lab, in the fabric's network namespace.

Standard library only; forked from the lab's first process. Requests and answers are the JSON
lines of netlab.agent.channel, but this process waits in epoll, not in asyncio, for packets wait
with it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from netlab import linux, log
from netlab.clock import CLOCK, Clock
from netlab.collect.at_once import at_once
from netlab.fabric.emulator import requests
from netlab.fabric.emulator.agenda import Agenda
from netlab.fabric.emulator.hit import Hit
from netlab.fabric.emulator.lane import Lane
from netlab.fabric.emulator.played import Played
from netlab.fabric.emulator.port import Port
from netlab.fabric.emulator.stretch import Stretch
from netlab.fabric.emulator.wanted import Wanted

Message = dict[str, Any]

#: Bytes of events that may wait for an orchestrator that does not listen; later ones are counted.
_MOST_OUTPUT = 16 << 20

#: A step of the machine's clock that would be seen in delays, ns.
_LEAST_STEP = 50_000


def run_emulator(control: int) -> NoReturn:
    """Serve requests from the socket ``control``, and exit with its end."""
    try:
        # Packets wait while rubbish is collected, and nothing here makes cycles.
        gc.freeze()
        gc.disable()
        with contextlib.suppress(OSError):  # it only makes a busy machine bearable
            linux.take_short_turns()
        Emulator(socket.socket(fileno=control)).serve()
    except BaseException:  # noqa: BLE001 - the last place that can tell the lab's log
        log.exception("emulator")
        os._exit(1)
    os._exit(0)


class Emulator:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._control.setblocking(False)
        self._input = bytearray()
        self._output = bytearray()
        self._untold = 0
        self._is_waiting_to_tell = False
        self._timer = linux.make_timer()
        self._timer_at: int | None = None
        self._poller = select.epoll()
        self._poller.register(control, select.EPOLLIN)
        self._poller.register(self._timer, select.EPOLLIN)
        self._lanes: dict[int, Lane] = {}
        self._stretches: dict[str, Stretch] = {}
        self._agenda = Agenda()
        self._played = Played()
        self._clock = Clock(least_step=_LEAST_STEP, since_1970=CLOCK.since_1970)

    def serve(self) -> None:
        """Until the orchestrator is gone."""
        while True:
            for descriptor, events in self._poller.poll():
                lane = self._lanes.get(descriptor)
                if lane is not None:
                    self._forward(lane, events)
                elif descriptor == self._timer:
                    self._timer_at = None
                    os.read(self._timer, 8)
                elif descriptor == self._control.fileno() and not self._converse(events):
                    return
            for lane in self._agenda.due(time.monotonic_ns()):
                lane.send_due(time.monotonic_ns())
                self._agenda.note(lane)
            self._set_timer()

    def _forward(self, lane: Lane, events: int) -> None:
        if events & select.EPOLLERR:
            lane.source.clear_error()
        lane.receive()
        self._agenda.note(lane)

    def _set_timer(self) -> None:
        at = self._agenda.next
        if at is not None and (self._timer_at is None or at < self._timer_at):
            linux.set_timer(self._timer, at)
            self._timer_at = at

    # Conversation

    def _converse(self, events: int) -> bool:
        if events & select.EPOLLOUT:
            self._flush()
        if not events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
            return True
        try:
            data = self._control.recv(1 << 20)
        except BlockingIOError:
            return True
        if not data:
            return False
        self._input += data
        while (end := self._input.find(b"\n")) >= 0:
            request = json.loads(self._input[:end])
            del self._input[: end + 1]
            self._say({"id": request["id"], "ok": True, **self._answer(request)})
        return True

    def _answer(self, request: Message) -> Message:
        do = request["do"]
        known: dict[str, Callable[[Message], Message]] = {
            "join": self._join,
            "change": self._change,
            "fault": self._add_fault,
            "release": self._release,
            "begin": self._begin,
            "counts": self._count,
            "close": self._close,
        }
        if do not in known:
            return {"ok": False, "error": f"unknown request {do}"}
        try:
            return known[do](request)
        except OSError as error:
            return {"ok": False, "error": f"{do}: {error.strerror}"}
        except (LookupError, TypeError, ValueError) as error:
            return {"ok": False, "error": f"{do}: {error}"}

    def _say(self, message: Message) -> None:
        self._output += json.dumps(message, separators=(",", ":")).encode() + b"\n"
        self._flush()

    def _flush(self) -> None:
        try:
            sent = self._control.send(self._output)
        except BlockingIOError:
            sent = 0
        except OSError:  # nobody listens any more: the lab ends
            sent = len(self._output)
        del self._output[:sent]
        if self._is_waiting_to_tell is not bool(self._output):
            self._is_waiting_to_tell = bool(self._output)
            wanted = select.EPOLLIN | (select.EPOLLOUT if self._output else 0)
            self._poller.modify(self._control, wanted)

    def _tell(self, wanted: Wanted, way: str, hit: Hit) -> None:
        if len(self._output) > _MOST_OUTPUT:
            self._untold += 1
            return
        since_1970 = self._clock.since_1970
        event = hit.told(
            link=wanted.link,
            stretch=wanted.name,
            way=way,
            date=lambda time: since_1970 + time,
        )
        self._say({"event": event})

    # Requests

    def _join(self, request: Message) -> Message:
        """Forward between pairs of interfaces from now on.

        ``of`` is how many stretches the lab has, which share the memory for rings. A stretch of a
        known name takes its place: its interfaces have been made anew.
        """
        stretches = [requests.wanted(each) for each in request["stretches"]]
        interfaces = [name for each in stretches for name in (each.left, each.right)]
        in_all = max(len(interfaces) + len(self._lanes), 2 * request.get("of", 0))
        ports = at_once(lambda name: Port(name, in_all), interfaces)
        joined = [
            Stretch(wanted, (left, right), self._played, self._clock, self._tell)
            for wanted, left, right in zip(stretches, ports[::2], ports[1::2], strict=True)
        ]
        self._leave([each.name for each in stretches if each.name in self._stretches])
        for stretch in joined:
            self._stretches[stretch.wanted.name] = stretch
            for lane in stretch.lanes.values():
                self._lanes[lane.source.fileno()] = lane
                self._poller.register(lane.source, select.EPOLLIN)
        return {}

    def _leave(self, names: Sequence[str]) -> None:
        left = [self._stretches.pop(name) for name in names]
        for stretch in left:
            for port in stretch.ports:
                del self._lanes[port.fileno()]
        at_once(Port.close, [port for stretch in left for port in stretch.ports])

    def _stretch(self, name: str) -> Stretch:
        if name not in self._stretches:
            raise LookupError(f"there is no stretch {name}")
        return self._stretches[name]

    def _change(self, request: Message) -> Message:
        """Give a way other values for some fields of its profile."""
        lane = self._stretch(request["name"]).lanes[request["way"]]
        fields = requests.profile_fields(request["profile"])
        lane.way.change(time.monotonic_ns(), replace(lane.way.profile, **fields))
        self._agenda.note(lane)
        return {}

    def _add_fault(self, request: Message) -> Message:
        fault = requests.fault(request["fault"])
        lanes = self._stretch(request["name"]).lanes
        lanes["forward" if fault.forward else "backward"].way.add(fault)
        return {}

    def _release(self, request: Message) -> Message:
        """A moment has come: nothing is held for it any more."""
        moment = request["moment"]
        self._played.happened.add(moment)
        now = time.monotonic_ns()
        for lane in self._lanes.values():
            lane.way.release(now, moment)
            self._agenda.note(lane)
        return {}

    def _begin(self, request: Message) -> Message:
        """The scenario began at ``t``, ns since 1970."""
        self._played.began = request["t"] - self._clock.since_1970
        return {}

    def _count(self, _: Message) -> Message:
        counts = [
            {
                "name": name,
                "link": stretch.wanted.link,
                **{way: lane.counts() for way, lane in stretch.lanes.items()},
            }
            for name, stretch in self._stretches.items()
        ]
        return {"counts": counts, "untold": self._untold}

    def _close(self, _: Message) -> Message:
        """Forward nothing any more."""
        self._leave(list(self._stretches))
        return {}
