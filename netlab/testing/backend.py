"""A backend without a lab: it notes what it is asked, and answers as a test has arranged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netlab.backends.protocol import Listener, Message
from netlab.collect.counts import InterfaceCount
from netlab.topology.plan import Plan

_OPERATIONS = frozenset({"connect", "open", "send", "receive", "request", "shutdown", "close"})


class PlayedBackend:
    """``requests`` are what its nodes were asked: seconds on the loop's clock, node, words.

    An operation on the connection ``conn`` takes ``takes[conn]`` seconds and fails with
    ``fails[conn]`` (errno's name, text). ``tables`` are the socket tables to come; the last stays.
    ``destroys``: its kernel can destroy sockets. ``still_run`` are a node's programs that
    still run at the end, ``configurations`` what each node was last changed to.
    A change such as ``set-link`` fails as operations do, by its name.
    """

    name = "played"
    is_virtual = False
    supports = frozenset({"env", "files", "binds"})

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.requests: list[tuple[float, str, str]] = []
        self.takes: dict[str, float] = {}
        self.fails: dict[str, tuple[str, str]] = {}
        self.destroys = True
        self.configurations: dict[str, Message] = {}
        self.still_run: dict[str, list[str]] = {}
        self.tables: list[list[dict[str, Any]]] = [[]]

    def runner(self) -> asyncio.Runner:
        return asyncio.Runner()

    async def call(self, node: str, do: str, **arguments: Any) -> Message:
        conn = arguments.get("conn", "")
        what = conn or arguments.get("process") or arguments.get("service", "")
        self._note(node, f"{do} {what}".strip())
        await asyncio.sleep(self.takes.get(conn, 0))
        event = {"node": node, "conn": conn, "op": do}
        if failure := self.fails.get(conn):
            errno, error = failure
            if do in _OPERATIONS:
                self._listener({"kind": "op", "status": "error", "errno": errno, **event})
            return {"ok": False, "errno": errno, "error": error}
        if do == "end-programs":
            return {"ok": True, "ended": self.still_run.get(node, [])}
        if do == "start":
            self._listener({"kind": "process", "node": node, "process": conn, "status": "started"})
        elif do == "exec":
            self._listener({"kind": "program", "node": node, "conn": conn, "exit_code": 0})
        elif do in _OPERATIONS:
            self._listener({"kind": "op", "status": "ok", **event})
        return {"ok": True}

    async def change(self, node: str, what: str, **arguments: Any) -> list[str]:
        self._note(node, f"{what} {_change_words(what, arguments)}")
        self.configurations[node] = arguments["configuration"]
        failure = self.fails.get(what)
        return [failure[1]] if failure else []

    async def freeze(self, node: str) -> None:
        self._note(node, "freeze")

    async def thaw(self, node: str) -> None:
        self._note(node, "thaw")

    async def crash(self, node: str, interfaces: Sequence[str]) -> bool:
        self._note(node, f"crash {' '.join(interfaces)}")
        return self.destroys

    async def restart(self, node: str) -> None:
        self._note(node, "restart")

    async def until_ready(self, nodes: Sequence[str]) -> None:
        self._note(" ".join(nodes), "until ready")

    def _note(self, node: str, words: str) -> None:
        self.requests.append((asyncio.get_running_loop().time(), node, words))

    async def impair(self, do: str, **arguments: Any) -> Message:
        words = " ".join(str(each) for key, each in arguments.items() if key != "t")
        self.requests.append((asyncio.get_running_loop().time(), "links", f"{do} {words}".strip()))
        return {"ok": True, "counts": []}

    async def sockets(self, node: str) -> Message:
        self._note(node, "sockets")
        table = self.tables.pop(0) if len(self.tables) > 1 else self.tables[0]
        return {"t": 1, "sockets": table}

    def entry(self, _node: str) -> Message:
        return {}

    def warm(self) -> None: ...

    def log(self) -> str:
        return ""

    async def up(self, plan: Plan, capture: Path | None, listener: Listener) -> None: ...

    async def flush(self) -> Sequence[InterfaceCount]:
        return ()

    async def idle(self) -> float:
        return 1.0

    async def ended(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def down(self) -> None: ...

    def kill(self) -> None: ...


def _change_words(what: str, arguments: Message) -> str:
    value = arguments.get("mtu") or arguments.get("address")
    if what == "set-link":
        value = "up" if arguments["up"] else "down"
    return f"{arguments['interface']} {value or ''}".rstrip()
