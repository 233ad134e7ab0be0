"""What a link does to packets: ``{delay: 10ms, loss: 1%}``, each way alike or not, and faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from netlab.topology import units
from netlab.topology.hints import shown
from netlab.topology.impairment import Action, Engine
from netlab.topology.model.base import Model, ShortForm, in_words, refuse
from netlab.topology.model.fields import Duration, Percentage, Text, whole_number, word_of
from netlab.topology.model.steps.base import AMoment

NONE = "none"

_MOST_PACKETS = 1_000_000
_SLOWEST = 1000  # bit/s: the longest frame then takes nine minutes


@dataclass(frozen=True, slots=True)
class Queue:
    """A limit in bytes, or in full-size packets."""

    size: int
    packets: bool


def _queue(value: Any) -> Queue | None:
    if value == NONE:
        return None
    number, _, unit = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    if unit in {"packet", "packets"} and number.isascii() and number.isdigit():
        if not 1 <= int(number[:9]) <= _MOST_PACKETS:
            raise ValueError(f"a queue has 1 to {_MOST_PACKETS} packets, not {number}")
        return Queue(int(number), packets=True)
    if not isinstance(value, str) or not units.is_size(value):
        raise ValueError(f"a queue looks like 30 KB or 20 packets, not {shown(value)}")
    return Queue(units.size(value), packets=False)


def _rate(value: Any) -> int | None:
    if value == NONE:
        return None
    rate = units.rate(value)
    if rate < _SLOWEST:
        raise ValueError(f"a rate is 1 kbit/s at least, not {value}")
    return rate


class Loss(Model):
    """By chance (``1%``), or in bursts by the chain of Gilbert and Elliott."""

    chance: Percentage | None = None

    enter: Percentage | None = None
    """The chance to enter the bad state, asked once a packet."""

    leave: Percentage | None = None
    """The chance to leave it."""

    bad: Percentage = 1.0
    """The chance that a packet is lost in the bad state."""

    good: Percentage = 0.0
    """The chance that a packet is lost in the good state."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        burst = self.model_fields_set & {"enter", "leave", "bad", "good"}
        if self.chance is not None and burst:
            raise refuse("loss is either by chance or in bursts", "1% or {enter: 1%, leave: 30%}")
        if self.chance is None and not {"enter", "leave"} <= burst:
            raise refuse("loss in bursts needs 'enter' and 'leave'")
        return self


class Reorder(Model):
    chance: Percentage

    by: Duration = 0.01
    """How long a packet is held back, so that later ones overtake it."""


def _as_chance(value: Any) -> Any:
    return value if isinstance(value, dict) else {"chance": value}


_CHANCE = {"type": "string", "pattern": units.PERCENTAGE_PATTERN}
_RATE = {"anyOf": [{"type": "string", "pattern": units.RATE_PATTERN}, {"const": NONE}]}
_QUEUE = {"type": "string", "examples": ["30 KB", "20 packets"]}


class Profile(Model):
    """One direction of a link."""

    delay: Duration | None = None
    """How long each packet takes."""

    jitter: Duration | None = None
    """A packet takes the delay ± so long; packets stay in order."""

    loss: Annotated[Loss, ShortForm(_CHANCE, _as_chance)] | None = None
    """``1%`` at random, or in bursts: ``{enter: 1%, leave: 30%}``."""

    reorder: Annotated[Reorder, ShortForm(_CHANCE, _as_chance)] | None = None
    """How many packets are held back, so that later ones overtake them."""

    duplicate: Percentage | None = None
    """How many packets come twice."""

    corrupt: Percentage | None = None
    """In how many packets one bit behind the Ethernet header is flipped."""

    rate: Annotated[int | None, PlainValidator(in_words(_rate)), WithJsonSchema(_RATE)] = None
    """How fast the link sends, Ethernet headers counted."""

    queue: Annotated[Queue | None, PlainValidator(in_words(_queue)), WithJsonSchema(_QUEUE)] = None
    """What may wait for the rate, such as ``30 KB`` or ``20 packets``; more is dropped."""


_CLEAR = {
    "delay": "0s",
    "jitter": "0s",
    "loss": "0%",
    "reorder": "0%",
    "duplicate": "0%",
    "corrupt": "0%",
    "rate": NONE,
    "queue": NONE,
}


def _widen_profile(value: Any) -> Any:
    return _CLEAR if value == NONE else value


def _widen_impair(value: Any) -> Any:
    """A profile for both ways has the empty key."""
    return {"": value} if value == NONE or _is_profile(value) else value


def _is_profile(value: Any) -> bool:
    """Whether a mapping is a profile, rather than one for each way."""
    if not isinstance(value, dict) or any("->" in str(key) or key == "<-" for key in value):
        return False
    return any(
        key in _CLEAR or not (each == NONE or isinstance(each, dict)) for key, each in value.items()
    )


AnyProfile = Annotated[Profile, ShortForm({"const": NONE}, _widen_profile)]
Impair = Annotated[dict[str, AnyProfile], ShortForm(None, _widen_impair)]
EngineName = Annotated[str, *word_of(Engine, "an engine")]

_WHICH = whole_number(1, 1_000_000, "the number of a packet")
_EVERY = whole_number(1, 1_000_000, "'every'")


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


class Fault(Model):
    """Exactly these packets: ``{drop: tcp.flags.fin, nth: 2, way: "->"}``."""

    drop: Text | None = None
    """An expression of the packets that are dropped."""

    hold: Text | None = None
    """An expression of the packets that are held ``for`` a time or ``until`` a moment."""

    duplicate: Text | None = None
    """An expression of the packets that come twice."""

    corrupt: Text | None = None
    """An expression of the packets in which one bit is flipped."""

    way: Text = ""
    """``->`` from the first end to the second, ``<-`` back; ``c1 ->`` or ``-> c1`` on a LAN."""

    nth: Annotated[tuple[Annotated[int, *_WHICH], ...], ShortForm(None, _as_list)] | None = None
    """Only the packet of this number, or of these, of those that match; the first is 1."""

    every: Annotated[int, *_EVERY] | None = None
    """Only every so many of those that match."""

    since: Duration | None = Field(default=None, alias="from")
    """Only packets that come so long after the scenario began, or later."""

    before: Duration | None = Field(default=None, alias="to")
    """Only packets that come earlier than so long after the scenario began."""

    duration: Duration | None = Field(default=None, alias="for")
    """How long a packet is held."""

    until: AMoment | None = None
    """What a held packet waits for, such as ``first established``."""

    @property
    def action(self) -> Action:
        return next(each for each in Action if getattr(self, each) is not None)

    @property
    def expression(self) -> str:
        text: str = getattr(self, self.action)
        return text

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        actions = [str(each) for each in Action if getattr(self, each) is not None]
        if len(actions) != 1:
            raise refuse("a fault has one of drop, hold, duplicate and corrupt")
        if self.nth is not None and self.every is not None:
            raise refuse("a fault has either 'nth' or 'every'", at="every")
        if self.action is Action.HOLD and (self.until is None) == (self.duration is None):
            raise refuse("a packet is held either 'for' a time or 'until' a moment")
        if self.action is not Action.HOLD:
            for key, given in (("until", self.until), ("for", self.duration)):
                if given is not None:
                    raise refuse(f"{key!r} is for packets that are held", at=key)
        if self.since is not None and self.before is not None and self.before <= self.since:
            raise refuse("'to' must be later than 'from'", at="to")
        return self
