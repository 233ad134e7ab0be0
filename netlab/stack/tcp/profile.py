"""What differs between real systems' TCP, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from netlab.stack.tcp.recovery.limits import Limits

MILLISECOND = 1_000_000
SECOND = 1_000_000_000


class SynOption(Enum):
    MSS = "mss"
    SACK_PERMITTED = "sack-permitted"
    TIMESTAMPS = "timestamps"
    WINDOW_SCALE = "window-scale"


class WindowUpdate(Enum):
    """When a reader's progress is told without anything else to acknowledge."""

    DOUBLED = "the window is twice what the peer knows"
    TWO_SEGMENTS = "it grew by two segments, or by half of the buffer"


class WindowProbe(Enum):
    """What asks a closed window (RFC 9293, 3.8.6.1)."""

    OLD_NUMBER = "no data, and a number before the window"
    NEW_BYTE = "the next byte of data"


class Cookies(Enum):
    """When a SYN is answered without memory (RFC 4987, 3.6)."""

    NEVER = "never"
    FULL = "when the backlog is full"
    ALWAYS = "always"


class PathProbing(Enum):
    """When TCP finds out by itself what a path carries (RFC 4821)."""

    NEVER = "never"
    BLACK_HOLES = "when large segments vanish"
    ALWAYS = "from the beginning"


@dataclass(frozen=True, slots=True)
class Profile:
    """Times are nanoseconds, sizes bytes.

    ``syn_options`` are those that are offered and taken, in their order; each is aligned by
    no-operations, and with ``sack_ends_word`` they come before SackPermitted, too, unless
    timestamps follow it. The receive window begins with ``initial_receive_window`` and grows up to
    ``receive_buffer`` as the user reads; while it is not scaled it is a multiple of the MSS if
    ``window_in_segments``. ``one_small_segment`` lets a small segment go unless another *small*
    one is unacknowledged; without it, unless anything is (RFC 9293, 3.7.4).

    ``syn_retries``, ``syn_ack_retries`` and ``retries`` are R2 of RFC 9293, 3.8.3: how often a
    segment is sent again before the connection is given up; with ``retries_are_time`` data is so
    when as much time as ``retries`` take at the least RTO is over since it was first sent again
    (tcp_retries2 in Linux' ip-sysctl). ``doubts`` is R1: beyond it, the path
    may be a black hole, where ``path_probing`` says so; ``base_mss`` is the data of a segment that
    any path should carry. ``quick_acks`` is how many segments
    are acknowledged at once when a connection begins. With ``ack_of_fin_waits`` the FIN
    that ends what the peer sends is not, so that an answer or our own FIN may take the ACK along.
    ``challenge_interval`` is the least time between two ACKs of one connection that answer
    unacceptable segments (RFC 5961, 7).
    Of a listener's backlog ``backlog_percent`` may wait, and one connection more. Without cookies,
    it keeps a quarter of ``syn_backlog`` free. ``time_waits`` is how many connections may be in
    TIME_WAIT; with one more the oldest ends early.
    A segment may be ``paws_window`` ticks older than the last one (RFC 7323, 5.2, has none).
    With ``late_user_timeout`` the user timeout begins when something is sent again.
    With ``soft_errors_refuse`` any ICMP error ends an attempt to connect, against MUST-56. With
    ``acks_are_quoted`` an error may be about an ACK, whose number is the next one; RFC 5927, 4.1,
    believes those about what is on its way only.
    ``expects_timestamps`` drops segments without them once negotiated (RFC 7323, 3.2).
    ``urgent_is_pointed_at``: the pointer names the urgent byte itself (RFC 1122, 4.2.2.4), not the
    one behind it (RFC 6093, 3.1).
    """

    name: str
    syn_options: tuple[SynOption, ...]
    sack_ends_word: bool
    timestamp_unit: int
    recovery: Limits
    syn_retries: int
    syn_ack_retries: int
    retries: int
    retries_are_time: bool
    delayed_ack: int
    quick_acks: int
    ack_of_fin_waits: bool
    send_buffer: int
    receive_buffer: int
    window_shift: int
    initial_receive_window: int
    window_in_segments: bool
    window_update: WindowUpdate
    window_probe: WindowProbe
    time_wait: int
    fin_wait_2: int
    keepalive_idle: int
    keepalive_interval: int
    keepalive_count: int
    challenge_interval: int
    syn_cookies: Cookies
    offers_ecn: bool
    accepts_ecn: bool
    soft_errors_refuse: bool
    acks_are_quoted: bool
    one_small_segment: bool
    expects_timestamps: bool
    paws_window: int
    late_user_timeout: bool
    backlog_percent: int
    urgent_is_pointed_at: bool
    ephemeral_ports: tuple[int, int]
    hop_limit: int = 64
    congestion: str = "cubic"
    doubts: int = 3
    path_probing: PathProbing = PathProbing.NEVER
    base_mss: int = 1024
    syn_backlog: int = 1024
    time_waits: int = 16384


