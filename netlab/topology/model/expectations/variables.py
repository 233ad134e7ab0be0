"""What the control block of an end says."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, PlainValidator, Tag, WithJsonSchema

from netlab.stack.tcp.variables import VARIABLES, Kind, Variable
from netlab.topology import units
from netlab.topology.expectations import Bounds, Claim
from netlab.topology.hints import did_you_mean, one_of, shown
from netlab.topology.model.base import ShortForm, in_words
from netlab.topology.model.expectations.base import EndName, Expected, Windowed
from netlab.topology.model.expectations.bounds import (
    Parse,
    Percentage,
    compared,
    nanoseconds,
    number,
)
from netlab.topology.model.fields import Duration
from netlab.topology.model.steps.base import AMoment

_CLAIM = re.compile(
    r"\s*(?:(?P<pick>max|min|first|last|always|ever)\s+)?(?P<name>[A-Za-z][A-Za-z0-9._]*)"
    r"\s+(?:never\s+(?P<never>falls|rises|changes)|(?P<rest>[=<>].*?|\S+(?: \S+)? to .*?))\s*",
    re.ASCII,
)
_COMPARED = re.compile(r"(?P<sign>==|<=|>=|<|>)\s*(?P<name>[A-Za-z][A-Za-z0-9._]*)", re.ASCII)
_SWITCHED = re.compile(r"==\s*(on|off)", re.ASCII)
_EXAMPLE = "max cwnd >= 14600 bytes"


_PARSERS: dict[Kind, Parse] = {
    Kind.SIZE: units.size,
    Kind.TIME: nanoseconds,
    Kind.TIMER: nanoseconds,
}
_EXAMPLES = {Kind.SIZE: _EXAMPLE, Kind.TIMER: "== off"}

_BY_NAME = {variable.field: variable for variable in VARIABLES.values()}


def _field(name: str) -> str:
    """``snd_una`` is ``SND.UNA``."""
    return name.lower().replace(".", "_")


def _variable(name: str) -> Variable:
    found = _BY_NAME.get(_field(name))
    if found is None:
        advice = did_you_mean(name, VARIABLES) or f"there are {one_of(VARIABLES)}"
        raise ValueError(f"{shown(name)} is no variable of a control block ({advice})")
    return found


def claim(value: Any) -> Claim:
    """What ``always SND.UNA <= SND.NXT`` or ``last SND.UNA == 1002`` says; ValueError in words."""
    match = _CLAIM.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a variable is asked about as in '{_EXAMPLE}', not {shown(value)}")
    variable, pick = _variable(match["name"]), match["pick"]
    words = [*filter(None, (pick, variable.name))]
    if match["never"]:
        if pick is not None:
            raise ValueError(f"'never' is about all values: leave out '{pick}'")
        if variable.kind is Kind.TIMER:
            raise ValueError(f"{variable.name} runs down: ask for on, off or a duration")
        text = " ".join([*words, "never", match["never"]])
        return Claim(text, variable.name, never=match["never"])
    compares = _COMPARED.fullmatch(match["rest"])
    if compares and (_field(compares["name"]) in _BY_NAME or "." in compares["name"]):
        other = _variable(compares["name"])
        if pick in {"max", "min"}:
            raise ValueError(f"compared with {other.name} it is at a time: say always or ever")
        if other.kind is not variable.kind:
            raise ValueError(f"{variable.name} and {other.name} count different things")
        text = " ".join([*words, compares["sign"], other.name])
        return Claim(text, variable.name, pick, sign=compares["sign"], other=other.name)
    if variable.kind is Kind.TIMER and (switched := _SWITCHED.fullmatch(match["rest"])):
        return _switch(variable, pick, switched[1])
    bounds = _bounds(variable, match["rest"])
    return Claim(" ".join([*words, bounds.text]), variable.name, pick, bounds)


def _switch(variable: Variable, pick: str | None, state: str) -> Claim:
    if pick in {"max", "min"}:
        raise ValueError(f"{variable.name} is on or off at a time: say always or ever")
    text = " ".join([*filter(None, (pick, variable.name)), "==", state])
    value = int(state == "on")
    bounds = Bounds(f"== {state}", value, value)
    return Claim(text, variable.name, pick, bounds, is_switch=True)


def _bounds(variable: Variable, text: str) -> Bounds:
    parse = _PARSERS.get(variable.kind, number)
    return compared(text, parse, _EXAMPLES.get(variable.kind, "== 1"))


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


AClaim = Annotated[Claim, PlainValidator(in_words(claim)), WithJsonSchema({"type": "string"})]
Claims = Annotated[tuple[AClaim, ...], Field(min_length=1), ShortForm(None, _as_list)]


class Variables(Expected, Windowed):
    variables: dict[EndName, Claims]
    """About an end, ``first`` or ``first@server``: ``always SND.UNA <= SND.NXT``."""

    at: AMoment | None = None
    """The values at this moment."""


class Isn(Expected):
    isn: Annotated[tuple[EndName, ...], Field(min_length=1)]
    """Ends of connections whose initial sequence numbers are all different."""

    tick: Duration | None = None
    """They rise, too: by one in this time."""

    tolerance: Percentage = 0.1
    """How far from that they may be."""


VARIABLE_VERBS = ("variables", "isn")
VariableExpectation = Annotated[Variables, Tag("variables")] | Annotated[Isn, Tag("isn")]
