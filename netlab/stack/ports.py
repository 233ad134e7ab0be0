"""The ports that a host gives away by itself, and those that not everybody may have."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from netlab.stack.failure import failure


@dataclass(slots=True)
class LocalPorts:
    """For TCP and UDP. ``ephemeral`` is what sockets get that choose none, without ``reserved``.

    Below ``unprivileged_from`` are the ports of privileged programs.
    """

    ephemeral: range
    reserved: frozenset[int] = frozenset()
    unprivileged_from: int = 1024

    @classmethod
    def between(cls, ports: tuple[int, int]) -> LocalPorts:
        first, last = ports
        return cls(range(first, last + 1))

    def candidates(self, random: Random) -> Iterator[int]:
        """All that may be given, from one on that nobody can guess (RFC 6056, 3.3.1)."""
        start = random.randrange(len(self.ephemeral))
        for part in (self.ephemeral[start:], self.ephemeral[:start]):
            for port in part:
                if port not in self.reserved:
                    yield port

    def check_unprivileged(self, port: int) -> None:
        """OSError(EACCES) if such a program must not have it."""
        if 0 < port < self.unprivileged_from:
            raise failure(errno.EACCES)
