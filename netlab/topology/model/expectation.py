"""What a lab must show. The key that names the verb decides which expectation it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator

from netlab.topology.model.expectations.outcomes import OUTCOME_VERBS, OutcomeExpectation
from netlab.topology.model.expectations.packets import PACKET_VERBS, PacketExpectation
from netlab.topology.model.expectations.sockets import SOCKET_TABLE_VERBS, SocketTableExpectation
from netlab.topology.model.expectations.states import STATE_VERBS, StateExpectation
from netlab.topology.model.verbs import one_verb, verb_of

EXPECTATIONS = (
    *STATE_VERBS,
    *PACKET_VERBS,
    *SOCKET_TABLE_VERBS,
    *OUTCOME_VERBS,
)

AnyExpectation = Annotated[
    StateExpectation | PacketExpectation | SocketTableExpectation | OutcomeExpectation,
    Discriminator(verb_of(EXPECTATIONS)),
    BeforeValidator(one_verb(EXPECTATIONS, "an expectation", "{packets: tcp.flags.rst, count: 0}")),
]
