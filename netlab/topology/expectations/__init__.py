"""What a lab must show, resolved. Each is judged in netlab/scenario against events and packets."""

from __future__ import annotations

from netlab.topology.expectations.base import Count, Expectation
from netlab.topology.expectations.outcomes import ErrnoExpected, ProgramExpected, ReceivedExpected
from netlab.topology.expectations.packets import PacketsExpected
from netlab.topology.expectations.sockets import SocketsExpected
from netlab.topology.expectations.states import StatesExpected

__all__ = [
    "Count",
    "ErrnoExpected",
    "Expectation",
    "PacketsExpected",
    "ProgramExpected",
    "ReceivedExpected",
    "SocketsExpected",
    "StatesExpected",
]
