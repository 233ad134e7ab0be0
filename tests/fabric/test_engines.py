from __future__ import annotations

from dataclasses import replace

import pytest

from netlab.fabric.engines import candidates, said, why_not
from netlab.fabric.stretches import Stretch, stretches
from netlab.testing.impaired import cable, drop
from netlab.topology.impairment import Action, BurstLoss, Engine, Impairment, Profile

NETEM, NFT, EMULATOR = Engine.NETEM, Engine.NFT, Engine.EMULATOR


def stretch(impairment: Impairment) -> Stretch:
    return stretches(cable(impairment))[0]


@pytest.mark.parametrize(
    ("impairment", "engines"),
    [
        (Impairment(forward=Profile(delay=0.1)), (NETEM, EMULATOR)),
        (Impairment(forward=Profile(loss=0.1, rate=1e6)), (NETEM, EMULATOR)),
        (Impairment(backward=Profile(burst=BurstLoss(0.1, 0.2))), (NETEM, EMULATOR)),
        (Impairment(forward=Profile(jitter=0.1)), (EMULATOR,)),
        (Impairment(forward=Profile(reorder=0.1)), (EMULATOR,)),
        (Impairment(forward=Profile(corrupt=0.1)), (EMULATOR,)),
        (Impairment(forward=Profile(rate=1e6)), (NFT, EMULATOR)),
        (Impairment(faults=(drop("tcp.flags.fin", nth=(2,)),)), (NFT, EMULATOR)),
        (Impairment(faults=(drop("tcp.seq == 3"),)), (EMULATOR,)),
        (Impairment(faults=(replace(drop("tcp"), since=1.0),)), (EMULATOR,)),
        (Impairment(faults=(replace(drop("tcp"), action=Action.DUPLICATE),)), (EMULATOR,)),
        (Impairment(forward=Profile(delay=0.1), faults=(drop("tcp"),)), (EMULATOR,)),
        (Impairment(), (EMULATOR,)),
        (Impairment(forward=Profile(rate=1e6), engine=EMULATOR), (EMULATOR,)),
    ],
)
def test_the_kernel_does_what_it_can(impairment: Impairment, engines: tuple[Engine, ...]):
    assert candidates(stretch(impairment)) == engines


def test_what_changes_is_the_emulators():
    changing = replace(stretch(Impairment(forward=Profile(rate=1e6))), changes=True)
    assert candidates(changing) == (EMULATOR,)
    assert said(changing, EMULATOR) == "emulator: the scenario changes it"


def test_the_reason_is_told():
    assert why_not(stretch(Impairment(forward=Profile(delay=0.1))), NFT) == "nft cannot do delay"
    held = stretch(Impairment(faults=(drop("tcp.seq == 3"),)))
    assert "tcp.seq" in said(held, EMULATOR)
    asked = stretch(Impairment(forward=Profile(delay=0.1), engine=EMULATOR))
    assert said(asked, EMULATOR) == "emulator, as asked"
