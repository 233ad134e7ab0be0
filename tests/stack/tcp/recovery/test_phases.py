from __future__ import annotations

import pytest

from netlab.stack.tcp.recovery.phases import PHASES, Happening, Reaction
from netlab.stack.tcp.recovery.progress import Phase


@pytest.mark.parametrize("phase", Phase)
def test_a_timeout_is_taken_seriously_in_every_phase(phase: Phase):
    assert PHASES[phase, Happening.TIMEOUT] == (Reaction.COLLAPSE, Phase.LOSS)


@pytest.mark.parametrize("phase", [Phase.CWR, Phase.RECOVERY, Phase.LOSS])
def test_every_reduction_ends(phase: Phase):
    assert PHASES[phase, Happening.COVERED][1] is Phase.OPEN


@pytest.mark.parametrize("phase", [Phase.CWR, Phase.RECOVERY, Phase.LOSS])
@pytest.mark.parametrize("happening", [Happening.LOSS, Happening.CONGESTION_EXPERIENCED])
def test_a_window_of_data_is_reduced_once(phase: Phase, happening: Happening):
    reaction, _ = PHASES.get((phase, happening), (Reaction.NONE, phase))
    assert reaction is Reaction.NONE


def test_every_phase_can_be_entered():
    assert {following for _, following in PHASES.values()} == set(Phase)
