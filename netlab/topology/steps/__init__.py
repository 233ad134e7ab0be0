"""The steps of a scenario, resolved: addresses are addresses, durations seconds, sizes bytes.

Steps run one after the other. A step may wait for a moment (``after``) or for a time since the
scenario began (``at``), then for ``wait`` more seconds; ``Parallel`` runs branches side by side.
"""

from __future__ import annotations

from netlab.topology.moment import Moment
from netlab.topology.steps.base import EVENTS, NODE_EVENTS, NodeStep, Step, Timing
from netlab.topology.steps.flow import Parallel, Pause
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
from netlab.topology.steps.programs import Await, Exec, Exit, Kill, KillProgram, Start
from netlab.topology.steps.sockets import (
    Close,
    Connect,
    Open,
    Payload,
    Receive,
    Request,
    Send,
    Shutdown,
)

__all__ = [
    "EVENTS",
    "NODE_EVENTS",
    "AddFault",
    "Await",
    "Change",
    "Close",
    "Connect",
    "Crash",
    "Exec",
    "Exit",
    "FlapLink",
    "Freeze",
    "ImpairLink",
    "Kill",
    "KillProgram",
    "Moment",
    "NodeLife",
    "NodeStep",
    "Open",
    "Parallel",
    "Pause",
    "Payload",
    "ProfileChange",
    "Receive",
    "Request",
    "Restart",
    "Send",
    "SetInterface",
    "SetLink",
    "Shutdown",
    "Start",
    "Step",
    "Thaw",
    "Timing",
]
