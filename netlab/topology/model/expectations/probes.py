"""What pings, traceroutes and ICMP observers find."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import PlainValidator, Tag, WithJsonSchema

from netlab.topology.hints import shown
from netlab.topology.model.base import ShortForm, in_words
from netlab.topology.model.expectations.base import ACount, Expected
from netlab.topology.model.fields import Flag, Label, Text
from netlab.topology.model.filter import icmp_kind

_ERROR = re.compile(
    r"(?P<kind>[0-9]{1,3}/[0-9]{1,3})(\s+from\s+(?P<node>[a-z][a-z0-9-]*))?", re.ASCII
)


def _observed(value: Any) -> str:
    kind = icmp_kind(value)
    return f"{'icmp' if kind.version == 4 else 'icmpv6'} {kind.type}/{kind.code}"


def _error(value: Any) -> str:
    match = _ERROR.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            f"an error of a probe looks like '3/1' or '3/1 from r1', not {shown(value)}"
        )
    return f"{match['kind']} from {match['node']}" if match["node"] else match["kind"]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_STRING = {"type": "string"}
AMessage = Annotated[str, PlainValidator(in_words(_observed)), WithJsonSchema(_STRING)]
AnError = Annotated[str, PlainValidator(in_words(_error)), WithJsonSchema(_STRING)]


class Replies(Expected):
    replies: dict[Label, ACount]
    """How many echoes of a ping are answered."""


class Hops(Expected):
    hops: dict[Label, tuple[Text, ...]]
    """The nodes that a traceroute meets; ``*`` is a hop that keeps silent."""


class ProbeErrors(Expected):
    probe_errors: dict[Label, Annotated[tuple[AnError, ...], ShortForm(None, _as_list)]]
    """The errors that the probes of a ping end in, such as ``3/4 from r1``."""


class Observed(Expected):
    observed: dict[Label, tuple[AMessage, ...]]
    """What an ICMP observer hears, in this order, such as ``icmp 3/13``."""

    exact: Flag = False
    """Nothing else."""


PROBE_VERBS = ("replies", "hops", "probe_errors", "observed")
ProbeExpectation = (
    Annotated[Replies, Tag("replies")]
    | Annotated[Hops, Tag("hops")]
    | Annotated[ProbeErrors, Tag("probe_errors")]
    | Annotated[Observed, Tag("observed")]
)
