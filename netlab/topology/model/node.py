"""A node of the lab, and the defaults and kinds it may take its fields from."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Discriminator, PlainValidator, Tag, WithJsonSchema

from netlab.topology.hints import shown
from netlab.topology.model.base import Model, ShortForm, in_words
from netlab.topology.model.equipment import (
    Binds,
    Command,
    Files,
    Image,
    NodeReady,
    Resources,
    User,
)
from netlab.topology.model.fields import (
    Address,
    AStack,
    Congestion,
    InterfaceName,
    Label,
    Mac,
    Mtu,
    Text,
    network,
    word_of,
)
from netlab.topology.model.filter import Filter
from netlab.topology.model.observation import Observe
from netlab.topology.model.program import Environment, ProgramService
from netlab.topology.model.service import Service
from netlab.topology.plan import IPNetwork, Offload, Role

ROLES = tuple(Role)

_ROLE = word_of(ROLES, "'role'")
_OFFLOAD = word_of(tuple(Offload), "'offload'")
_SYSCTL = re.compile(r"net(\.[A-Za-z0-9_-]+)+", re.ASCII)
_SYSCTL_VALUE = re.compile(r"[A-Za-z0-9_.\- ]{1,200}", re.ASCII)


def _sysctls(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - a user's value
            f"sysctls are a mapping such as {{net.ipv4.ip_forward: 1}}, not {shown(value)}"
        )
    return {_sysctl(key): _setting(key, setting) for key, setting in value.items()}


def _sysctl(key: str) -> str:
    if not _SYSCTL.fullmatch(key):
        raise ValueError(f"{shown(key)} is no sysctl of the network; only net.* can be set")
    return key


def _setting(key: str, value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _SYSCTL_VALUE.fullmatch(text):
        raise ValueError(f"{key} takes a number or a word, not {shown(value)}")
    return text


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _or_empty(value: Any) -> Any:
    return {} if value is None else value


def _destination(value: Any) -> IPNetwork | None:
    return None if value == "default" else network(value)


_SYSCTLS_SCHEMA = {
    "type": "object",
    "propertyNames": {"pattern": r"^net(\.[A-Za-z0-9_-]+)+$"},
    "additionalProperties": {"type": ["string", "integer"]},
}

Offloading = Annotated[str, *_OFFLOAD]
Sysctls = Annotated[
    dict[str, str], PlainValidator(in_words(_sysctls)), WithJsonSchema(_SYSCTLS_SCHEMA)
]
Addresses = Annotated[tuple[Address, ...], ShortForm(None, _as_list)]
Destination = Annotated[
    Any, PlainValidator(in_words(_destination)), WithJsonSchema({"type": "string"})
]


def _kind_of_service(value: Any) -> str:
    return "run" if isinstance(value, dict) and "run" in value else "protocol"


AnyService = Annotated[
    Annotated[Service, Tag("protocol")] | Annotated[ProgramService, Tag("run")],
    Discriminator(
        lambda given: "run" if isinstance(given, dict) and "run" in given else "protocol"
    ),
]


class Interface(Model):
    mtu: Mtu | None = None
    """Bytes; below 1280 the interface has no IPv6 (RFC 8200 section 5)."""

    address: Addresses | None = None
    """One address with its prefix length, or a list of them; from the pools, when not given."""

    mac: Mac | None = None


class Route(Model):
    to: Destination
    """A subnet, or ``default``."""

    via: Text
    """The next hop: a neighbouring node's name or an address; ``none`` for no route there."""


class Defaults(Model):
    """What all nodes have in common."""

    mtu: Mtu | None = None
    stack: AStack | None = None
    """Whose TCP/IP the nodes speak: the kernel's, or netlab's own with ``user``."""

    offload: Offloading | None = None
    """``wire``: captures show what crosses the link; ``fast``: all offloads are on."""

    congestion: Congestion | None = None
    """The nodes' congestion control; cubic, when not given."""

    image: Image | None = None
    """What containers are made of, such as ``debian:12``; netlab's own, when not given."""

    env: Environment | None = None
    """Environment variables of all that is started in the node."""

    resources: Resources | None = None
    """How much of the machine a container may use."""


class Kind(Defaults):
    """A named bundle of node fields."""

    role: Annotated[str, *_ROLE] | None = None
    """A router forwards; the others differ in how the report draws them."""

    interfaces: Annotated[
        dict[InterfaceName, Annotated[Interface, ShortForm({"type": "null"}, _or_empty)]] | None,
        ShortForm({"type": "null"}, _or_empty),
    ] = None
    services: tuple[AnyService, ...] | None = None
    """Servers that come with netlab, and programs of your own."""

    sysctls: Sysctls | None = None
    """Settings of the node's own network, such as ``net.ipv4.tcp_sack: 0``."""

    routes: tuple[Route, ...] | None = None
    """Routes besides the computed ones."""

    filters: tuple[Filter, ...] | None = None
    """Packets that do not pass, such as ``{drop: icmp.type == 3 and icmp.code == 4}``."""

    observe: Observe | None = None
    """What is watched in it beyond packets and states; the lab's, when not given."""

    files: Annotated[Files | None, ShortForm({"type": "null"}, _or_empty)] = None
    """Files that the node sees, such as ``/etc/motd: "hello"``; this machine's stay the same."""

    binds: Binds | None = None
    """This machine's files and folders in the node: ``./data:/srv/data``, or with ``:ro``."""

    command: Command | None = None
    """The main program of the container, in the place of its image's."""

    user: User | None = None
    """As whom the main program runs; as the image says, when not given."""

    ready: NodeReady | None = None
    """How it is known that the main program is ready; as soon as it runs, when not given."""


class Node(Kind):
    kind: Label | None = None
    """One of ``kinds``; the node's own fields win over it."""
