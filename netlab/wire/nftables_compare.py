"""How nftables compares what it reads: the alternatives for a sign and a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from netlab.wire.address import IPV4_LENGTH, to_text
from netlab.wire.fields import Value
from netlab.wire.nftables_match import ALWAYS, NEVER, Matches, any_of, asking

Compare: TypeAlias = Callable[[str, Value], Matches]


def number(read: str, bits: int, *, added: int = 0) -> Compare:
    """Compares what ``read`` reads plus ``added``."""

    def compare(sign: str, value: Value) -> Matches:
        assert isinstance(value, int)
        return _against(read, sign, value - added, (1 << bits) - 1)

    return compare


def _against(read: str, sign: str, value: int, most: int) -> Matches:
    """Where all that the field can hold gives one answer, nft would refuse the question."""
    answers = {holds(own, sign, value) for own in (0, most, min(max(value, 0), most))}
    if len(answers) == 1:
        return ALWAYS if answers.pop() else NEVER
    if sign == "!=" and most in _WHOLE_BYTES and not read.startswith(_NO_PAYLOAD):
        # nft 1.0.6 makes one comparison of two that stand side by side, even of these.
        read = f"{read} & {most:#x}"
    return (asking(f"{read} {sign} {value}"),)


_WHOLE_BYTES = frozenset({0xFF, 0xFFFF, 0xFFFF_FFFF})
_NO_PAYLOAD = ("meta ", "frag ", "tcp option ")


def address(read: str, length: int) -> Compare:
    def compare(sign: str, value: Value) -> Matches:
        assert isinstance(value, bytes)
        if len(value) != length:
            return ALWAYS if sign == "!=" else NEVER
        # The mask is for nft 1.0.6, as with numbers.
        every = f" & {to_text(bytes([255] * length))}" if sign == "!=" else ""
        return (asking(f"{read}{every} {sign} {to_text(value)}"),)

    return compare


def number_address(read: str) -> Compare:
    """An IPv4 address that nft reads as a number."""

    def compare(sign: str, value: Value) -> Matches:
        assert isinstance(value, bytes)
        if len(value) != IPV4_LENGTH:
            return ALWAYS if sign == "!=" else NEVER
        return (asking(f"{read} {sign} {int.from_bytes(value, 'big')}"),)

    return compare


def flag(when_set: Iterable[str], when_clear: Iterable[str]) -> Compare:
    def compare(sign: str, value: Value) -> Matches:
        chosen = when_set if bool(value) is (sign == "==") else when_clear
        return tuple(asking(each) for each in chosen)

    return compare


def offset(read: str, *, otherwise: str | None = None) -> Compare:
    """A fragment offset: nft reads units of 8 bytes, expressions say bytes.

    ``otherwise`` matches the packets without a fragment header, whose offset is 0.
    """

    def compare(sign: str, value: Value) -> Matches:
        assert isinstance(value, int)
        whole, rest = divmod(value, 8)
        if rest and sign in {"==", "!="}:
            found = ALWAYS if sign == "!=" else NEVER
        else:
            units = whole + 1 if rest and sign in {"<", ">="} else whole
            found = _against(read, sign, units, 0x1FFF)
        if otherwise and holds(0, sign, value):
            found = any_of(found, (asking(otherwise),))
        return found

    return compare


def holds(own: int, sign: str, value: int) -> bool:
    return {
        "==": own == value,
        "!=": own != value,
        "<": own < value,
        "<=": own <= value,
        ">": own > value,
        ">=": own >= value,
    }[sign]


def constant(value: int) -> Compare:
    def compare(sign: str, other: Value) -> Matches:
        assert isinstance(other, int)
        return ALWAYS if holds(value, sign, other) else NEVER

    return compare
