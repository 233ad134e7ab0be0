"""What a lab must show, resolved. Each is judged in netlab/scenario against events and packets."""

from __future__ import annotations

from netlab.topology.expectations.base import AT_LEAST_ONE, Bounds, Count, Expectation, Windowed
from netlab.topology.expectations.events import Condition, EventsExpected
from netlab.topology.expectations.groups import ConnectionsExpected, OperationsExpected
from netlab.topology.expectations.measures import (
    DelayExpected,
    GoodputExpected,
    IntervalsExpected,
    MetricExpected,
    RateExpected,
    TimeExpected,
)
from netlab.topology.expectations.outcomes import ErrnoExpected, ProgramExpected, ReceivedExpected
from netlab.topology.expectations.packets import (
    IcmpExpected,
    IcmpMeant,
    LossExpected,
    PacketsExpected,
    Passage,
)
from netlab.topology.expectations.probes import (
    HopsExpected,
    ObservedExpected,
    ProbeErrorsExpected,
    RepliesExpected,
)
from netlab.topology.expectations.sockets import SocketsExpected
from netlab.topology.expectations.states import StatesExpected
from netlab.topology.expectations.variables import Claim, IsnExpected, VariablesExpected

__all__ = [
    "AT_LEAST_ONE",
    "Bounds",
    "Claim",
    "Condition",
    "ConnectionsExpected",
    "Count",
    "DelayExpected",
    "ErrnoExpected",
    "EventsExpected",
    "Expectation",
    "GoodputExpected",
    "HopsExpected",
    "IcmpExpected",
    "IcmpMeant",
    "IntervalsExpected",
    "IsnExpected",
    "LossExpected",
    "MetricExpected",
    "ObservedExpected",
    "OperationsExpected",
    "PacketsExpected",
    "Passage",
    "ProbeErrorsExpected",
    "ProgramExpected",
    "RateExpected",
    "ReceivedExpected",
    "RepliesExpected",
    "SocketsExpected",
    "StatesExpected",
    "TimeExpected",
    "VariablesExpected",
    "Windowed",
]
