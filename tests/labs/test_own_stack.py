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

pytestmark = [pytest.mark.lab, pytest.mark.both_stacks]

_SMALL_WINDOW = "the kernel pushes at every half of a small window, and takes more than that"

#: Labs whose packets may differ, and why. Rules for all labs are in netlab.testing.exchange.
ALLOWED = {
    "ip/pmtu-asymmetric": "the kernel pushes where what it cuts anew for a smaller MTU ends",
    "ip/pmtu-blackhole": "what an echo sends at once depends on what has come",
    "links/impairments": "hosts send while links lose and hold what is under way",
    "services/standard": "chargen fills its buffers as fast as the machine is",
    "sockets/crash-and-restart": "a frozen host of ours is silent, the kernel's acknowledges",
    "sockets/types": "what is read at once depends on what has come",
    "tcp/acceptability": _SMALL_WINDOW,
    "tcp/congestion": "hosts send as fast as the machine is, and lose",
    "tcp/flow-control": _SMALL_WINDOW,
    "tcp/reliability": "hosts send as fast as the machine is, and lose",
    "tcp/sndbuf": "hosts send until their buffers are full",
    "tcp/states": "the kernel calls a simultaneous open's SYN ACK a duplicate, by D-SACK",
    "tcp/syn-flood": "how often SYNs are answered again depends on when the lab ends",
    "tcp/tcb": _SMALL_WINDOW,
    "tcp/urgent": _SMALL_WINDOW,
}

#: Labs in which one stack has conversations that the other has not, and why.
PARTLY = {
    "ip/mss": "nftables clamps what two connections announce, on the kernel only",
    "tcp/options": "a program sends SYNs of its own making, on the kernel only",
}

#: Labs that no kernel plays, and why: their packets have none to be compared with.
OF_NO_KERNEL = {"tcp/isn": "a kernel keeps no quiet time when it starts"}

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
    if may_differ := {**ALLOWED, **OF_NO_KERNEL}.get(lab):
        pytest.skip(may_differ)
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


@pytest.mark.parametrize("lab", sorted(OF_NO_KERNEL))
def test_what_no_kernel_can_do_is_refused_in_words(
    lab: str, run_lab: Callable[..., Outcome]
) -> None:
    outcome = run_lab(text(lab), "--stack", "kernel")

    assert outcome.exit_code == 2
    assert OF_NO_KERNEL[lab].removeprefix("a kernel ") in outcome.errors, str(outcome)


def test_what_may_differ_is_the_lesser_part() -> None:
    assert {*ALLOWED, *PARTLY} <= {*OURS} < {*shipped.names()}
    assert 2 * len(ALLOWED) < len(OURS)
