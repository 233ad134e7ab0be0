"""What the orchestrator asks for, from JSON to dataclasses."""

from __future__ import annotations

from typing import Any

from netlab.fabric.emulator.wanted import Wanted
from netlab.topology.impairment import Action, BurstLoss, Fault, Profile
from netlab.topology.moment import Moment


def wanted(data: dict[str, Any]) -> Wanted:
    """The inverse of dataclasses.asdict; TypeError for a field that there is not."""
    return Wanted(
        **{
            **data,
            "forward": Profile(**profile_fields(data["forward"])),
            "backward": Profile(**profile_fields(data["backward"])),
            "faults": tuple(map(fault, data.get("faults", ()))),
        }
    )


def profile_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Some fields of a Profile."""
    burst = data.get("burst")
    return data if burst is None else {**data, "burst": BurstLoss(**burst)}


def fault(data: dict[str, Any]) -> Fault:
    until = data.get("until")
    return Fault(
        **{
            **data,
            "action": Action(data["action"]),
            "nth": tuple(data.get("nth", ())),
            "until": None if until is None else Moment(**until),
        }
    )
