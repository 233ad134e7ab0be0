"""What a node is made of: image, main program, files, folders, limits."""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from netlab.topology import equipment as plan
from netlab.topology import units
from netlab.topology.hints import shown
from netlab.topology.model.base import Model, ShortForm, exactly_one_of, in_words, refuse
from netlab.topology.model.fields import Duration, Text, whole_number
from netlab.topology.model.program import Ready

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_REGISTRY = (
    rf"(?:localhost(?::[0-9]{{1,5}})?|{_HOST}(?:\.{_HOST})+(?::[0-9]{{1,5}})?|{_HOST}:[0-9]{{1,5}})"
)
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:{_REGISTRY}/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
_LONGEST_IMAGE = 255
_LONGEST_PATH = 1024
_MODE = re.compile("0?[0-7]{3}", re.ASCII)
_USER = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?", re.ASCII
)

#: Where the kernel shows itself, and what names in a lab are looked up in.
_NOT_FILES = ("/proc", "/sys")
_OF_THE_LAB = "/etc/hosts"

_FEWEST_CPUS, _MOST_CPUS = 0.01, 1024


def _image(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_IMAGE or not _IMAGE.fullmatch(value):
        capital = isinstance(value, str) and _IMAGE.fullmatch(value.lower())
        hint = " (names of images have no capital letters)" if capital else ""
        raise ValueError(
            f"an image is NAME, NAME:TAG or NAME@sha256:…, such as debian:12, not {shown(value)}"
            f"{hint}"
        )
    return value


def _command(value: Any) -> tuple[str, ...]:
    words = _words(value) if isinstance(value, str) else value
    if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
        if not words[0] or any("\0" in word for word in words):
            raise ValueError(f"{shown(value)} names no program")
        return tuple(words)
    raise ValueError(f"a command is words, as one text or as a list of texts, not {shown(value)}")


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        raise ValueError(f"a quotation in {shown(line)} has no end") from None


def path_in_node(value: Any) -> str:
    """An absolute path without detours; ValueError in words."""
    if not isinstance(value, str) or not value.startswith("/"):
        raise ValueError(f"a path in a node is absolute, such as /etc/motd, not {shown(value)}")
    if "\0" in value or len(value.encode("utf-8", "replace")) > _LONGEST_PATH:
        raise ValueError(f"no file can be called {shown(value)}")
    if value != posixpath.normpath(value) or value.startswith("//"):
        raise ValueError(
            f"{shown(value)} has detours; write {posixpath.normpath('/' + value.lstrip('/'))}"
        )
    if value == "/":
        raise ValueError("'/' is the whole node, no file or folder in it")
    if any(value == place or value.startswith(f"{place}/") for place in _NOT_FILES):
        raise ValueError(f"{shown(value)} is the kernel's own; 'sysctls' sets what can be set")
    if value == _OF_THE_LAB:
        raise ValueError(f"{_OF_THE_LAB} is the lab's own: the names of its nodes are in it")
    return value


def _mode(value: Any) -> int:
    if not isinstance(value, str) or not _MODE.fullmatch(value):
        quote = " (put it in quotes)" if isinstance(value, int) else ""
        raise ValueError(f"a mode is three octal digits such as '0644', not {shown(value)}{quote}")
    return int(value, 8)


@dataclass(frozen=True, slots=True)
class Bound:
    """``source`` is as the file has it."""

    source: str
    target: str
    read_only: bool


def _bind(value: Any) -> Bound:
    parts = value.split(":") if isinstance(value, str) else []
    if len(parts) == 3 and parts[2] != "ro":
        raise ValueError(f"a bind ends with ':ro' or with its target, not with ':{parts[2][:20]}'")
    if len(parts) not in {2, 3} or not parts[0] or "\0" in parts[0]:
        raise ValueError(
            f"a bind looks like ./data:/srv/data or ./data:/srv/data:ro, not {shown(value)}"
        )
    return Bound(parts[0], path_in_node(parts[1]), len(parts) == 3)


def _cpus(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"'cpus' is a number such as 0.5 or 2, not {shown(value)}")  # noqa: TRY004 - a user's value
    if not _FEWEST_CPUS <= value <= _MOST_CPUS:
        raise ValueError(f"'cpus' is {_FEWEST_CPUS} to {_MOST_CPUS}, not {value}")
    return float(value)


def _user(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _USER.fullmatch(text):
        raise ValueError(
            f"a user is a name or a number, such as www-data or 1000:1000, not {shown(value)}"
        )
    return text


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_content(value: Any) -> Any:
    return {"content": value} if isinstance(value, str) else value


_TEXT = {"type": "string"}
_WORDS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_PATH = {"type": "string", "pattern": "^/."}
_BIND = {"type": "string", "pattern": "^[^:]+:/[^:]+(:ro)?$", "examples": ["./data:/srv/data:ro"]}
_CPUS = {"type": "number", "minimum": _FEWEST_CPUS, "maximum": _MOST_CPUS}
_MEMORY = {"type": "string", "pattern": units.SIZE_PATTERN, "examples": ["256 MiB"]}

Image = Annotated[str, PlainValidator(in_words(_image)), WithJsonSchema(_TEXT)]
Command = Annotated[tuple[str, ...], PlainValidator(in_words(_command)), WithJsonSchema(_WORDS)]
PathInNode = Annotated[str, PlainValidator(in_words(path_in_node)), WithJsonSchema(_PATH)]
Mode = Annotated[
    int,
    PlainValidator(in_words(_mode)),
    WithJsonSchema({"type": "string", "pattern": "^0?[0-7]{3}$"}),
]
Binding = Annotated[Any, PlainValidator(in_words(_bind)), WithJsonSchema(_BIND)]
Binds = Annotated[tuple[Binding, ...], ShortForm(None, _as_list)]
User = Annotated[
    str, PlainValidator(in_words(_user)), WithJsonSchema({"type": ["string", "integer"]})
]


class File(Model):
    model_config = ConfigDict(json_schema_extra=exactly_one_of(("content", "from")))

    content: Text | None = None
    """Its text."""

    source: Annotated[Text | None, Field(alias="from")] = None
    """A file of this machine, at most 1 MiB; its path is relative to the topology file."""

    mode: Mode = 0o644
    """Who may do what with it, such as ``"0755"`` for a program."""

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if (self.content is None) == (self.source is None):
            raise refuse("a file has either 'content' or 'from'")
        return self


Files = dict[PathInNode, Annotated[File, ShortForm(_TEXT, _as_content)]]


class Resources(Model):
    memory: Annotated[
        int | None, PlainValidator(in_words(units.memory)), WithJsonSchema(_MEMORY)
    ] = None
    """How much memory its processes may use together, such as ``256 MiB``."""

    cpus: Annotated[float | None, PlainValidator(in_words(_cpus)), WithJsonSchema(_CPUS)] = None
    """How much of the processors it may have: 0.5 is half of one."""

    pids: Annotated[int, *whole_number(1, 2**22, "a number of processes")] | None = None
    """How many processes and threads it may have."""


class NodeReady(Ready):
    """How it is known that the main program of a node's image is ready."""

    within: Duration = 30.0
    """How long it may take."""

    def readiness(self) -> plan.Readiness:
        return plan.Readiness(probe=self.probe(), within=self.within)
