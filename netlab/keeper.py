"""Keeps a lab up after `netlab up` has returned, and answers for it.

A keeper listens on an abstract socket, ``@netlab/<uid>/<lab>``: a name that the kernel forgets
with the process. So the list of running labs is what the kernel says, and no state file can lie.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlab import runs
from netlab.errors import NetlabError, UsageError
from netlab.scenario.hand import Hand
from netlab.scenario.networks import Networks
from netlab.scenario.nodes import Nodes

if TYPE_CHECKING:
    from netlab.lab import Lab

Message = dict[str, Any]

_PREFIX = "netlab"
_UCRED = struct.Struct("3i")


def address(name: str, user: int | None = None) -> str:
    return f"\0{_PREFIX}/{os.getuid() if user is None else user}/{name}"


def running() -> list[tuple[int, str]]:
    """(user id, name) of every lab that is up; root sees all users' labs, others their own."""
    labs = set()
    for line in Path("/proc/net/unix").read_text().splitlines():
        name = line.rpartition(" ")[2]
        prefix, _, rest = name.partition("/")
        user, _, lab = rest.partition("/")
        if prefix == f"@{_PREFIX}" and user.isdigit() and lab:
            labs.add((int(user), lab))
    return sorted(lab for lab in labs if os.getuid() in {0, lab[0]})


def listener(name: str) -> socket.socket:
    """The socket of a lab's keeper, where requests wait until the lab is up.

    UsageError when a lab of that name is up.
    """
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(address(name))
    except OSError as error:
        made.close()
        raise UsageError(
            f"a lab named {name} is up already", hint=f"take it down: netlab down {name}"
        ) from error
    made.listen()
    return made


def find(name: str | None) -> tuple[int, str]:
    """The running lab ``name``, or the only one there is; UsageError when that names none."""
    labs = running()
    if name is None and len(labs) == 1:
        return labs[0]
    if not labs:
        raise UsageError("no lab is running", hint="start one: netlab up FILE")
    names = ", ".join(lab for _, lab in labs)
    if name is None:
        raise UsageError("which lab?", hint=f"running: {names}")
    own = [lab for lab in labs if lab == (os.getuid(), name)] or [
        lab for lab in labs if lab[1] == name
    ]
    if not own:
        raise UsageError(f"no lab {name} is running", hint=f"running: {names}")
    return own[0]


def ask(lab: tuple[int, str], do: str, **arguments: Any) -> Message:
    """A keeper's answer; UsageError when the lab has just ended."""
    user, name = lab
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(address(name, user))
            if _peer(connection) != user:
                raise UsageError(f"what calls itself lab {name} belongs to another user")
            connection.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
            with connection.makefile("rb") as lines:
                answer: Message = json.loads(lines.readline())
        except (OSError, ValueError) as error:
            raise UsageError(f"lab {name} does not answer: it has just ended") from error
    return answer


def _peer(connection: socket.socket) -> int:
    """The user id of the process at the other end."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    _, user, _ = _UCRED.unpack(credentials)
    return int(user)


async def keep(lab: Lab, where: socket.socket, ready: Callable[[], None], *, capture: bool) -> None:
    """Bring a lab up, call ``ready``, and keep it until it is to go down or has ended.

    ``where`` is its ``listener``.
    """
    await Keeper(lab).keep(where, ready, capture=capture)


class Keeper:
    """Answers for one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        networks = Networks(lab.plan, lab.backend)
        self._nodes = Nodes(lab.plan, lab.backend, lab.log, networks)
        self._hand = Hand(lab.plan, lab.backend, lab.log, networks)
        self._stop = asyncio.Event()
        self._over: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._conversations: set[asyncio.Task[None]] = set()

    async def keep(self, where: socket.socket, ready: Callable[[], None], *, capture: bool) -> None:
        from netlab.lab import Interruption  # noqa: PLC0415 - loaded by now

        interruption = Interruption()
        with interruption.watching():
            interruption.target = asyncio.current_task()
            async with self._lab.up(capture=capture):
                await self._hand.begin()
                server = await asyncio.start_unix_server(self._converse, sock=where)
                interruption.target = asyncio.create_task(self._until_over())
                ready()
                await asyncio.wait([interruption.target])
                self._hand.end()
                await self._lab.collect()
            runs.write_reports(self._lab)
        self._over.set_result({"folder": str(self._lab.folder.path.resolve())})
        await asyncio.gather(*self._conversations)
        server.close()

    async def _until_over(self) -> None:
        ended = asyncio.create_task(self._lab.backend.ended())
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            stopped.cancel()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._conversations.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._conversations.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        if _peer(connection) in {os.getuid(), 0}:
            with suppress(ValueError, KeyError, ConnectionError):
                request = json.loads(await reader.readline())
                answer = await self._answer(request)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()

    async def _answer(self, request: Message) -> Message:
        match request["do"]:
            case "down":
                self._stop.set()
                return await asyncio.shield(self._over)
            case "node":
                return await self._change_node(request["node"], request["what"])
            case "link":
                return await self._change_link(request["step"])
        return self._status()

    async def _change_node(self, node: str, what: str) -> Message:
        """``error`` and ``hint`` when it cannot be done."""
        changes = {
            "freeze": self._nodes.freeze,
            "thaw": self._nodes.thaw,
            "crash": self._nodes.crash,
            "restart": self._nodes.restart,
        }
        try:
            await changes[what](node)
        except NetlabError as error:
            return {"error": error.message, "hint": error.hint}
        return {"status": self._nodes.status(node)}

    async def _change_link(self, data: Message) -> Message:
        from netlab.topology.resolve.by_hand import link_step  # noqa: PLC0415 - few ask for it

        try:
            step = link_step(self._lab.plan, data)
            await self._hand.perform(step)
        except NetlabError as error:
            return {"error": str(error.message), "hint": error.hint}
        self._lab.log.tell({"kind": "notice", "text": f"by hand: {step.text}"})
        return {"told": step.text}

    def _status(self) -> Message:
        plan, backend = self._lab.plan, self._lab.backend
        return {
            "lab": plan.name,
            "source": plan.source,
            "backend": backend.name,
            "started": self._lab.facts.started,
            "folder": str(self._lab.folder.path.resolve()),
            "nodes": {
                node.name: {
                    "entry": backend.entry(node.name),
                    "status": self._nodes.status(node.name),
                    "role": str(node.role),
                    "env": dict(node.env),
                    "addresses": [
                        str(address.ip)
                        for interface in node.interfaces
                        for address in interface.addresses
                    ],
                }
                for node in plan.nodes
            },
        }
