"""The whole file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from netlab.topology import ranges
from netlab.topology.equipment import BACKENDS
from netlab.topology.hints import shown
from netlab.topology.model.base import Model, ShortForm, in_words
from netlab.topology.model.expectation import AnyExpectation
from netlab.topology.model.fields import (
    NODE_PATTERN,
    RANGE_PATTERN,
    Label,
    Network,
    Text,
    node_name,
    whole_number,
    word_of,
)
from netlab.topology.model.link import AnyLink
from netlab.topology.model.node import Defaults, Kind, Node
from netlab.topology.model.observation import Observe
from netlab.topology.model.step import AnyStep


def _lab_name(value: Any) -> str:
    try:
        name = node_name(value)
    except ValueError as error:
        raise ValueError(str(error).replace("node name", "lab name")) from None
    return name


def _names(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a node's name is text, not {shown(value)}")  # noqa: TRY004 - a user's value
    names = ranges.expand(value)
    for name in {names[0], names[-1]}:
        node_name(name)
    return value


def _or_empty(value: Any) -> Any:
    return {} if value is None else value


def _or_none(value: Any) -> Any:
    return [] if value is None else value


_NULL = {"type": "null"}
_NAMES = {"type": "string", "pattern": f"^({NODE_PATTERN}|{RANGE_PATTERN})$"}
_LAB_NAME = {"type": "string", "pattern": f"^{NODE_PATTERN}$"}

NodeNames = Annotated[str, PlainValidator(in_words(_names)), WithJsonSchema(_NAMES)]
OrEmpty = ShortForm(_NULL, _or_empty)
OrNone = ShortForm(_NULL, _or_none)


class Addressing(Model):
    """Where addresses come from that the file does not give."""

    ipv4: Network | None = None
    """The pool of IPv4 subnets; 10.0.0.0/8, when not given."""

    ipv6: Network | None = None
    """The pool of IPv6 subnets; fd00::/16, when not given."""

    ipv4_prefix: Annotated[int, *whole_number(8, 30, "a prefix length")] = 24
    """How long a link's IPv4 prefix is; a LAN with more hosts gets a shorter one."""


class Lab(Model):
    name: Annotated[str, PlainValidator(in_words(_lab_name)), WithJsonSchema(_LAB_NAME)]
    """Lower-case letters, digits and ``-``, at most 40."""

    description: Text = ""
    """What the lab shows; the report prints it."""

    seed: Annotated[int, *whole_number(0, 2**63 - 1, "a seed")] = 1
    """All that is random in a run comes from it."""

    backend: Annotated[str, *word_of(BACKENDS, "'backend'")] | None = None
    """What the nodes are: namespaces, containers, or hosts in virtual time; --backend wins."""

    defaults: Annotated[Defaults, OrEmpty] = Defaults.model_construct()
    """What all nodes have in common."""

    kinds: Annotated[dict[Label, Annotated[Kind, OrEmpty]], OrEmpty] = Field(default={})
    """Named bundles of node fields."""

    observe: Annotated[Observe, OrEmpty] = Observe.model_construct()
    """What is watched in all nodes beyond packets and states."""

    addressing: Annotated[Addressing, OrEmpty] = Addressing.model_construct()
    """Where addresses come from that the file does not give."""

    nodes: dict[NodeNames, Annotated[Node, OrEmpty]]
    """The nodes by name; ``c1..20`` is twenty of them."""

    links: Annotated[tuple[AnyLink, ...], OrNone] = ()
    """The lab's links."""

    scenario: Annotated[tuple[AnyStep, ...], OrNone] = ()
    """Steps that run one after the other."""

    expect: Annotated[tuple[AnyExpectation, ...], OrNone] = ()
    """What the lab must show."""
