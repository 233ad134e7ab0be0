from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.stack.tcp.variables import VARIABLES
from netlab.topology.expectations import Bounds, Claim, IsnExpected, VariablesExpected
from netlab.topology.model.expectations.variables import claim
from netlab.topology.plan import Plan
from netlab.topology.steps import Moment

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

LAB = """\
name: blocks
defaults: {stack: user}
nodes:
  c: {observe: {variables: true}}
  d:
  s: {services: [{echo: tcp/7}], observe: {variables: true}}
links: [c -- s, d -- s]
scenario:
  - {node: c, connect: tcp s:7, as: first}
  - {node: c, connect: tcp s:7, as: second}
  - {node: d, connect: tcp s:7, as: third}
  - {node: c, open: udp, as: u}
expect:
  - """


def test_each_claim_is_an_expectation(lab: Loading) -> None:
    made = lab(
        LAB + "{variables: {first: [last snd_una == 1002, max cwnd >= 14 kB],"
        " first@s: RCV.NXT never falls}, after: first established}"
    ).expectations
    una, cwnd, peer = made
    assert isinstance(una, VariablesExpected)
    assert una.claim == Claim(
        "last SND.UNA == 1002", "SND.UNA", "last", Bounds("== 1002", 1002, 1002)
    )
    assert una.text == "first: last SND.UNA == 1002, after first established"
    assert una.after == Moment("first", "established")
    assert isinstance(cwnd, VariablesExpected)
    assert cwnd.claim.bounds == Bounds(">= 14 kB", low=14000)
    assert isinstance(peer, VariablesExpected)
    assert (peer.connection, peer.node, peer.claim.never) == ("first", "s", "falls")


def test_values_at_a_moment(lab: Loading) -> None:
    (made,) = lab(LAB + "{variables: {first: SND.UNA == SND.NXT}, at: first closed}").expectations
    assert isinstance(made, VariablesExpected)
    assert made.at == Moment("first", "closed")
    assert (made.claim.sign, made.claim.other) == ("==", "SND.NXT")
    assert made.text == "first: SND.UNA == SND.NXT, at first closed"


def test_initial_sequence_numbers(lab: Loading) -> None:
    (made,) = lab(LAB + "{isn: [first, second@s], tick: 4us, tolerance: 1%}").expectations
    assert isinstance(made, IsnExpected)
    assert made.ends == (("first", None), ("second", "s"))
    assert made.tick == pytest.approx(4e-6)
    assert made.tolerance == 0.01
    assert made.text == "initial sequence numbers of first, second@s rise by one in 4us"


@pytest.mark.parametrize(
    ("expectation", "says"),
    [
        ("{variables: {first: last SND.UN == 1}}", "(did you mean 'SND.UNA'?)"),
        ("{variables: {first: last SND.UNA}}", "a variable is asked about as in 'max cwnd"),
        ("{variables: {first: SND.UNA == 1}}", "SND.UNA changes over time"),
        ("{variables: {first: always SND.UNA <= SND.NXTT}}", "(did you mean 'SND.NXT'?)"),
        ("{variables: {first: last SND.UNA == many}}", "'many' is no whole number"),
        ("{variables: {first: last SND.WND == 5}}", "a size looks like"),
        ("{variables: {first: last rto == 5}}", "a duration looks like"),
        ("{variables: {first: max SND.UNA <= SND.NXT}}", "say always or ever"),
        ("{variables: {first: always SND.UNA <= RCV.NXT}}", "count different things"),
        ("{variables: {first: max SND.UNA never falls}}", "leave out 'max'"),
        ("{variables: {first: last SND.UNA == 1}, at: first closed}", "leave out 'last'"),
        ("{variables: {first: SND.UNA never falls}, at: first closed}", "leave out 'never'"),
        (
            "{variables: {first: SND.UNA == 1}, at: first closed, after: first established}",
            "one moment is neither 'after' nor 'before' another",
        ),
        ("{variables: {first: ever timer.persit == on}}", "(did you mean 'timer.persist'?)"),
        ("{variables: {first: last timer.persist == never}}", "a duration looks like"),
        ("{variables: {first: max timer.persist == on}}", "say always or ever"),
        ("{variables: {first: timer.persist never falls}}", "ask for on, off or a duration"),
        ("{variables: {first: SND.UNA == 1}, at: frist closed}", "nothing is called 'frist'"),
        ("{variables: {u: last SND.UNA == 1}}", "'u' is an unconnected UDP socket"),
        ("{variables: {third: last SND.UNA == 1}}", "d does not tell its variables (add 'observe"),
        ("{isn: [first]}", "one number differs from none"),
        ("{isn: [first, thrid]}", "did you mean 'third'?"),
        ("{isn: [first, second@x]}", "no node is called 'x'"),
        ("{isn: [first, second], tick: 4}", "the number 4 needs a unit"),
    ],
)
def test_one_mistake_is_one_sentence(refused: Refusing, expectation: str, says: str) -> None:
    (line,) = refused(LAB + expectation)
    assert line.startswith("lab.yaml:14:")
    assert says in line


@given(st.sampled_from(list(VARIABLES)), st.integers(0, 10**9), st.booleans())
def test_every_variable_can_be_asked_about(name: str, number: int, as_field: bool) -> None:
    unit = {"SIZE": " bytes", "TIME": "ns", "TIMER": "ns"}.get(VARIABLES[name].kind.name, "")
    asked = VARIABLES[name].field if as_field else name
    made = claim(f"max {asked} == {number}{unit}")
    assert made.variable == name
    assert made.bounds is not None
    assert made.bounds.allows(number)


@given(st.text(alphabet="abcdSNDUA.W_ =<>019maxlwyser", max_size=40))
def test_a_claim_is_understood_or_refused_in_words(text: str) -> None:
    try:
        assert claim(text).variable in VARIABLES
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either is right
