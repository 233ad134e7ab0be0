"""The steps of a scenario, resolved: addresses are addresses, durations seconds, sizes bytes.

Steps run one after the other. A step may wait for a moment (``after``) or for a time since the
scenario began (``at``), then for ``wait`` more seconds; ``Parallel`` runs branches side by side.
"""

from __future__ import annotations

from netlab.topology.moment import Moment
from netlab.topology.steps.base import EVENTS, NODE_EVENTS, NodeStep, Step, Timing
from netlab.topology.steps.filters import SetFilter
from netlab.topology.steps.flow import Parallel, Pause, every_step
from netlab.topology.steps.groups import Broadcast, HearErrors, Membership, Multicast
from netlab.topology.steps.injections import (
    Extension,
    Inject,
    InjectDatagram,
    InjectSegment,
    Replay,
    SegmentNumber,
)
from netlab.topology.steps.links import AddFault, FlapLink, ImpairLink, ProfileChange, SetLink
from netlab.topology.steps.nodes import (
    Change,
    Crash,
    Freeze,
    NodeLife,
    Restart,
    SetInterface,
    Thaw,
)
from netlab.topology.steps.probes import (
    Advertise,
    Observe,
    Ping,
    StopObserving,
    Traceroute,
)
from netlab.topology.steps.programs import Await, Exec, Exit, Kill, KillProgram, Start
from netlab.topology.steps.sockets import (
    Close,
    Connect,
    Framing,
    Open,
    Payload,
    Receive,
    Request,
    Reset,
    Send,
    SetOptions,
    Shutdown,
)
from netlab.topology.steps.traffic import Fill, Flood, Many, Transfer

__all__ = [
    "EVENTS",
    "NODE_EVENTS",
    "AddFault",
    "Advertise",
    "Await",
    "Broadcast",
    "Change",
    "Close",
    "Connect",
    "Crash",
    "Exec",
    "Exit",
    "Extension",
    "Fill",
    "FlapLink",
    "Flood",
    "Framing",
    "Freeze",
    "HearErrors",
    "ImpairLink",
    "Inject",
    "InjectDatagram",
    "InjectSegment",
    "Kill",
    "KillProgram",
    "Many",
    "Membership",
    "Moment",
    "Multicast",
    "NodeLife",
    "NodeStep",
    "Observe",
    "Open",
    "Parallel",
    "Pause",
    "Payload",
    "Ping",
    "ProfileChange",
    "Receive",
    "Replay",
    "Request",
    "Reset",
    "Restart",
    "SegmentNumber",
    "Send",
    "SetFilter",
    "SetInterface",
    "SetLink",
    "SetOptions",
    "Shutdown",
    "Start",
    "Step",
    "StopObserving",
    "Thaw",
    "Timing",
    "Traceroute",
    "Transfer",
    "every_step",
]
