"""One connection: its variables and the calls of its user (RFC 9293, 3.9.1)."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import TYPE_CHECKING

from netlab.stack.events import Transition, Variables
from netlab.stack.tcp import arming, arrival, expiry, opening, output, segments, status, urgent
from netlab.stack.tcp.bindings import Binding
from netlab.stack.tcp.challenge import ChallengeLimit
from netlab.stack.tcp.clock import TimestampClock
from netlab.stack.tcp.congestion_control import ALGORITHMS
from netlab.stack.tcp.control_block import ControlBlock
from netlab.stack.tcp.delayed_ack import DelayedAck
from netlab.stack.tcp.options import DEFAULT_MSS, MAX_SHIFT, TIMESTAMPS_LENGTH
from netlab.stack.tcp.outgoing import Outgoing
from netlab.stack.tcp.owner import Owner
from netlab.stack.tcp.pair import Pair
from netlab.stack.tcp.path import Path
from netlab.stack.tcp.profile import Profile, SynOption
from netlab.stack.tcp.receive_buffer import ReceiveBuffer
from netlab.stack.tcp.recovery.recovery import Recovery
from netlab.stack.tcp.segment import Payload, Segment
from netlab.stack.tcp.send_buffer import SendBuffer
from netlab.stack.tcp.settings import Settings
from netlab.stack.tcp.states import CAN_RECEIVE, CAN_SEND, TABLE, Action, Input
from netlab.stack.tcp.timers import Timer, Timers
from netlab.stack.tcp.urgent import UrgentByte
from netlab.wire.states import State
from netlab.wire.tcp import Tcp

if TYPE_CHECKING:
    from netlab.stack.tcp.listener import Listener


class Connection:
    """Sans I/O: times come in as ``now`` (ns), segments go out by ``send_segments``.

    Calls that cannot be done raise OSError: BlockingIOError (EAGAIN) when the buffer is full or
    empty, ENOTCONN, EPIPE, and what ended the connection (ECONNRESET, ECONNREFUSED, ETIMEDOUT…),
    once. What other modules of this package need of it has plain names; users call the methods.
    """

    __slots__ = (
        "_read",
        "_waiting_to_write",
        "acks",
        "binding",
        "cb",
        "challenges",
        "clock",
        "detached",
        "ecn_echo",
        "error",
        "heard_at",
        "listener",
        "output",
        "owner",
        "pair",
        "path",
        "peer_fin",
        "probes",
        "profile",
        "receiving",
        "recovery",
        "sending",
        "settings",
        "soft_error",
        "state",
        "syn_due",
        "timers",
        "urgent",
        "window_limit",
    )

    def __init__(
        self,
        pair: Pair,
        *,
        owner: Owner,
        profile: Profile,
        settings: Settings,
        iss: int,
        initial_timestamp: int,
        listener: Listener | None = None,
    ) -> None:
        self.pair = pair
        self.owner = owner
        self.path = Path(owner.paths, pair.remote, settings, profile)
        self.profile = profile
        self.settings = settings
        self.listener = listener
        self.binding: Binding | None = None
        self.state = State.CLOSED if listener is None else State.LISTEN
        self.clock = TimestampClock(profile.timestamp_unit, initial_timestamp)
        self.cb = ControlBlock(iss, iss, iss, snd_up=iss)
        self.cb.offered_mss = DEFAULT_MSS[len(pair.remote)]
        self.sending = SendBuffer(iss + 1, settings.send_buffer or profile.send_buffer)
        self.window_limit = settings.receive_buffer or profile.receive_buffer
        self.receiving = ReceiveBuffer(0, self._first_window())
        self.recovery = Recovery(
            congestion=ALGORITHMS[settings.congestion or profile.congestion](),
            mss=self.path.told(),
            profile=profile.recovery,
            sack=False,
            start=iss,
        )
        self.timers = Timers()
        self.acks = DelayedAck(profile, settings.acks)
        self.challenges = ChallengeLimit(profile.challenge_interval)
        self.output = output.OutputState()
        self.error = 0
        self.soft_error = 0
        self.heard_at = 0
        self.probes = 0
        self.peer_fin: int | None = None
        self.syn_due = False
        self.ecn_echo = False
        self.urgent = UrgentByte()
        self.detached = False
        self._waiting_to_write = False
        self._read = 0

    def __repr__(self) -> str:
        return f"<{self.pair} {self.state.value}>"

    # Verbs of the layer.

    def open(self, now: int, *, quiet_until: int = 0) -> None:
        """Active OPEN. The SYN leaves when the host's quiet time is over."""
        self.move(now, Input.ACTIVE_OPEN)
        if quiet_until > now:
            self.timers.set(Timer.QUIET, quiet_until)
        self.owner.changed(self)

    def segment_arrives(self, now: int, header: Tcp, payload: Payload, ecn: int = 0) -> None:
        """SEGMENT ARRIVES (RFC 9293, 3.10.7); the checksum is known to be right."""
        cb = self.cb
        segment = Segment(
            header,
            payload,
            near_sequence=None if self.state is State.SYN_SENT else cb.rcv_nxt,
            near_acknowledgment=cb.snd_una,
            shift=cb.snd_shift,
            ecn=ecn,
        )
        if self.state is State.SYN_SENT:
            opening.arrives_in_syn_sent(self, now, segment)
        elif self.state is not State.CLOSED:
            arrival.arrives(self, now, segment)
        self._changed(now)

    def send_segments(self, now: int, out: list[Outgoing]) -> bool:
        """Append what may leave now; whether it stopped at a limit of one turn."""
        more = output.send(self, now, out)
        if self.settings.log:
            self.log_variables(now)
        return more

    def next_timeout(self) -> int | None:
        if self.state is State.CLOSED:
            return None
        deadline, recovery = self.timers.next(), self.recovery.next_timeout()
        if deadline is None or (recovery is not None and recovery < deadline):
            return recovery
        return deadline

    def handle_timeout(self, now: int) -> None:
        expiry.handle(self, now)
        self._changed(now)

    # Calls of the user.

    def send(
        self,
        now: int,
        data: bytes | bytearray | memoryview,
        *,
        is_urgent: bool = False,
        more: bool = False,
    ) -> int:
        """How many bytes were taken: at least one, or BlockingIOError when there is no room.

        With ``more`` to come soon, a small segment waits for it, though not for long.
        """
        self._raise_error()
        if self.state in {State.SYN_SENT, State.SYN_RCVD, State.LISTEN}:
            raise BlockingIOError(errno.EAGAIN, "the connection is not established yet")
        if self.state not in CAN_SEND or self.cb.fin is not None:
            raise BrokenPipeError(errno.EPIPE, "the connection was closed for sending")
        start = self.sending.end
        taken = self.sending.write(data)
        if taken < len(data):
            self._waiting_to_write = True
        if not taken and len(data):
            raise BlockingIOError(errno.EAGAIN, "the send buffer is full")
        if is_urgent and taken:
            self.cb.snd_up = self.sending.end
        output.written(self, start, more=more)
        self._changed(now)
        return taken

    def receive(self, now: int, size: int) -> bytes:
        """Up to ``size`` bytes; empty at the end of the peer's data."""
        before = self.receiving.queued
        data = urgent.read(self, size)
        if before > self.receiving.queued:
            self._reader_progressed(before - self.receiving.queued)
            self._changed(now)
        if data:
            return data
        self._raise_error()
        if self.at_end or size == 0:
            return b""
        if self.state is State.CLOSED:
            raise OSError(errno.ENOTCONN, "not connected")
        raise BlockingIOError(errno.EAGAIN, "nothing was received")

    def receive_urgent(self) -> bytes:
        """The urgent byte, out of band; as urgent.take."""
        return urgent.take(self)

    def shutdown(self, now: int) -> None:
        """CLOSE of RFC 9293: no more to send, though the peer may go on."""
        if self.state not in CAN_SEND and self.state is not State.SYN_RCVD:
            raise OSError(errno.ENOTCONN, "not connected")
        self._end_sending(now)

    def close(self, now: int) -> None:
        """The user is gone: what it did not read is lost, which a reset tells the peer (1122)."""
        if self.state is State.CLOSED or self.detached:
            return
        if self.settings.linger == 0 or self.receiving.queued:
            self.abort(now)
            return
        self.detached = True
        if self.state is State.SYN_SENT:
            self.finish(now, 0, Input.CLOSE)
        elif self.cb.fin is None:
            self._end_sending(now)
        elif self.state is State.FIN_WAIT_2:
            self.timers.set(Timer.TIME_WAIT, now + self.profile.fin_wait_2)
            self.owner.changed(self)

    def abort(self, now: int) -> None:
        """ABORT: the peer gets a reset where RFC 9293, 3.10.5 sends one."""
        self.detached = True
        if self.state is not State.CLOSED:  # its pair may be another's by now
            self.finish(now, 0, Input.ABORT)

    @property
    def at_end(self) -> bool:
        """Whether all that the peer sent before its FIN was read."""
        return (
            self.peer_fin is not None
            and self.cb.rcv_nxt > self.peer_fin
            and not self.receiving.queued
        )

    @property
    def readable(self) -> bool:
        has_ended = self.peer_fin is not None and self.cb.rcv_nxt > self.peer_fin
        return has_ended or urgent.unread(self) > 0 or self.state is State.CLOSED

    @property
    def writable(self) -> bool:
        return self.state in CAN_SEND and self.cb.fin is None and self.sending.free > 0

    def await_room(self) -> None:
        """Be told of room to send as after a call that found none."""
        self._waiting_to_write = not self.sending.free

    @property
    def urgent_ahead(self) -> int:
        """How many unread bytes there are up to the end of urgent data (MUST-33)."""
        return max(0, self.cb.rcv_up - self.first_unread)

    @property
    def is_at_mark(self) -> bool:
        """Whether the next byte to be read is the urgent one, or comes behind it."""
        return urgent.is_at_mark(self)

    @property
    def first_unread(self) -> int:
        """The number of the byte to be read next."""
        return self.receiving.next - self.receiving.queued

    def status(self, now: int) -> Mapping[str, int | None]:
        """STATUS: the control block by the names of the RFC."""
        return status.variables(self, now)

    # For the modules of this package.

    def move(self, now: int, cause: Input) -> None:
        """Take the step of the table that ``cause`` makes; none if it is not in there."""
        step = TABLE.get((self.state, cause))
        if step is None:
            return
        before, self.state = self.state, step.state
        self.owner.observe(Transition(now, self.pair, before, step.state, cause))
        if step.action in {Action.SEND_SYN, Action.SEND_SYN_ACK}:
            self.syn_due = True
        elif step.action is Action.SEND_RST:
            self.owner.post(segments.reset(self, now))
        elif step.action is Action.WAIT:
            arming.wait_2msl(self, now)
            self.owner.waits(self, now)

    def finish(self, now: int, error: int, cause: Input) -> None:
        """To CLOSED. What is here can still be read; after it, one call raises ``error``."""
        self.move(now, cause)
        if self.state is not State.CLOSED:
            return
        self.error = error
        self.timers.stop_all()
        self.sending.acknowledge(self.sending.end)
        self.owner.gone(self)

    def end_wait(self, now: int) -> None:
        """2MSL are over, or taken to be, be it that they have only begun."""
        if self.acks.due:
            self.owner.post(segments.acknowledgment(self, now))
        self.finish(now, 0, Input.TIMEOUT)

    def follow_path(self) -> None:
        """The path may carry less than it did, or more again (RFC 1191, 6.3; RFC 8201, 4)."""
        size = min(self.cb.offered_mss, self.path.size())
        if size != self.cb.mss:
            self.cb.mss = size
            self.recovery.path_shrunk(self.mss)

    @property
    def mss(self) -> int:
        """Bytes of data in a full segment."""
        return self.cb.mss - self.options_length

    @property
    def options_length(self) -> int:
        """Of the options that every segment has."""
        return TIMESTAMPS_LENGTH if self.cb.timestamps else 0

    def has(self, option: SynOption) -> bool:
        """Whether the user and the profile want an option."""
        return option in self.profile.syn_options and self.settings.permits(option)

    @property
    def may_receive(self) -> bool:
        return self.state in CAN_RECEIVE

    @property
    def window_shift(self) -> int:
        """What our SYN says: a small buffer that the user chose needs no scaling."""
        needed = max(0, self.window_limit.bit_length() - 16)
        chosen = self.settings.receive_buffer is not None
        return min(needed, MAX_SHIFT) if chosen else self.profile.window_shift

    def begin(self, now: int) -> None:
        """Our SYN is acknowledged, so sizes are known."""
        self.recovery.established(mss=self.mss, sack=self.cb.sack)
        arming.heard(self, now)

    def challenge(self, now: int) -> None:
        """Answer what is not accepted, but not too often (RFC 5961)."""
        if self.challenges.allows(now):
            self.acks.demand()

    def take_waiting_writer(self) -> bool:
        """Whether a writer waits, and there is room enough to wake it for."""
        if self._waiting_to_write and 3 * self.sending.free >= self.sending.limit:
            self._waiting_to_write = False
            return True
        return False

    def log_variables(self, now: int) -> None:
        self.owner.observe(Variables(now, self.pair, self.status(now)))

    def _changed(self, now: int) -> None:
        if self.settings.log:
            self.log_variables(now)
        if self.state is not State.CLOSED:
            self.owner.changed(self)

    def _reader_progressed(self, size: int) -> None:
        """The window grows as the user keeps up, and the peer is told when it is worth it."""
        self._read += size
        if self._read >= self.receiving.capacity < self.window_limit:
            self.receiving.capacity = min(2 * self.receiving.capacity, self.window_limit)
            self._read = 0
        if segments.window_update_is_due(self):
            self.acks.demand()

    def _end_sending(self, now: int) -> None:
        if self.cb.fin is None:
            self.cb.fin = self.sending.end
            self.move(now, Input.CLOSE)
            self._changed(now)

    def _first_window(self) -> int:
        if self.settings.receive_buffer is not None:
            return self.settings.receive_buffer
        return min(self.profile.initial_receive_window, self.window_limit)

    def _raise_error(self) -> None:
        if self.error:
            number, self.error = self.error, 0
            raise OSError(number, errno.errorcode[number])
