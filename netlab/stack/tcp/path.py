"""What fits into one segment on the way to a peer (RFC 9293, 3.7.1; RFC 1191; RFC 4821)."""

from __future__ import annotations

from netlab.stack.tcp.options import DEFAULT_MSS, LEAST_MSS
from netlab.stack.tcp.owner import Paths
from netlab.stack.tcp.profile import PathProbing, Profile
from netlab.stack.tcp.settings import Settings

#: IP and TCP headers without options, by the length of an address.
_HEADERS = {4: 40, 16: 60}
#: The search is over when so few bytes could be won.
_CLOSE_ENOUGH = 8
#: How long its result holds (ns; RFC 4821, 7.3).
_SEARCH_AGAIN = 600_000_000_000


class Path:
    """Sizes are bytes of TCP data and options.

    IP knows what packets are too big for the path, if routers say so. Where the profile's
    ``path_probing`` says so, the path is also found out without them: small segments are sent when
    large ones vanish, or at first, and then larger ones one at a time. Where the peer has SACK, a
    probe that is lost is no congestion (RFC 4821, 7.7). ``settings`` may change, but for
    ``max_segment``.
    """

    __slots__ = ("_high", "_limit", "_most", "_paths", "_probe", "_probed_until", "_profile",
                 "_remote", "_settled_at", "settings")  # fmt: skip

    def __init__(self, paths: Paths, remote: bytes, settings: Settings, profile: Profile) -> None:
        self._paths = paths
        self._remote = remote
        self._profile = profile
        self._most = settings.max_segment
        self.settings = settings
        self._limit: int | None = None
        self._high = 0
        self._probe = 0
        self._probed_until: int | None = None
        self._settled_at = 0

    def told(self) -> int:
        """What IP and the user say."""
        try:
            ignores = self.settings.path_mtu_discovery.ignores_path
            size = self._paths.mtu(self._remote, ignore_path=ignores) - _HEADERS[len(self._remote)]
        except OSError:  # the route is gone, which sending will show
            size = DEFAULT_MSS[len(self._remote)]
        return max(LEAST_MSS, min(size, self._most or size))

    def size(self) -> int:
        """What to send: less than was told once that vanished."""
        told = self.told()
        return told if self._limit is None else min(told, self._limit)

    def send_limit(self, mss: int) -> int:
        """The most payload of one Outgoing: whole segments of ``mss``, where they are cut later."""
        try:
            limit = self._paths.send_limit(self._remote)
        except OSError:
            return mss
        return max(mss, limit - limit % mss)

    def begins(self, now: int, options: int) -> None:
        """All segments are to have so many bytes of ``options``."""
        if self._profile.path_probing is PathProbing.ALWAYS:
            self._shrink(now, self._profile.base_mss + options)

    def vanished(self, now: int, options: int) -> None:
        """A segment of this size was sent again and again in vain (RFC 4821, 7.7)."""
        if self._profile.path_probing is PathProbing.NEVER:
            return
        half = (self.size() - options) // 2 if self._limit is not None else self._profile.base_mss
        self._shrink(now, max(min(self._profile.base_mss, half), LEAST_MSS) + options)

    def _shrink(self, now: int, limit: int) -> None:
        if limit < self.size():
            self._limit, self._high = limit, self.told()
            self._settled_at = now

    def next_probe(self, now: int) -> int | None:
        """The size of a segment to try, if it is time for one."""
        if self._limit is None or self._probed_until is not None:
            return None
        if self._high - self._limit < _CLOSE_ENOUGH:
            if now - self._settled_at < _SEARCH_AGAIN:
                return None
            self._high = self.told()
        self._probe = (self._limit + self._high + 1) // 2
        return self._probe if self._probe > self._limit else None

    def probing(self, until: int) -> None:
        """The probe left; ``until`` is the number behind it."""
        self._probed_until = until

    def probe_arrived(self, now: int, una: int) -> None:
        """All before ``una`` is acknowledged."""
        if self._probed_until is not None and una >= self._probed_until:
            self._probed_until = None
            self._limit = self._probe
            self._settled_at = now

    def lost(self, now: int, start: int, end: int) -> None:
        """What is sent again: the probe may be in it."""
        if self._probed_until is not None and start < self._probed_until <= end:
            self._probed_until = None
            self._high = self._probe - 1
            self._settled_at = now
