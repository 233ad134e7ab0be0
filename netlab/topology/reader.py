"""YAML text to plain data with marks. What could harm or surprise is refused in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from netlab.errors import Problem, TopologyError
from netlab.topology import scalars
from netlab.topology.marks import Document, Mark, Path, spelled

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml: slower, the same events
    from yaml import SafeLoader as Loader  # type: ignore[assignment] # the same, in Python

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 40
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"
MAX_FROM_ALIASES = 10_000

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True, eq=False)
class _Node:
    """One YAML node. ``items`` of a mapping are its pairs."""

    mark: Mark
    value: scalars.Scalar = None
    items: list[Any] = field(default_factory=list)
    kind: str = "scalar"
    pending: _Node | None = None  # the key that waits for its value
    closed: bool = True


class _Refused(Exception):
    def __init__(self, mark: Mark, message: str, hint: str = "", path: Path = ()) -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.hint = hint
        self.path = path


def decode(raw: bytes, source: str) -> str:
    """The text of a file's bytes.

    Raises:
        TopologyError: for more than 1 MiB and for what is not UTF-8.
    """
    if len(raw) > MAX_BYTES:
        raise _only(source, Mark(1, 1), "the file is larger than 1 MiB", "is it a topology file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise _only(source, _end_of(before), message, "save the file as UTF-8") from None


def read(text: str, source: str) -> Document:
    """Raises TopologyError when ``text`` is not the YAML that a topology file may use."""
    if len(text) > MAX_BYTES:
        raise _only(source, Mark(1, 1), "the file is larger than 1 MiB", "is it a topology file?")
    if bad := _FORBIDDEN.search(text):
        message = f"character U+{ord(bad[0]):04X} cannot stand in a YAML file"
        raise _only(source, _end_of(text[: bad.start()]), message)
    try:
        root = _compose(_events(text))
    except yaml.MarkedYAMLError as error:
        raise _only(source, *_in_words(error, text)) from None
    except yaml.YAMLError as error:
        raise _only(source, Mark(1, 1), f"not valid YAML: {error}") from None
    except _Refused as refused:
        raise _only(source, refused.mark, refused.message, refused.hint) from None
    plain = _Plain(source)
    try:
        data = plain.value(root, (), 0)
    except _Refused as refused:
        raise _only(source, refused.mark, refused.message, refused.hint) from None
    if plain.problems:
        raise TopologyError(plain.problems)
    return Document(source, data, plain.keys, plain.values)


def _only(source: str, mark: Mark, message: str, hint: str = "") -> TopologyError:
    return TopologyError([Problem(source, mark.line, mark.column, "", message, hint)])


def _end_of(text: str) -> Mark:
    line = text.count("\n") + 1
    return Mark(line, len(text) - (text.rfind("\n") + 1) + 1)


def _in_words(error: yaml.MarkedYAMLError, text: str) -> tuple[Mark, str, str]:
    at = error.problem_mark or error.context_mark
    if at is None:
        return Mark(1, 1), f"not valid YAML: {error.problem}", ""
    mark = Mark(at.line + 1, at.column + 1)
    lines = text.splitlines() or [""]
    line = lines[min(at.line, len(lines) - 1)]
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return mark, "a tab cannot indent YAML", "use spaces"
    if "nesting depth" in str(error.problem):  # PyYAML's own limit, where it comes first
        return mark, _TOO_DEEP, ""
    context = f" {error.context}" if error.context else ""
    if error.context and error.context_mark and error.context_mark.line != at.line:
        context += f" that begins on line {error.context_mark.line + 1}"
    hint = ""
    if "mapping values are not allowed" in str(error.problem):
        hint = "quote a text that contains ': '"
    return mark, f"not valid YAML: {error.problem}{context}", hint


def _events(text: str) -> Iterator[yaml.Event]:
    loader = Loader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return Mark(start.line + 1, start.column + 1) if start else Mark(1, 1)


def _compose(events: Iterator[yaml.Event]) -> _Node:
    """Built from events, not by recursion, so that depth is refused before it costs a stack."""
    composer = _Composer()
    for event in events:
        composer.take(event)
    if composer.root is None:
        raise _Refused(Mark(1, 1), "the file is empty", "a lab needs at least 'name' and 'nodes'")
    return composer.root


class _Composer:
    def __init__(self) -> None:
        self.root: _Node | None = None
        self._open: list[_Node] = []
        self._anchors: dict[str | None, _Node] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _Refused(_mark(event), "a second document", "one file is one lab")
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop().closed = True
            case yaml.AliasEvent():
                self._place(self._aliased(event), _mark(event))
            case yaml.ScalarEvent() | yaml.CollectionStartEvent():
                node = self._opened(event)
                self._place(node, node.mark)
                if not node.closed:
                    self._enter(node)

    def _enter(self, node: _Node) -> None:
        self._open.append(node)
        if len(self._open) > MAX_DEPTH:
            raise _Refused(node.mark, _TOO_DEEP)

    def _place(self, node: _Node, mark: Mark) -> None:
        if self._open:
            _append(self._open[-1], node, mark)
        else:
            self.root = node

    def _aliased(self, event: yaml.AliasEvent) -> _Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise _Refused(_mark(event), f"the alias *{event.anchor} has no anchor before it")
        if not node.closed:
            raise _Refused(_mark(event), f"the alias *{event.anchor} stands inside its own anchor")
        return node

    def _opened(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> _Node:
        mark = _mark(event)
        if event.tag is not None:
            message = f"the tag {event.tag!r} is not allowed"
            raise _Refused(mark, message, "a topology file has no tags")
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and event.style in {None, ""}
            node = _Node(mark, scalars.resolve(event.value) if plain else event.value)
            node.items = [event.value]  # as it was written: a key is always text
        else:
            kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
            node = _Node(mark, kind=kind, closed=False)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node


def _append(parent: _Node, node: _Node, mark: Mark) -> None:
    if parent.kind == "sequence":
        parent.items.append(node)
    elif parent.pending is None:
        if node.kind != "scalar":
            raise _Refused(mark, "a key must be a word, not a list or mapping")
        parent.pending = node
    else:
        parent.items.append((parent.pending, node))
        parent.pending = None


class _Plain:
    """Nodes to plain data; an aliased node is copied to each place that names it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.keys: dict[Path, Mark] = {}
        self.values: dict[Path, Mark] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()
        self._copied = 0

    def value(self, node: _Node, path: Path, depth: int) -> Any:
        self._count(node, depth)
        self.values[path] = node.mark
        if node.kind == "scalar":
            return node.value
        if node.kind == "sequence":
            return [self.value(item, (*path, i), depth + 1) for i, item in enumerate(node.items)]
        return self._mapping(node, path, depth)

    def _mapping(self, node: _Node, path: Path, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.items:
            name = key.items[0]
            if name in data:
                first = self.keys[*path, name]
                self._duplicate(key.mark, (*path, name), first)
                continue
            self.keys[*path, name] = key.mark
            data[name] = self.value(value, (*path, name), depth + 1)
        return data

    def _duplicate(self, mark: Mark, path: Path, first: Mark) -> None:
        message = f"the key {str(path[-1])!r} stands here twice, first on line {first.line}"
        self.problems.append(Problem(self.source, mark.line, mark.column, spelled(path), message))

    def _count(self, node: _Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _Refused(node.mark, _TOO_DEEP)
        if id(node) not in self._seen:
            self._seen.add(id(node))
            return
        self._copied += 1
        if self._copied > MAX_FROM_ALIASES:
            message = f"aliases expand to more than {MAX_FROM_ALIASES} values"
            raise _Refused(node.mark, message, "write out what is meant, or use kinds")
