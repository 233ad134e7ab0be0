"""What a lab must show. The key that names the verb decides which expectation it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator

from netlab.topology.model.expectations.events import EVENT_VERBS, EventExpectation
from netlab.topology.model.expectations.groups import GROUP_VERBS, GroupExpectation
from netlab.topology.model.expectations.icmp import ICMP_VERBS, IcmpExpectation
from netlab.topology.model.expectations.metrics import METRIC_VERBS, MetricExpectation
from netlab.topology.model.expectations.outcomes import OUTCOME_VERBS, OutcomeExpectation
from netlab.topology.model.expectations.packets import PACKET_VERBS, PacketExpectation
from netlab.topology.model.expectations.probes import PROBE_VERBS, ProbeExpectation
from netlab.topology.model.expectations.rates import RATE_VERBS, RateExpectation
from netlab.topology.model.expectations.sockets import SOCKET_TABLE_VERBS, SocketTableExpectation
from netlab.topology.model.expectations.states import STATE_VERBS, StateExpectation
from netlab.topology.model.expectations.times import TIME_VERBS, TimeExpectation
from netlab.topology.model.expectations.variables import VARIABLE_VERBS, VariableExpectation
from netlab.topology.model.verbs import one_verb, verb_of

EXPECTATIONS = (
    *STATE_VERBS,
    *PACKET_VERBS,
    *ICMP_VERBS,
    *TIME_VERBS,
    *RATE_VERBS,
    *METRIC_VERBS,
    *VARIABLE_VERBS,
    *GROUP_VERBS,
    *SOCKET_TABLE_VERBS,
    *OUTCOME_VERBS,
    *EVENT_VERBS,
    *PROBE_VERBS,
)

AnyExpectation = Annotated[
    StateExpectation
    | PacketExpectation
    | IcmpExpectation
    | TimeExpectation
    | RateExpectation
    | MetricExpectation
    | VariableExpectation
    | GroupExpectation
    | SocketTableExpectation
    | OutcomeExpectation
    | EventExpectation
    | ProbeExpectation,
    Discriminator(verb_of(EXPECTATIONS)),
    BeforeValidator(one_verb(EXPECTATIONS, "an expectation", "{packets: tcp.flags.rst, count: 0}")),
]
