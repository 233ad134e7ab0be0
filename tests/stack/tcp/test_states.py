from __future__ import annotations

import pytest

from netlab.stack.tcp.states import TABLE, Action, Input
from netlab.wire.states import State


def test_every_state_is_reached_and_left():
    reached = {step.state for step in TABLE.values()}
    left = {state for state, _ in TABLE}
    assert reached == left == set(State)


def test_a_state_that_is_left_to_closed_deletes_the_block():
    ends = {key: step for key, step in TABLE.items() if step.state is State.CLOSED}
    assert {step.action for step in ends.values()} == {Action.DELETE, Action.SEND_RST}


@pytest.mark.parametrize("state", [s for s in State if s not in {State.CLOSED, State.LISTEN}])
def test_a_reset_ends_every_connection(state: State):
    assert TABLE[state, Input.RST].state is State.CLOSED
    assert TABLE[state, Input.ABORT].state is State.CLOSED
