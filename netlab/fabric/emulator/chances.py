"""The random choices of one direction: the same seed chooses the same for the same packets."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from netlab.topology.impairment import BurstLoss, Profile


@dataclass(slots=True)
class Fate:
    """What is to happen to one packet; ``lost`` is the reason, empty when it is not lost."""

    lost: str = ""
    corrupt: float | None = None  # where the bit to flip is, from 0 at the front up to 1
    duplicate: bool = False
    jitter: float = 0.0  # from -1 to 1
    late: bool = False  # held back, so that later ones overtake it


class Chances:
    """Each feature draws once a packet while it is on, from a stream of its own.

    So a change of one parameter does not shift what the others choose.
    """

    def __init__(self, seed: str) -> None:
        def stream(feature: str) -> Random:
            return Random(f"{seed}/{feature}")  # noqa: S311 - to be repeated, not secret

        self._loss = stream("loss")
        self._burst_state = stream("burst state")
        self._burst_loss = stream("burst loss")
        self._corrupt = stream("corrupt")
        self._duplicate = stream("duplicate")
        self._jitter = stream("jitter")
        self._reorder = stream("reorder")
        self._fault = stream("fault")
        self._is_bad = False

    def draw(self, profile: Profile) -> Fate:
        """The fate of the next packet."""
        fate = Fate()
        if profile.loss and self._loss.random() < profile.loss:
            fate.lost = "loss"
        if profile.burst is not None and self._bursts(profile.burst):
            fate.lost = fate.lost or "burst"
        if profile.corrupt and (drawn := self._corrupt.random()) < profile.corrupt:
            fate.corrupt = drawn / profile.corrupt  # below the chance, it is uniform again
        if profile.duplicate:
            fate.duplicate = self._duplicate.random() < profile.duplicate
        if profile.jitter:
            fate.jitter = 2 * self._jitter.random() - 1
        if profile.reorder:
            fate.late = self._reorder.random() < profile.reorder
        return fate

    def _bursts(self, burst: BurstLoss) -> bool:
        """The Gilbert-Elliott chain makes one step; whether its new state loses the packet."""
        step = self._burst_state.random()
        self._is_bad = step >= burst.leave if self._is_bad else step < burst.enter
        return self._burst_loss.random() < (burst.bad if self._is_bad else burst.good)

    def spot(self) -> float:
        """Where a fault flips a bit, as in Fate."""
        return self._fault.random()
