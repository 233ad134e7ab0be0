"""Who may have a port beside whom (SO_REUSEADDR and SO_REUSEPORT of socket(7), as Linux has them).

TIME_WAIT counts: without SO_REUSEADDR a port is taken until the last of its connections is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netlab.stack.tcp.connection import Connection


@dataclass(slots=True, eq=False)
class Binding:
    """A port that a socket has, at ``address``, or at all of both families (None).

    All zeros are all addresses of IPv4. A binding outlives neither its listener nor its connection.
    """

    address: bytes | None
    port: int
    reuse_address: bool
    reuse_port: bool
    listens: bool = False

    def excludes(self, other: Binding) -> bool:
        """Whether this one cannot be had beside ``other``."""
        if not _overlap(self.address, other.address):
            return False
        if self.reuse_port and other.reuse_port:
            return False
        return not (self.reuse_address and other.reuse_address) or other.listens


def of_connection(connection: Connection) -> Binding:
    """What a connection occupies, whether its program chose the port or not."""
    pair, settings = connection.pair, connection.settings
    return Binding(pair.local, pair.local_port, settings.reuse_address, settings.reuse_port)


def _overlap(one: bytes | None, other: bytes | None) -> bool:
    if one is None or other is None:
        return True
    return len(one) == len(other) and (one == other or not any(one) or not any(other))