_O = SynOption

LINUX = Profile(
    name="linux",
    syn_options=(_O.MSS, _O.SACK_PERMITTED, _O.TIMESTAMPS, _O.WINDOW_SCALE),
    sack_ends_word=True,
    timestamp_unit=MILLISECOND,
    recovery=Limits(),
    syn_retries=6,
    syn_ack_retries=5,
    retries=15,
    retries_are_time=True,
    delayed_ack=40 * MILLISECOND,
    quick_acks=16,
    ack_of_fin_waits=True,
    send_buffer=4 << 20,
    receive_buffer=4 << 20,
    window_shift=7,
    initial_receive_window=65535,
    window_in_segments=True,
    window_update=WindowUpdate.DOUBLED,
    window_probe=WindowProbe.OLD_NUMBER,
    time_wait=60 * SECOND,
    fin_wait_2=60 * SECOND,
    keepalive_idle=7200 * SECOND,
    keepalive_interval=75 * SECOND,
    keepalive_count=9,
    challenge_interval=500 * MILLISECOND,
    syn_cookies=Cookies.FULL,
    offers_ecn=False,
    accepts_ecn=True,
    soft_errors_refuse=True,
    acks_are_quoted=True,
    one_small_segment=True,
    expects_timestamps=False,
    paws_window=1,
    late_user_timeout=True,
    backlog_percent=100,
    urgent_is_pointed_at=False,
    ephemeral_ports=(32768, 60999),
)

FREEBSD = Profile(
    name="freebsd",
    syn_options=(_O.MSS, _O.WINDOW_SCALE, _O.SACK_PERMITTED, _O.TIMESTAMPS),
    sack_ends_word=False,
    timestamp_unit=MILLISECOND,
    recovery=Limits(
        min_rto=30 * MILLISECOND,
        max_rto=64 * SECOND,
        granularity=30 * MILLISECOND,
        max_ack_delay=100 * MILLISECOND,
        by_time=False,
    ),
    syn_retries=12,
    syn_ack_retries=3,
    retries=12,
    retries_are_time=False,
    delayed_ack=40 * MILLISECOND,
    quick_acks=0,
    ack_of_fin_waits=False,
    send_buffer=2 << 20,
    receive_buffer=2 << 20,
    window_shift=6,
    initial_receive_window=65535,
    window_in_segments=False,
    window_update=WindowUpdate.TWO_SEGMENTS,
    window_probe=WindowProbe.NEW_BYTE,
    time_wait=60 * SECOND,
    fin_wait_2=60 * SECOND,
    keepalive_idle=7200 * SECOND,
    keepalive_interval=75 * SECOND,
    keepalive_count=8,
    challenge_interval=500 * MILLISECOND,
    syn_cookies=Cookies.FULL,
    offers_ecn=False,
    accepts_ecn=True,
    soft_errors_refuse=False,
    acks_are_quoted=False,
    one_small_segment=False,
    expects_timestamps=True,
    paws_window=0,
    late_user_timeout=False,
    backlog_percent=150,
    urgent_is_pointed_at=False,
    ephemeral_ports=(49152, 65535),
)

PROFILES = {profile.name: profile for profile in (LINUX, FREEBSD)}
