"""A node's socket table."""

from __future__ import annotations

from dataclasses import dataclass

from netlab.topology.expectations.base import Expectation
from netlab.topology.steps import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketsExpected(Expectation):
    """At ``moment`` (None: the scenario's end) the node has these sockets.

    A socket is written as in the book, ``{local, foreign} STATE``; ``*`` is what is not bound.
    With ``only``, it has no other TCP or UDP socket.
    """

    node: str
    sockets: tuple[str, ...]
    moment: Moment | None = None
    only: bool = False
