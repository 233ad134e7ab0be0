"""The neighbours of one interface: their link-layer addresses, and whether they are still there.

ARP and neighbour discovery share it: the states are those of RFC 4861, 7.3.2, the table below is
its appendix C. What ARP lacks (flags, solicited answers) it says in the inputs that it chooses.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Protocol

from netlab.stack.deadlines import Deadlines
from netlab.stack.failure import failure
from netlab.stack.ip.datagram import Outbound
from netlab.stack.units import MILLISECOND, SECOND

#: RFC 4861, section 10.
MAX_SOLICITS = 3
REACHABLE_TIME = 30 * SECOND
RETRANS_TIMER = 1 * SECOND
DELAY_FIRST_PROBE_TIME = 5 * SECOND

#: Packets that wait for one neighbour: RFC 4861, 7.2.2, and RFC 1122, 2.3.2.2, want one at least.
#: As many full frames as Linux keeps (unres_qlen), so that all fragments of a datagram fit.
MAX_WAITING = 101
#: Neighbours of one interface. Who was not heard of for longest makes room for a new one.
MAX_NEIGHBOURS = 1024
#: Those of them that are only asked for: a scan of a network does not push out who is there.
MAX_UNKNOWN = 512


class State(Enum):
    INCOMPLETE = "INCOMPLETE"
    REACHABLE = "REACHABLE"
    STALE = "STALE"
    DELAY = "DELAY"
    PROBE = "PROBE"
    #: Never kept: the neighbour is forgotten.
    NONE = "NONE"


class Input(Enum):
    SEND = "a packet is to go there"
    ANSWERED = "it answered our question"
    TOLD = "it said unasked that it has another address"
    CONTRADICTED = "somebody says otherwise, without overriding"
    HEARD = "it asked us, or announced itself"
    CONFIRMED = "an upper layer got an answer"
    TIMEOUT = "its timer expired"
    GAVE_UP = "its timer expired, and it has been asked often enough"


class Action(Enum):
    ASK_ALL = "ask everybody"
    ASK_IT = "ask it alone"
    REFRESH = "be sure of it for a while"
    WAIT = "wait for a confirmation"
    REST = "leave it alone"
    LOSE = "say of what waits that it cannot be delivered"


_S, _I, _A = State, Input, Action

#: The state table. Pairs that are not in it change nothing. A link-layer address that comes with an
#: input is taken over before, where the input says so, and what has waited for it then goes out.
TRANSITIONS: dict[tuple[State, Input], tuple[Action, State]] = {
    (_S.INCOMPLETE, _I.ANSWERED): (_A.REFRESH, _S.REACHABLE),
    (_S.INCOMPLETE, _I.TOLD): (_A.REST, _S.STALE),
    (_S.INCOMPLETE, _I.HEARD): (_A.REST, _S.STALE),
    (_S.INCOMPLETE, _I.TIMEOUT): (_A.ASK_ALL, _S.INCOMPLETE),
    (_S.INCOMPLETE, _I.GAVE_UP): (_A.LOSE, _S.NONE),
    (_S.REACHABLE, _I.ANSWERED): (_A.REFRESH, _S.REACHABLE),
    (_S.REACHABLE, _I.CONFIRMED): (_A.REFRESH, _S.REACHABLE),
    (_S.REACHABLE, _I.TOLD): (_A.REST, _S.STALE),
    (_S.REACHABLE, _I.HEARD): (_A.REST, _S.STALE),
    (_S.REACHABLE, _I.CONTRADICTED): (_A.REST, _S.STALE),
    (_S.REACHABLE, _I.TIMEOUT): (_A.REST, _S.STALE),
    (_S.STALE, _I.SEND): (_A.WAIT, _S.DELAY),
    (_S.STALE, _I.ANSWERED): (_A.REFRESH, _S.REACHABLE),
    (_S.STALE, _I.CONFIRMED): (_A.REFRESH, _S.REACHABLE),
    (_S.STALE, _I.TOLD): (_A.REST, _S.STALE),
    (_S.STALE, _I.HEARD): (_A.REST, _S.STALE),
    (_S.DELAY, _I.ANSWERED): (_A.REFRESH, _S.REACHABLE),
    (_S.DELAY, _I.CONFIRMED): (_A.REFRESH, _S.REACHABLE),
    (_S.DELAY, _I.TOLD): (_A.REST, _S.STALE),
    (_S.DELAY, _I.HEARD): (_A.REST, _S.STALE),
    (_S.DELAY, _I.TIMEOUT): (_A.ASK_IT, _S.PROBE),
    (_S.PROBE, _I.ANSWERED): (_A.REFRESH, _S.REACHABLE),
    (_S.PROBE, _I.CONFIRMED): (_A.REFRESH, _S.REACHABLE),
    (_S.PROBE, _I.TOLD): (_A.REST, _S.STALE),
    (_S.PROBE, _I.HEARD): (_A.REST, _S.STALE),
    (_S.PROBE, _I.TIMEOUT): (_A.ASK_IT, _S.PROBE),
    (_S.PROBE, _I.GAVE_UP): (_A.LOSE, _S.NONE),
}

_DOUBTFUL = frozenset({_S.DELAY, _S.PROBE})
#: Inputs that come with a link-layer address to be taken over.
_OVERRIDING = frozenset({_I.ANSWERED, _I.TOLD, _I.HEARD})


@dataclass(slots=True)
class Neighbour:
    """``mac`` is empty while INCOMPLETE; ``asked`` counts the questions without an answer."""

    address: bytes
    mac: bytes = b""
    state: State = State.INCOMPLETE
    is_router: bool = False
    asked: int = 0
    waiting: deque[Outbound] = field(default_factory=lambda: deque(maxlen=MAX_WAITING))


class Resolver(Protocol):
    """What the table wants done; ARP and neighbour discovery do it."""

    def ask(self, now: int, neighbour: Neighbour) -> None:
        """Ask for it: everybody, or, if its ``mac`` is known, itself."""

    def deliver(self, now: int, outbound: Outbound, mac: bytes) -> None:
        """Send a packet that has waited."""

    def lose(self, now: int, neighbour: Neighbour, outbound: Outbound) -> None:
        """A packet cannot be delivered: nobody answers."""

    def changed(self, now: int, neighbour: Neighbour) -> None:
        """It has another state or another link-layer address."""


class Neighbours:
    """The table of one interface, over both versions of IP."""

    __slots__ = (
        "_deadlines",
        "_doubtful",
        "_known",
        "_random",
        "_resolver",
        "_table",
        "_unknown",
        "reachable_time",
        "retrans_timer",
    )

    def __init__(self, resolver: Resolver, random: Random) -> None:
        self._resolver = resolver
        self._random = random
        self._table: dict[bytes, Neighbour] = {}
        #: Whose link-layer address is known, in the order in which they were last heard of.
        self._known: dict[bytes, None] = {}
        self._unknown = 0
        self._doubtful = 0
        self._deadlines: Deadlines[bytes] = Deadlines()
        self.reachable_time = REACHABLE_TIME
        self.retrans_timer = RETRANS_TIMER

    def __len__(self) -> int:
        return len(self._table)

    @property
    def are_in_doubt(self) -> bool:
        """Whether a confirmation from an upper layer would spare a question now."""
        return self._doubtful > 0

    def __iter__(self) -> Iterator[Neighbour]:
        return iter(self._table.values())

    def get(self, address: bytes) -> Neighbour | None:
        return self._table.get(address)

    def mac_of(self, now: int, address: bytes) -> bytes | None:
        """The address to send to at once, or None: the packet has to wait."""
        neighbour = self._table.get(address)
        if neighbour is None or not neighbour.mac:
            return None
        if neighbour.state is State.STALE:
            self._enter(now, neighbour, Input.SEND)
        return neighbour.mac

    def wait(self, now: int, address: bytes, outbound: Outbound) -> None:
        """Keep a packet until the neighbour answers; of more than MAX_WAITING the oldest goes.

        OSError(ENOBUFS) if the table is full of neighbours that are all being asked.
        """
        neighbour = self._table.get(address)
        if neighbour is None:
            neighbour = self._add(address)
            neighbour.waiting.append(outbound)
            self._do(now, neighbour, Action.ASK_ALL)
            self._resolver.changed(now, neighbour)
        else:
            neighbour.waiting.append(outbound)

    def heard(self, now: int, address: bytes, mac: bytes, *, create: bool = True) -> None:
        """The neighbour named its own address: it asked, or announced itself."""
        neighbour = self._table.get(address)
        if neighbour is None:
            if not create:
                return
            try:
                neighbour = self._add(address)
            except OSError:
                return
        elif neighbour.mac == mac:
            return
        self._enter(now, neighbour, Input.HEARD, mac)

    def advertised(  # what an advertisement has
        self,
        now: int,
        address: bytes,
        mac: bytes | None,
        *,
        is_solicited: bool,
        overrides: bool,
        is_router: bool = False,
    ) -> None:
        """RFC 4861, 7.2.5. Of somebody whom nobody asked for, nothing is kept."""
        neighbour = self._table.get(address)
        if neighbour is None:
            return
        if neighbour.state is State.INCOMPLETE:
            if mac is None:
                return
            overrides = True
        neighbour.is_router = is_router
        is_new = mac is not None and mac != neighbour.mac
        if is_new and not overrides:
            self._enter(now, neighbour, Input.CONTRADICTED)
        elif is_solicited:
            self._enter(now, neighbour, Input.ANSWERED, mac or neighbour.mac)
        elif is_new:
            self._enter(now, neighbour, Input.TOLD, mac or b"")

    def confirm(self, now: int, address: bytes) -> None:
        """An upper layer had an answer through this neighbour (RFC 4861, 7.3.1)."""
        neighbour = self._table.get(address)
        if neighbour is not None and neighbour.mac:
            self._enter(now, neighbour, Input.CONFIRMED)

    def forget(self) -> None:
        """The link is gone; what waited is lost without a word."""
        self._table.clear()
        self._known.clear()
        self._unknown = 0
        self._doubtful = 0
        self._deadlines = Deadlines()

    def next_timeout(self) -> int | None:
        return self._deadlines.next()

    def handle_timeout(self, now: int) -> None:
        for address in self._deadlines.expired(now):
            neighbour = self._table[address]
            asking = neighbour.state in {State.INCOMPLETE, State.PROBE}
            gave_up = asking and neighbour.asked >= MAX_SOLICITS
            self._enter(now, neighbour, Input.GAVE_UP if gave_up else Input.TIMEOUT)

    def _enter(self, now: int, neighbour: Neighbour, event: Input, mac: bytes = b"") -> None:
        transition = TRANSITIONS.get((neighbour.state, event))
        if transition is None:
            return
        before = neighbour.state, neighbour.mac
        action, neighbour.state = transition
        if before[0] is State.INCOMPLETE and neighbour.state is not State.INCOMPLETE:
            self._unknown -= 1
        self._doubtful += (neighbour.state in _DOUBTFUL) - (before[0] in _DOUBTFUL)
        if event in _OVERRIDING and mac:
            neighbour.mac = mac
        self._do(now, neighbour, action)
        if (neighbour.state, neighbour.mac) != before:
            self._resolver.changed(now, neighbour)
        if neighbour.mac and neighbour.state is not State.NONE:
            self._known.pop(neighbour.address, None)
            self._known[neighbour.address] = None  # of which it is the last one heard of
            self._deliver_waiting(now, neighbour)

    def _do(self, now: int, neighbour: Neighbour, action: Action) -> None:
        address = neighbour.address
        if action is Action.REST:
            neighbour.asked = 0
            self._deadlines.cancel(address)
        elif action is Action.REFRESH:
            neighbour.asked = 0
            spread = self._random.uniform(0.5, 1.5)  # RFC 4861, 6.3.2
            self._deadlines.set(address, now + int(self.reachable_time * spread))
        elif action is Action.WAIT:
            self._deadlines.set(address, now + DELAY_FIRST_PROBE_TIME)
        elif action is Action.LOSE:
            del self._table[address]
            self._known.pop(address, None)
            while neighbour.waiting:
                self._resolver.lose(now, neighbour, neighbour.waiting.popleft())
        else:
            neighbour.asked += 1
            self._deadlines.set(address, now + max(self.retrans_timer, MILLISECOND))
            self._resolver.ask(now, neighbour)

    def _deliver_waiting(self, now: int, neighbour: Neighbour) -> None:
        while neighbour.waiting:
            self._resolver.deliver(now, neighbour.waiting.popleft(), neighbour.mac)

    def _add(self, address: bytes) -> Neighbour:
        if self._unknown >= MAX_UNKNOWN:
            raise failure(errno.ENOBUFS)
        if len(self._table) >= MAX_NEIGHBOURS:
            self._make_room()
        neighbour = self._table[address] = Neighbour(address)
        self._unknown += 1
        return neighbour

    def _make_room(self) -> None:
        """Those that are only asked for are fewer than all, so that there is one that is known."""
        address = next(iter(self._known))
        del self._known[address]
        self._doubtful -= self._table.pop(address).state in _DOUBTFUL
        self._deadlines.cancel(address)
