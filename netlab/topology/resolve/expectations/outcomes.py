"""What operations and programs come to."""

from __future__ import annotations

from collections.abc import Iterable

from netlab.topology import units
from netlab.topology.expectations import (
    ErrnoExpected,
    Expectation,
    ProgramExpected,
    ReceivedExpected,
)
from netlab.topology.hints import shown
from netlab.topology.marks import Path
from netlab.topology.model.expectations.outcomes import Bytes, Errno, ExitCode, Output, Received
from netlab.topology.resolve.expectations.base import Maker, Resolver
from netlab.topology.resolve.names import CONNECTIONS, TRAFFIC, Thing

_CONNECTED = (Thing.TCP, Thing.UDP)


def _errno(resolver: Resolver, model: Errno, path: Path) -> Iterable[Expectation]:
    for name, errno in model.errno.items():
        inner = (*path, "errno", name)
        if resolver.names.find(name, TRAFFIC, inner, key=True) is None:
            continue
        text = f"{name} fails with {errno}" if errno else f"nothing fails on {name}"
        yield ErrnoExpected(**resolver.common(model, inner, text), name=name, errno=errno)


def _received(resolver: Resolver, model: Received, path: Path) -> Iterable[Expectation]:
    for name, wanted in model.received.items():
        inner = (*path, "received", name)
        if not wanted.model_fields_set:
            resolver.problems.add(inner, "says nothing of what was received")
        things = _CONNECTED if wanted.equals else CONNECTIONS
        if resolver.names.find(name, things, inner, key=True) is None:
            continue
        yield ReceivedExpected(
            **resolver.common(model, inner, f"{name} received {_described(wanted)}"),
            connection=name,
            size=wanted.size,
            sha256=wanted.sha256,
            expected_text=wanted.text,
            equals_sent=wanted.equals is not None,
        )


def _described(wanted: Bytes) -> str:
    parts = [
        units.spell_size(wanted.size) if wanted.size is not None else "",
        shown(wanted.text) if wanted.text is not None else "",
        f"SHA-256 {wanted.sha256[:8]}…" if wanted.sha256 else "",
        "what it sent" if wanted.equals else "",
    ]
    return ", ".join(filter(None, parts))


def _exit(resolver: Resolver, model: ExitCode, path: Path) -> Iterable[Expectation]:
    for name, code in model.exit.items():
        inner = (*path, "exit", name)
        if resolver.names.find(name, (Thing.PROGRAM,), inner, key=True) is not None:
            text = f"{name} exits with {code}"
            yield ProgramExpected(**resolver.common(model, inner, text), name=name, exit_code=code)


def _output(resolver: Resolver, model: Output, path: Path) -> Iterable[Expectation]:
    for name, pattern in model.output.items():
        inner = (*path, "output", name)
        if resolver.names.find(name, (Thing.PROGRAM,), inner, key=True) is not None:
            text = f"{name} prints {pattern!r}"
            yield ProgramExpected(**resolver.common(model, inner, text), name=name, output=pattern)


MAKERS: dict[type, Maker] = {
    Errno: _errno,
    Received: _received,
    ExitCode: _exit,
    Output: _output,
}
