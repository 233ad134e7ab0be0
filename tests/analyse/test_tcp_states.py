from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netlab.analyse.tcp_states import TRANSITIONS, Observation, following
from netlab.wire.states import State

SYNCHRONIZED = {
    State.ESTABLISHED,
    State.FIN_WAIT_1,
    State.FIN_WAIT_2,
    State.CLOSE_WAIT,
    State.CLOSING,
    State.LAST_ACK,
}
states = st.sampled_from(State)
observations = st.sampled_from(Observation)


@given(states, observations)
def test_every_pair_leads_to_the_state_in_the_table_or_changes_nothing(
    state: State, observation: Observation
) -> None:
    after = following(state, observation)

    assert after is TRANSITIONS.get((state, observation), state)
    assert (after is state) is ((state, observation) not in TRANSITIONS)


@given(st.lists(observations, max_size=30))
def test_no_end_is_established_that_never_spoke(seen: list[Observation]) -> None:
    state = State.CLOSED
    for observation in seen:
        state = following(state, observation)
    if state in SYNCHRONIZED | {State.TIME_WAIT}:
        assert Observation.SENT_SYN in seen


@given(states)
def test_a_reset_closes_every_synchronized_connection(state: State) -> None:
    if state in SYNCHRONIZED:
        assert following(state, Observation.RECEIVED_RST) is State.CLOSED
        assert following(state, Observation.SENT_RST) is State.CLOSED


@given(states)
def test_a_fin_is_never_received_twice(state: State) -> None:
    once = following(state, Observation.RECEIVED_FIN)

    assert following(once, Observation.RECEIVED_FIN) is once or once is state


def test_all_eleven_states_are_reached() -> None:
    assert {State.CLOSED, State.LISTEN} | set(TRANSITIONS.values()) == set(State)
    assert len(State) == 11


def test_a_listener_may_open_actively() -> None:
    assert following(State.LISTEN, Observation.SENT_SYN) is State.SYN_SENT
