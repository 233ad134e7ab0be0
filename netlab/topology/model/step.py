"""A step of a scenario. The key that names the verb decides which step it is."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from netlab.topology.model.base import ShortForm
from netlab.topology.model.fields import Duration
from netlab.topology.model.steps.base import Timed
from netlab.topology.model.steps.filters import FILTER_VERBS, FilterStep
from netlab.topology.model.steps.groups import GROUP_VERBS, GroupStep
from netlab.topology.model.steps.injections import INJECTION_VERBS, InjectionStep
from netlab.topology.model.steps.links import LINK_VERBS, LinkStep
from netlab.topology.model.steps.nodes import NODE_VERBS, NodeLifeStep
from netlab.topology.model.steps.probes import PROBE_VERBS, ProbeStep
from netlab.topology.model.steps.programs import PROGRAM_VERBS, ProgramStep
from netlab.topology.model.steps.sockets import SOCKET_VERBS, SocketStep
from netlab.topology.model.steps.traffic import TRAFFIC_VERBS, TrafficStep
from netlab.topology.model.verbs import one_verb, verb_of


class Pause(Timed):
    pause: Duration


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class Parallel(Timed):
    parallel: Annotated[tuple[Branch, ...], Field(min_length=1)]
    """Steps and lists of steps that run side by side."""


STEPS = (
    *SOCKET_VERBS,
    *TRAFFIC_VERBS,
    *PROGRAM_VERBS,
    *LINK_VERBS,
    *NODE_VERBS,
    *FILTER_VERBS,
    *PROBE_VERBS,
    *INJECTION_VERBS,
    *GROUP_VERBS,
    "pause",
    "parallel",
)

AnyStep = Annotated[
    SocketStep
    | TrafficStep
    | ProgramStep
    | LinkStep
    | NodeLifeStep
    | FilterStep
    | ProbeStep
    | InjectionStep
    | GroupStep
    | Annotated[Pause, Tag("pause")]
    | Annotated[Parallel, Tag("parallel")],
    Discriminator(verb_of(STEPS)),
    BeforeValidator(one_verb(STEPS, "a step", "{pause: 1s}")),
]
Branch = Annotated[tuple[AnyStep, ...], ShortForm(None, _as_list)]
