"""Every shipped lab shows the same, by the same packets, on netlab's own stack and the kernel's."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from netlab import shipped
from netlab.testing import wireshark
from netlab.testing.commands import Outcome
from netlab.testing.exchange import differences, of_run
from netlab.testing.ways import OF_KERNELS, OURS, text

pytestmark = pytest.mark.lab

#: Labs whose packets may differ, and why. Rules for all labs are in netlab.testing.exchange.
ALLOWED = {
    "ip/pmtu-asymmetric": "the kernel pushes where what it cuts anew for a smaller MTU ends",
    "ip/pmtu-blackhole": "hosts send until their buffers are full",
    "links/impairments": "hosts send while links lose and hold what is under way",
    "services/standard": "chargen fills its buffers as fast as the machine is",
    "sockets/crash-and-restart": "a frozen host of ours is silent, the kernel's acknowledges",
    "sockets/types": "what is read at once depends on what has come",
    "tcp/acceptability": "the kernel sends again what it was given while segments were withheld",
    "tcp/congestion": "hosts send as fast as the machine is, and lose",
    "tcp/flow-control": "the kernel pushes at every half of a small window",
    "tcp/options": "SYNs of an injection's own making are the kernel's only",
    "tcp/reliability": "hosts send as fast as the machine is, and lose",
    "tcp/sndbuf": "hosts send until their buffers are full",
    "tcp/syn-flood": "which SYNs of a flood find room is of the moment",
    "tcp/urgent": "the kernel pushes at every half of a small window",
    "tcp/wandering-duplicate": "what is refused on one stack only is sent on it only",
}

#: Labs in which one stack has conversations that the other has not, and why.
PARTLY = {"ip/mss": "nftables clamps what two connections announce, on the kernel only"}

#: On a busy machine a kernel, or a program on either, may once be late.
_RUNS = 3


@pytest.fixture(scope="module", params=OURS)
def outcome(request: pytest.FixtureRequest, run_lab: Callable[..., Outcome]) -> Outcome:
    return run_lab(text(request.param), "--stack", "user")


def test_all_its_facts_are_shown(outcome: Outcome) -> None:
    assert outcome.exit_code == 0, str(outcome)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_wireshark_finds_no_broken_packet(outcome: Outcome, request: pytest.FixtureRequest) -> None:
    lab = request.node.callspec.params["outcome"]

    assert wireshark.broken(outcome.folder, lab) == ""


def test_the_same_packets_pass_every_interface(
    outcome: Outcome, request: pytest.FixtureRequest, run_lab: Callable[..., Outcome]
) -> None:
    lab = request.node.callspec.params["outcome"]
    if lab in ALLOWED:
        pytest.skip(ALLOWED[lab])
    ours, the_kernels = [of_run(outcome.folder)], []
    for number in range(_RUNS):
        if number:
            ours.append(of_run(run_lab(text(lab), "--stack", "user").folder))
        the_kernels.append(of_run(run_lab(text(lab), "--stack", "kernel").folder))
        if not (wrong := differences(the_kernels, ours, shared=lab in PARTLY)):
            return
    pytest.fail("\n".join(wrong))


@pytest.mark.parametrize("lab", sorted(OF_KERNELS))
def test_what_only_a_kernel_can_do_is_refused_in_words(
    lab: str, run_lab: Callable[..., Outcome]
) -> None:
    outcome = run_lab(text(lab), "--stack", "user")

    assert outcome.exit_code == 2
    assert "is on netlab's own stack: " in outcome.errors, str(outcome)


def test_what_may_differ_is_the_lesser_part() -> None:
    assert {*ALLOWED, *PARTLY} <= {*OURS} < {*shipped.names()}
    assert 2 * len(ALLOWED) < len(OURS)
