"""Every shipped lab that netlab's own stack can play shows the same in virtual time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.testing.commands import Outcome
from netlab.testing.ways import OF_KERNELS, OURS, text

#: Labs that need the time of a clock on the wall, and why.
OF_REAL_TIME: dict[str, str] = {}

PLAYED = tuple(lab for lab in OURS if lab not in OF_REAL_TIME)

#: Of each kind of traffic one: a whole conversation, losses, datagrams, routers.
REPEATED = ("tcp/observed", "links/impairments", "udp/unreachable", "ip/ttl")


@pytest.mark.parametrize("lab", PLAYED)
def test_all_its_facts_are_shown(lab: str, run_lab: Callable[..., Outcome]) -> None:
    outcome = run_lab(text(lab), "--backend", "sim")

    assert outcome.exit_code == 0, str(outcome)


@pytest.mark.parametrize("lab", REPEATED)
def test_a_second_run_is_the_same_byte_for_byte(lab: str, run_lab: Callable[..., Outcome]) -> None:
    one, other = (run_lab(text(lab), "--backend", "sim", "--seed", "7").folder for _ in range(2))

    for name in ("events.jsonl", "lab.pcapng"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.parametrize("lab", sorted(OF_KERNELS))
def test_what_only_a_kernel_can_do_is_refused_in_words(
    lab: str, run_lab: Callable[..., Outcome]
) -> None:
    outcome = run_lab(text(lab), "--backend", "sim")

    assert outcome.exit_code == 2
    assert "is on netlab's own stack: " in outcome.errors, str(outcome)
