"""The language of packet expressions, in the spirit of Wireshark's display filters.

::

    expression  = term { ("or" | "||") term }
    term        = factor { ("and" | "&&") factor }
    factor      = ("not" | "!") factor | "(" expression ")" | test
    test        = field [ operator literal ]
    operator    = "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains"

A field that the packet lacks makes every comparison false, ``!=`` too: ``tcp.seq != 1`` is about
TCP segments. docs/filter.md describes the language and its fields.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from netlab.wire import address
from netlab.wire.expression import AllOf, AnyOf, Comparison, Expression, Not, Presence
from netlab.wire.fields import FIELDS, Field, Kind, Subject, Value, find

__all__ = ["Filter", "FilterError", "Subject"]

_Test: TypeAlias = Callable[[Subject], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<symbol>==|!=|<=|>=|&&|\|\||[<>!()])
      | (?P<word>[\w.:/-]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20}")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "contains": operator.contains,
}
_OPERATORS = {
    Kind.NUMBER: ("==", "!=", "<", "<=", ">", ">="),
    Kind.FLAG: ("==", "!="),
    Kind.ADDRESS: ("==", "!="),
    Kind.TEXT: ("==", "!=", "contains"),
    Kind.DATA: ("==", "!=", "contains"),
    Kind.PROTOCOL: (),
}
_FLAGS = {"1": 1, "true": 1, "0": 0, "false": 0}
_KEYWORDS = frozenset({"and", "or", "not", "contains"})
_SYNONYMS = {"&&": "and", "||": "or", "!": "not"}
#: More brackets than this are no expression of a human; Python's stack ends a little later.
_MAX_DEPTH = 50


class FilterError(ValueError):
    """An expression is wrong; ``column`` counts from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


class Filter:
    """A compiled expression; FilterError when it is wrong. ``tree`` is what it says."""

    __slots__ = ("_test", "expression", "tree")

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tree = _Parser(expression).parse()
        self._test = _compiled(self.tree)

    def matches(self, subject: Subject) -> bool:
        return self._test(subject)

    def __repr__(self) -> str:
        return f"Filter({self.expression!r})"


@dataclass(frozen=True, slots=True)
class _Token:
    """``kind`` is the keyword or symbol itself, or ``word``, ``string`` or ``end``."""

    kind: str
    text: str
    column: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(self.text)


def _tokens(expression: str) -> list[_Token]:
    found: list[_Token] = []
    stripped = expression.rstrip()
    offset = 0
    while offset < len(stripped):
        match = _TOKEN.match(stripped, offset)
        if match is None:
            start = offset + len(stripped[offset:]) - len(stripped[offset:].lstrip())
            raise FilterError(_unexpected(stripped[start]), start + 1)
        group = str(match.lastgroup)
        text = match[group]
        kind = _SYNONYMS.get(text, text) if group == "symbol" or text in _KEYWORDS else group
        found.append(_Token(kind, text, match.start(group) + 1))
        offset = match.end()
    return [*found, _Token("end", "", len(stripped) + 1)]


def _unexpected(character: str) -> str:
    if character == '"':
        return "the string does not end"
    hint = " (a comparison is ==)" if character == "=" else ""
    return f"{character!r} is not part of an expression{hint}"


class _Parser:
    """Recursive descent over the grammar above; each rule returns what it has read."""

    def __init__(self, expression: str) -> None:
        self._tokens = iter(_tokens(expression))
        self._token = next(self._tokens)
        self._depth = 0

    def parse(self) -> Expression:
        expression = self._expression()
        if self._token.kind != "end":
            self._fail(f"expected 'and' or 'or' before {self._token}")
        return expression

    def _expression(self) -> Expression:
        parts = [self._term()]
        while self._accept("or"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _term(self) -> Expression:
        parts = [self._factor()]
        while self._accept("and"):
            parts.append(self._factor())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _factor(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._fail(f"the expression nests deeper than {_MAX_DEPTH} levels")
        try:
            if self._accept("not"):
                return Not(self._factor())
            if self._accept("("):
                inner = self._expression()
                if not self._accept(")"):
                    self._fail(f"expected ')' before {self._token}")
                return inner
            return self._test()
        finally:
            self._depth -= 1

    def _test(self) -> Presence | Comparison:
        name = self._token
        if name.kind != "word":
            self._fail(f"expected a field, not {name}")
        field = find(name.text)
        if field is None:
            self._fail(_unknown(name.text))
        self._advance()
        sign = self._token
        if sign.kind not in _COMPARISONS:
            return Presence(name.text, field)
        if sign.kind not in _OPERATORS[field.kind]:
            self._fail(f"{name.text} is {_article(field.kind)}, which has no {sign.text}")
        self._advance()
        value = self._literal(name.text, field.kind)
        return Comparison(name.text, field, sign.kind, value)

    def _literal(self, name: str, kind: Kind) -> Value:
        token = self._token
        if token.kind not in {"word", "string"}:
            self._fail(f"expected a value to compare {name} with, not {token}")
        text = token.text
        if token.kind == "string":
            text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        value = _value(text, kind)
        if value is None:
            self._fail(f"{name} is {_article(kind)}, {text!r} is not")
        self._advance()
        return value

    def _accept(self, kind: str) -> bool:
        if self._token.kind != kind:
            return False
        self._advance()
        return True

    def _advance(self) -> None:
        self._token = next(self._tokens)

    def _fail(self, message: str) -> NoReturn:
        raise FilterError(message, self._token.column)


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, FIELDS, n=1)
    advice = f" (did you mean {close[0]}?)" if close else ""
    return f"there is no field {name!r}{advice}"


def _article(kind: Kind) -> str:
    return f"an {kind.value}" if kind is Kind.ADDRESS else f"a {kind.value}"


def _value(text: str, kind: Kind) -> Value | None:
    """What a literal stands for beside a field of this kind; None where it makes no sense."""
    if kind is Kind.NUMBER:
        return int(text, 0 if text[:2] in {"0x", "0X"} else 10) if _NUMBER.fullmatch(text) else None
    if kind is Kind.FLAG:
        return _FLAGS.get(text)
    if kind is Kind.ADDRESS:
        try:
            return address.from_text(text)
        except ValueError:
            return None
    return text.encode("utf-8", "surrogatepass") if kind is Kind.DATA else text


def _compiled(expression: Expression) -> _Test:
    match expression:
        case Presence(_, field):
            return _presence(field)
        case Comparison(_, field, sign, value):
            return _comparison(field, sign, value)
        case Not(inner):
            negated = _compiled(inner)
            return lambda s: not negated(s)
        case AllOf(parts):
            tests = [_compiled(part) for part in parts]
            return lambda s: all(test(s) for test in tests)
        case AnyOf(parts):
            tests = [_compiled(part) for part in parts]
            return lambda s: any(test(s) for test in tests)


def _presence(field: Field) -> _Test:
    if field.kind is Kind.FLAG:
        return lambda s: any(field.get(s))
    return lambda s: bool(field.get(s))


def _comparison(field: Field, sign: str, value: Value) -> _Test:
    get, compare = field.get, _COMPARISONS[sign]
    if sign == "!=":
        # Of two ports, neither may be the value: the opposite of ==, given that there are ports.
        return lambda s: bool(found := get(s)) and value not in found
    return lambda s: any(compare(own, value) for own in get(s))
