"""Packet expressions as nftables matches, for chains of the families ``inet`` and ``netdev``.

An nftables rule is a conjunction, so an expression becomes alternatives: one match text each, of
which a packet may fit several. A rule set that counts sends them to one chain with ``goto``, so
that the first one that fits is the last one asked.

Truth is that of netlab.wire.filter: a negation also holds for packets without the field. Later
fragments have no transport header; nftables agrees where a match reads that header.
"""

from __future__ import annotations

from dataclasses import replace

from netlab.wire.expression import AllOf, AnyOf, Comparison, Expression, Not, Presence
from netlab.wire.fields import Kind
from netlab.wire.nftables_fields import READINGS, Reading
from netlab.wire.nftables_match import Family, Matches, Untranslatable, all_of, any_of

__all__ = ["Family", "Untranslatable", "matches"]

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


#: Fields that hold either of two.
_EITHER = {
    "ip.addr": ("ip.src", "ip.dst"),
    "tcp.port": ("tcp.srcport", "tcp.dstport"),
    "udp.port": ("udp.srcport", "udp.dstport"),
}

#: Why not, of fields that users would miss.
_WHY_NOT = {
    "tcp.len": "nftables cannot subtract header lengths",
    "tcp.seq": "nftables does not know where a connection's numbers begin; tcp.seq_raw works",
    "tcp.ack": "nftables does not know where a connection's numbers begin; tcp.ack_raw works",
    "src.node": "nftables knows addresses only; ip.src works",
    "dst.node": "nftables knows addresses only; ip.dst works",
}


def matches(expression: Expression, family: Family) -> tuple[str, ...]:
    """The match texts of which a packet fits one exactly when the expression is true of it.

    No text at all: no packet of this family can match. An empty text: every packet does.

    Raises:
        Untranslatable: nftables cannot ask this.
    """
    found = [match for match in _true(expression) if match.exists_in(family)]
    return tuple(dict.fromkeys(match.text() for match in found))


def _true(expression: Expression) -> Matches:
    match expression:
        case Presence(name, field):
            reading = _reading(name)
            return reading.compared("==", 1) if field.kind is Kind.FLAG else reading.present()
        case Comparison(name) if name in _EITHER:
            return _true(_spelled_out(expression))
        case Comparison(name, _, sign, value):
            return _reading(name).compared(sign, value)
        case Not(inner):
            return _false(inner)
        case AllOf(parts):
            return all_of(*map(_true, parts))
        case AnyOf(parts):
            return any_of(*map(_true, parts))


def _false(expression: Expression) -> Matches:  # noqa: PLR0911 - one return a kind
    match expression:
        case Presence(name, field):
            reading = _reading(name)
            if field.kind is not Kind.FLAG:
                return reading.absent()
            return any_of(reading.absent(), reading.compared("!=", 1))
        case Comparison(name) if name in _EITHER:
            return _false(_spelled_out(expression))
        case Comparison(name, _, sign, value):
            reading = _reading(name)
            return any_of(reading.absent(), reading.compared(_OPPOSITE[sign], value))
        case Not(inner):
            return _true(inner)
        case AllOf(parts):
            return any_of(*map(_false, parts))
        case AnyOf(parts):
            return all_of(*map(_false, parts))


def _spelled_out(comparison: Comparison) -> Expression:
    """``tcp.port == 7`` is about one of two fields, ``tcp.port != 7`` about both."""
    parts = tuple(replace(comparison, name=name) for name in _EITHER[comparison.name])
    return AllOf(parts) if comparison.sign == "!=" else AnyOf(parts)


def _reading(name: str) -> Reading:
    reading = READINGS.get(_EITHER.get(name, (name,))[0])
    if reading is None:
        because = _WHY_NOT.get(name)
        raise Untranslatable(f"nftables cannot read {name}" + (f": {because}" if because else ""))
    return reading
