"""Links that misbehave: what a file says of them, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.topology.impairment import CLEAR, Action, BurstLoss, Engine, Fault, Impairment, Profile
from netlab.topology.moment import Moment
from netlab.topology.plan import Offload, Plan
from netlab.topology.steps import AddFault, FlapLink, ImpairLink, ProfileChange

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]


def with_link(link: str, scenario: str = "") -> str:
    steps = f"\nscenario:\n  - {scenario}" if scenario else ""
    return f"""\
name: lab
nodes:
  a: {{offload: fast}}
  b: {{services: [{{echo: tcp/7}}]}}
  c1..2:
links:
  - {link}
  - c1 -- c2{steps}
"""


def on_cable(rest: str) -> str:
    return with_link(f"{{ends: [a, b], {rest}}}")


def on_lan(rest: str) -> str:
    return with_link(f"{{lan: [a, b, c1..2], {rest}}}")


def only(plan: Plan) -> Impairment:
    (impairment,) = plan.links[0].impairments
    return impairment


def test_a_bare_profile_is_for_both_ways(lab: Loading) -> None:
    stretch = only(lab(on_cable("impair: {delay: 10ms, jitter: 2ms, loss: 1%}")))
    assert stretch.forward == stretch.backward == Profile(delay=0.01, jitter=0.002, loss=0.01)


def test_each_way_may_have_its_own(lab: Loading) -> None:
    text = 'impair: {"->": {corrupt: 1%, duplicate: 2%}, "<-": {rate: 10 Mbit/s, queue: 30 KB}}'
    stretch = only(lab(on_cable(text)))
    assert stretch.forward == Profile(corrupt=0.01, duplicate=0.02)
    assert stretch.backward == Profile(rate=10_000_000, queue=30_000)


@pytest.mark.parametrize(
    ("way", "is_forward"), [("a ->", True), ("-> b", True), ("b ->", False), ("-> a", False)]
)
def test_a_way_may_name_an_end(lab: Loading, way: str, is_forward: bool) -> None:
    stretch = only(lab(on_cable(f"impair: {{{way!r}: {{delay: 1ms}}}}")))
    assert (stretch.forward if is_forward else stretch.backward) == Profile(delay=0.001)
    assert (stretch.backward if is_forward else stretch.forward) == CLEAR


def test_bursts_are_a_chain_of_two_states(lab: Loading) -> None:
    stretch = only(lab(on_cable("impair: {loss: {enter: 1%, leave: 30%, good: 0.1%}}")))
    assert stretch.forward.burst == BurstLoss(enter=0.01, leave=0.3, bad=1.0, good=0.001)


def test_reordering_has_a_usual_delay(lab: Loading) -> None:
    assert only(lab(on_cable("impair: {reorder: 2%}"))).forward.reorder_by == 0.01
    stretch = only(lab(on_cable("impair: {reorder: {chance: 2%, by: 5ms}}")))
    assert stretch.forward == Profile(reorder=0.02, reorder_by=0.005)


def test_a_queue_of_packets_is_one_of_full_frames(lab: Loading) -> None:
    stretch = only(lab(on_cable("mtu: {a: 1500, b: 1400}, impair: {queue: 20 packets}")))
    assert stretch.forward.queue == 20 * (1400 + 14)


def test_nothing_yet_may_be_impaired_later(lab: Loading) -> None:
    assert only(lab(on_cable("impair: {}"))) == only(lab(on_cable("impair: none"))) == Impairment()
    assert lab(with_link("a -- b")).links[0].impairments == ()


def test_members_of_a_lan_have_cables(lab: Loading) -> None:
    plan = lab(on_lan('impair: {"c1 ->": {loss: 1%}, "-> c1": {loss: 2%}, b: {delay: 1ms}}'))
    by_end = {each.end: each for each in plan.links[0].impairments}
    assert by_end["c1:eth0"].forward.loss == 0.01
    assert by_end["c1:eth0"].backward.loss == 0.02
    assert by_end["b:eth0"].forward == by_end["b:eth0"].backward == Profile(delay=0.001)
    assert len(by_end) == 2


def test_what_is_said_of_one_way_goes_before_what_is_said_of_both(lab: Loading) -> None:
    stretch = only(lab(on_lan('impair: {"c1 ->": {loss: 5%}, c1: {loss: 1%, delay: 1ms}}')))
    assert stretch.forward == Profile(loss=0.05, delay=0.001)
    assert stretch.backward == Profile(loss=0.01, delay=0.001)


def test_a_range_impairs_each_of_its_links(lab: Loading) -> None:
    plan = lab(with_link("{ends: [c1..2, a], impair: {loss: 1%}, faults: {drop: tcp, nth: 1}}"))
    assert [link.name for link in plan.links[:2]] == ["c1 -- a", "c2 -- a"]
    for link in plan.links[:2]:
        assert link.impairments[0].forward.loss == 0.01
        assert len(link.impairments[0].faults) == 2


def test_a_fault_is_about_exact_packets(lab: Loading) -> None:
    (fault,) = only(lab(on_cable('faults: {drop: tcp.flags.fin, nth: 2, way: "->"}'))).faults
    assert fault == Fault(
        Action.DROP,
        "tcp.flags.fin",
        forward=True,
        where="lab.yaml:7:28",
        text="drop tcp.flags.fin, the 2nd",
        nth=(2,),
    )


def test_a_fault_without_a_way_is_two(lab: Loading) -> None:
    faults = only(lab(on_cable("faults: [{drop: udp, every: 4}]"))).faults
    assert [fault.forward for fault in faults] == [True, False]
    assert {fault.text for fault in faults} == {"drop udp, every 4th"}


def test_a_packet_is_held_for_a_time_or_until_a_moment(lab: Loading) -> None:
    plan = lab(
        with_link(
            "{ends: [a, b], faults: [{hold: tcp, for: 300ms}, {hold: udp, until: x established}]}",
            "{node: a, connect: tcp b:7, as: x}",
        )
    )
    timed, _, waiting, _ = only(plan).faults
    assert timed.duration == 0.3
    assert waiting.until == Moment("x", "established")
    assert waiting.text == "hold udp, until x established"


def test_an_engine_may_be_asked_for(lab: Loading) -> None:
    assert only(lab(on_cable("impair: {}, engine: emulator"))).engine is Engine.EMULATOR


def test_an_impaired_link_shows_what_crosses_it(lab: Loading) -> None:
    plan = lab(on_cable("impair: {delay: 1ms}"))
    (interface,) = plan.node("a").interfaces
    assert interface.offload is Offload.WIRE
    assert any(notice.startswith("a:eth0 has offload wire") for notice in plan.notices)


def test_a_step_changes_what_it_names(lab: Loading) -> None:
    plan = lab(with_link("a -- b", '{link: a -- b, impair: {"->": {loss: 5%}}, for: 2s}'))
    (step,) = plan.steps
    assert isinstance(step, ImpairLink)
    assert step.changes == (ProfileChange(None, True, (("loss", 0.05), ("burst", None))),)
    assert step.duration == 2.0


def test_a_link_that_a_step_impairs_passes_the_fabric_from_the_start(lab: Loading) -> None:
    plan = lab(with_link("a -- b", "{link: a -- b, fault: {drop: tcp, nth: 1}}"))
    assert plan.links[0].impairments == (Impairment(),)
    assert plan.links[1].impairments == ()
    assert isinstance(plan.steps[0], AddFault)


def test_a_step_clears_all(lab: Loading) -> None:
    plan = lab(with_link("a -- b", "{link: a -- b, impair: none}"))
    (step,) = plan.steps
    assert isinstance(step, ImpairLink)
    assert [change.forward for change in step.changes] == [True, False]
    assert Profile(**dict(step.changes[0].fields)) == CLEAR


def test_a_link_flaps(lab: Loading) -> None:
    plan = lab(with_link("a -- b", "{link: a -- b, flap: {down: 100ms, up: 200ms, times: 5}}"))
    (step,) = plan.steps
    assert isinstance(step, FlapLink)
    assert (step.down, step.up, step.times) == (0.1, 0.2, 5)


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("impair: {delay: 10}", "impair.delay: the number 10 needs a unit"),
        ("impair: {dealy: 10ms}", "impair.dealy: unknown key (did you mean 'delay'?)"),
        ("impair: {delay: 1ms, loss: 101%}", "'101%' is more than 100%"),
        ("impair: {loss: {enter: 1%}}", "loss in bursts needs 'enter' and 'leave'"),
        ("impair: {loss: {chance: 1%, enter: 1%}}", "either by chance or in bursts"),
        ("impair: {queue: 20}", "a queue looks like 30 KB or 20 packets, not the number 20"),
        ("impair: {queue: 0 packets}", "a queue has 1 to 1000000 packets"),
        ("impair: {rate: 1 bit/s}", "a rate is 1 kbit/s at least"),
        ('impair: {"=>": {}}', "'=>' is no way; a link has '->' or '<-'"),
        ('impair: {"d ->": {}}', "'d' is no end of this link"),
        ('impair: {"a -> b": {}}', "name one end, as in '->' or '<-'"),
        ("engine: nft", "engine: nothing is impaired on this link"),
        ("impair: {delay: 1ms}, engine: nft", "nft cannot do: delay"),
        ("faults: {drop: tcp}, engine: netem", "netem cannot do: 'drop tcp'"),
        ("faults: {drop: tcp, hold: udp, for: 1s}", "a fault has one of drop, hold"),
        ("faults: {hold: tcp}", "held either 'for' a time or 'until' a moment"),
        ("faults: {drop: tcp, for: 1s}", "'for' is for packets that are held"),
        ("faults: {drop: tcp, nth: 1, every: 2}", "either 'nth' or 'every'"),
        ("faults: {drop: tcp, from: 2s, to: 1s}", "'to' must be later than 'from'"),
        ("faults: {drop: tcp, nth: 0}", "the number of a packet is 1 to 1000000, not 0"),
        ("faults: {drop: tcp.flag.fin}", "there is no field 'tcp.flag.fin'"),
        ("faults: {drop: tcp and src.node == a}", "a link does not know a packet's src.node; use"),
        ("faults: {hold: tcp, until: x established}", "nothing is called 'x' up to here"),
    ],
)
def test_what_makes_no_sense_is_refused(refused: Refusing, rest: str, message: str) -> None:
    (line,) = refused(on_cable(rest))
    assert line.startswith("lab.yaml:7:")
    assert message in line


@pytest.mark.parametrize("rest", ["impair: {loss: 1%}", "faults: {drop: tcp}"])
def test_on_a_lan_a_way_names_a_member(refused: Refusing, rest: str) -> None:
    (line,) = refused(on_lan(rest))
    assert "on a LAN, name the member: 'a ->', '-> a' or 'a'" in line


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{link: a -- b, impair: {}}", "this changes nothing"),
        ("{link: a -- b, down: 1s, for: 1s}", "'for' is for impair and fault"),
        ("{link: a -- b, flap: {down: 1s, up: 1s}}", "the key 'times' is missing"),
        ("{link: a -- b, fault: {hold: tcp, until: y done}}", "nothing is called 'y'"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(refused: Refusing, step: str, message: str) -> None:
    (line,) = refused(with_link("a -- b", step))
    assert message in line


def test_what_the_kernel_does_is_not_changed_later(refused: Refusing) -> None:
    (line,) = refused(
        with_link(
            "{ends: [a, b], impair: {rate: 1 Mbit/s}, engine: nft}",
            "{link: a -- b, impair: {loss: 1%}}",
        )
    )
    assert "the link leaves this to nft, which is set once" in line
