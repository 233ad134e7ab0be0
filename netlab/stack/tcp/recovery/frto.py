from __future__ import annotations

from enum import Enum


class Step(Enum):
    OFF = "off"
    #: The first segment was sent again: step 1.
    RETRANSMITTED = "retransmitted"
    #: New data was sent instead of the next lost segment: step 2b.
    PROBING = "probing"


class Evidence(Enum):
    #: The ACK advanced, and new data waits that the peer's window permits.
    ADVANCED_WITH_MORE = "advanced with more"
    #: Data arrived that was sent once, before the timeout.
    ORIGINAL = "original"
    NONE = "none"


class Verdict(Enum):
    OPEN = "open"
    SPURIOUS = "spurious"
    REAL = "real"


#: RFC 5682, 2.1 and 3.1: (step, evidence) -> (verdict, next step).
STEPS: dict[tuple[Step, Evidence], tuple[Verdict, Step]] = {
    (Step.RETRANSMITTED, Evidence.ADVANCED_WITH_MORE): (Verdict.OPEN, Step.PROBING),
    (Step.RETRANSMITTED, Evidence.ORIGINAL): (Verdict.REAL, Step.OFF),
    (Step.RETRANSMITTED, Evidence.NONE): (Verdict.REAL, Step.OFF),
    (Step.PROBING, Evidence.ORIGINAL): (Verdict.SPURIOUS, Step.OFF),
    (Step.PROBING, Evidence.ADVANCED_WITH_MORE): (Verdict.REAL, Step.OFF),
    (Step.PROBING, Evidence.NONE): (Verdict.REAL, Step.OFF),
}


class Frto:
    """Whether a retransmission timeout was spurious (RFC 5682)."""

    __slots__ = ("_step",)

    def __init__(self) -> None:
        self._step = Step.OFF

    @property
    def asks(self) -> bool:
        """Whether the next ACK decides."""
        return self._step is not Step.OFF

    @property
    def probing(self) -> bool:
        """Whether new data goes before what seems lost."""
        return self._step is Step.PROBING

    def begin(self) -> None:
        self._step = Step.RETRANSMITTED

    def end(self) -> None:
        self._step = Step.OFF

    def judge(self, *, advanced: bool, more: bool, original: bool) -> Verdict:
        if self._step is Step.RETRANSMITTED and advanced and more:
            evidence = Evidence.ADVANCED_WITH_MORE
        else:
            evidence = Evidence.ORIGINAL if original else Evidence.NONE
        verdict, self._step = STEPS[self._step, evidence]
        return verdict
