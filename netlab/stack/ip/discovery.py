"""What a socket asks for where a path may carry less than it sends (IP_MTU_DISCOVER of ip(7))."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlab.stack.ip.sending import Sender


class PathMtuDiscovery(Enum):
    """What becomes of a datagram that is longer than its path's MTU."""

    #: The source fragments it, and routers may, too: no DF.
    DONT = "dont"
    #: The source fragments it to the path's MTU; those that fit have DF.
    WANT = "want"
    #: EMSGSIZE.
    DO = "do"
    #: DF, and only the first link's MTU counts.
    PROBE = "probe"

    @property
    def may_fragment(self) -> bool:
        """Whether the source may."""
        return self in {PathMtuDiscovery.DONT, PathMtuDiscovery.WANT}

    @property
    def ignores_path(self) -> bool:
        return self is PathMtuDiscovery.PROBE

    def sets_df(
        self, sender: Sender, destination: bytes, length: int, interface: str | None = None
    ) -> bool:
        """Whether an IPv4 datagram of ``length`` bytes has DF; OSError as ``Sender.way``."""
        if self is not PathMtuDiscovery.WANT:
            return self is not PathMtuDiscovery.DONT
        if sender.is_own(destination):
            return True
        return length <= sender.way(destination, interface).mtu
