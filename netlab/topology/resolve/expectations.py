"""Expectations: one for each thing that can come true or fail by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from netlab.topology import expectations as plan
from netlab.topology import units
from netlab.topology.draft import Draft
from netlab.topology.expectations import Expectation
from netlab.topology.hints import did_you_mean, shown
from netlab.topology.marks import Path
from netlab.topology.model import expectation as file
from netlab.topology.problems import Problems
from netlab.topology.resolve.directory import Directory, UnresolvedError
from netlab.topology.resolve.names import CONNECTIONS, Names, Thing
from netlab.topology.resolve.sockets import socket
from netlab.wire.filter import Filter, FilterError

_CONNECTED = (Thing.TCP, Thing.UDP)


def expectations(
    draft: Draft, directory: Directory, names: Names, problems: Problems, *, lenient: bool
) -> tuple[Expectation, ...]:
    """``lenient``: nodes and links have problems, so who has which address is not known."""
    maker = _Expectations(directory, names, problems, lenient=lenient)
    return tuple(
        made
        for index, model in enumerate(draft.lab.expect)
        for made in maker.of(model, draft.path("expect", index))
    )


class _Expectations:
    def __init__(
        self, directory: Directory, names: Names, problems: Problems, *, lenient: bool
    ) -> None:
        self._directory = directory
        self._names = names
        self._problems = problems
        self._lenient = lenient
        self._makers: dict[type, Callable[[Any, Path], Iterable[Expectation]]] = {
            file.States: self._states,
            file.Packets: self._packets,
            file.Sockets: self._sockets,
            file.Errno: self._errno,
            file.Received: self._received,
            file.ExitCode: self._exit,
            file.Output: self._output,
        }

    def of(self, model: file.Expected, path: Path) -> list[Expectation]:
        return list(self._makers[type(model)](model, path))

    def _common(self, model: file.Expected, path: Path, text: str) -> dict[str, Any]:
        return {
            "where": self._problems.document.where(path),
            "text": model.fact or text,
            "within": model.within,
        }

    def _states(self, model: file.States, path: Path) -> Iterable[Expectation]:
        for end, states in model.states.items():
            inner = (*path, "states", end)
            name, _, node = end.partition("@")
            if node and not self._is_node(node, inner):
                continue
            if self._names.find(name, (Thing.TCP,), inner, key=True) is None:
                continue
            yield plan.StatesExpected(
                **self._common(model, inner, f"{end} goes {' → '.join(states)}"),
                connection=name,
                node=node or None,
                states=states,
            )

    def _packets(self, model: file.Packets, path: Path) -> Iterable[Expectation]:
        for index, expression in enumerate(model.packets):
            self._check_expression(expression, (*path, "packets", index))
        if model.count is not None and len(model.packets) > 1:
            self._problems.add(
                (*path, "count"),
                "a count is of one expression",
                "several match in order, once each",
            )
        if model.exact and len(model.packets) == 1:
            self._problems.add((*path, "exact"), "'exact' is for several expressions in order")
        if model.over is not None:
            self._names.find(model.over, CONNECTIONS, (*path, "over"))
        if model.at is not None:
            self._check_place(model.at, (*path, "at"))
        text = "packets " + ", then ".join(model.packets)
        text += f", count {model.count}" if model.count else ""
        text += f", at {model.at}" if model.at else ""
        yield plan.PacketsExpected(
            **self._common(model, path, text),
            expressions=model.packets,
            count=model.count,
            exact=model.exact,
            at=model.at,
            connection=model.over,
        )

    def _check_expression(self, expression: str, path: Path) -> None:
        try:
            Filter(expression)
        except FilterError as error:
            self._problems.add(path, f"in {shown(expression)}: {error}")

    def _check_place(self, place: str, path: Path) -> None:
        name, colon, interface = place.partition(":")
        if not self._is_node(name, path) or not colon or self._lenient:
            return
        known = [each.name for each in self._directory.by_name[name].interfaces]
        if interface not in known:
            hint = did_you_mean(interface, known)
            self._problems.add(path, f"{name} has no interface {shown(interface)}", hint)

    def _is_node(self, name: str, path: Path) -> bool:
        try:
            self._directory.node(name)
        except ValueError as error:
            self._problems.add(path, str(error))
            return False
        return True

    def _sockets(self, model: file.Sockets, path: Path) -> Iterable[Expectation]:
        self._names.check_moment(model.at, (*path, "at"))
        for node, texts in model.sockets.items():
            inner = (*path, "sockets", node)
            if not self._is_node(node, inner):
                continue
            spelled = []
            for index, text in enumerate(texts):
                try:
                    spelled.append(socket(text, self._directory))
                except ValueError as error:
                    if not (self._lenient and isinstance(error, UnresolvedError)):
                        self._problems.add((*inner, index), str(error))
            when = f"at {model.at}" if model.at else "at the end"
            only = "only " if model.only else ""
            yield plan.SocketsExpected(
                **self._common(model, inner, f"{node} has {only}{', '.join(spelled)} {when}"),
                node=node,
                sockets=tuple(spelled),
                moment=model.at,
                only=model.only,
            )

    def _errno(self, model: file.Errno, path: Path) -> Iterable[Expectation]:
        for name, errno in model.errno.items():
            inner = (*path, "errno", name)
            if self._names.find(name, CONNECTIONS, inner, key=True) is None:
                continue
            text = f"{name} fails with {errno}" if errno else f"nothing fails on {name}"
            yield plan.ErrnoExpected(**self._common(model, inner, text), name=name, errno=errno)

    def _received(self, model: file.Received, path: Path) -> Iterable[Expectation]:
        for name, wanted in model.received.items():
            inner = (*path, "received", name)
            if not wanted.model_fields_set:
                self._problems.add(inner, "says nothing of what was received")
            things = _CONNECTED if wanted.equals else CONNECTIONS
            if self._names.find(name, things, inner, key=True) is None:
                continue
            yield plan.ReceivedExpected(
                **self._common(model, inner, f"{name} received {_described(wanted)}"),
                connection=name,
                size=wanted.size,
                sha256=wanted.sha256,
                expected_text=wanted.text,
                equals_sent=wanted.equals is not None,
            )

    def _exit(self, model: file.ExitCode, path: Path) -> Iterable[Expectation]:
        for name, code in model.exit.items():
            inner = (*path, "exit", name)
            if self._names.find(name, (Thing.PROGRAM,), inner, key=True) is not None:
                yield plan.ProgramExpected(
                    **self._common(model, inner, f"{name} exits with {code}"),
                    name=name,
                    exit_code=code,
                )

    def _output(self, model: file.Output, path: Path) -> Iterable[Expectation]:
        for name, pattern in model.output.items():
            inner = (*path, "output", name)
            if self._names.find(name, (Thing.PROGRAM,), inner, key=True) is not None:
                yield plan.ProgramExpected(
                    **self._common(model, inner, f"{name} prints {pattern!r}"),
                    name=name,
                    output=pattern,
                )


def _described(wanted: file.Bytes) -> str:
    parts = [
        units.spell_size(wanted.size) if wanted.size is not None else "",
        shown(wanted.text) if wanted.text is not None else "",
        f"SHA-256 {wanted.sha256[:8]}…" if wanted.sha256 else "",
        "what it sent" if wanted.equals else "",
    ]
    return ", ".join(filter(None, parts))
