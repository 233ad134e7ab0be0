"""Sets a lab's stretches up, each with an engine that this machine has, and speaks to them."""

from __future__ import annotations

import json
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from netlab.agent.channel import Caller, Channel, ChannelClosed
from netlab.backends.protocol import Listener, Message
from netlab.errors import EnvironmentLacks, LabError
from netlab.fabric import kernel_counts
from netlab.fabric.engines import candidates, said, why_not
from netlab.fabric.rules import queueing, rules
from netlab.fabric.stretches import Stretch, stretches
from netlab.topology.impairment import Engine
from netlab.topology.plan import Plan

#: Stretches that one run of nft or one request is about.
_AT_ONCE = 20

_SHOW_WAITING = ("tc", "-s", "-j", "qdisc", "show", "dev")

#: What tc says of a netem that it cannot set up, and what that means.
_REFUSALS = {
    'What is "seed"': "this machine's tc can give it no seed (iproute2 6.6 and newer can)",
    "qdisc kind is unknown": "this kernel does not have it (its module is sch_netem)",
}

_PACKAGES = {"nft": "nftables", "tc": "iproute2"}

#: Asks the lab's first process; may send it descriptors.
Ask = Callable[..., Awaitable[Message]]


class Impairer:
    def __init__(self, ask: Ask, listener: Listener) -> None:
        self._ask = ask
        self._listener = listener
        self._stretches: tuple[Stretch, ...] = ()
        self._engines: dict[str, Engine] = {}
        self._emulator: Caller | None = None

    async def up(self, plan: Plan) -> None:
        """To be called when the links are made, and before a packet can pass.

        EnvironmentLacks when an engine that the file asks for cannot be had here.
        """
        self._stretches = stretches(plan)
        if not self._stretches:
            return
        await self._switch_offloads_off()
        failed: dict[str, str] = {}
        for engine in (Engine.NETEM, Engine.NFT):
            wanting = [each for each in self._stretches if self._is_next(each, engine)]
            for some in _chunks(wanting):
                failed |= await self._try_kernel(engine, some)
        await self._emulate([s for s in self._stretches if s.name not in self._engines])
        for each in self._stretches:
            self._tell(each, failed.get(each.name, ""))

    def _is_next(self, stretch: Stretch, engine: Engine) -> bool:
        if engine in candidates(stretch) and stretch.impairment.engine is engine:
            if why := why_not(stretch, engine):
                place = next((f.where for f in stretch.impairment.faults), stretch.name)
                raise LabError(f"{engine} cannot do it: {why}", where=place)
            return True
        return stretch.name not in self._engines and engine in candidates(stretch)

    async def _switch_offloads_off(self) -> None:
        names = [name for each in self._stretches for name in (each.left, each.right)]
        answer = await self._ask({"do": "offloads", "interfaces": names})
        if answer["problems"]:
            raise LabError(f"links cannot be impaired: {'; '.join(answer['problems'])}")

    async def _try_kernel(self, engine: Engine, some: Sequence[Stretch]) -> dict[str, str]:
        """Set ``some`` up in the kernel; why it refused, by the stretch's name, if it did."""
        refusal = await self._run(["nft", "-f", "-"], [line for s in some for line in rules(s)])
        if not refusal:
            waiting = [line for each in some for line in queueing(each, engine)]
            refusal = await self._run(["tc", "-batch", "-"], waiting)
        if not refusal:
            self._engines |= {each.name: engine for each in some}
            return {}
        await self._clean(some)
        for each in some:
            if each.impairment.engine is engine:
                raise EnvironmentLacks(
                    f"{each.name} asks for {engine}, which this machine does not have: {refusal}",
                    hint=f"leave 'engine: {engine}' out, or see `netlab doctor`",
                )
        return {each.name: f"not {engine}: {refusal}" for each in some}

    async def _clean(self, some: Sequence[Stretch]) -> None:
        for each in some:
            await self._run(["nft", "-f", "-"], [f"delete table netdev {each.left}"])
            for name in (each.left, each.right):
                await self._run(["tc", "-batch", "-"], [f"qdisc delete dev {name} root"])

    async def _run(self, argv: list[str], lines: list[str]) -> str:
        """Why a program of the fabric failed; nothing when it did not, or had nothing to do."""
        if not lines:
            return ""
        done = await self._ask({"do": "program", "argv": argv, "input": "\n".join(lines) + "\n"})
        if done["code"] == 127:
            return f"the program {argv[0]} is missing (install {_PACKAGES[argv[0]]})"
        if done["code"] != 0:
            return _in_words(done["output"]) or f"{argv[0]} failed"
        return ""

    async def _emulate(self, some: Sequence[Stretch]) -> None:
        if not some:
            return
        ours, theirs = socket.socketpair()
        await self._ask({"do": "emulator"}, [theirs.fileno()])
        theirs.close()
        self._emulator = Caller(await Channel.open(ours), self._listener)
        for chunk in _chunks(some):
            wanted = [_wanted(each) for each in chunk]
            await self._ask_emulator("join", stretches=wanted, of=len(some))
        self._engines |= {each.name: Engine.EMULATOR for each in some}

    async def _ask_emulator(self, do: str, **arguments: Any) -> Message:
        if self._emulator is None:
            raise LabError(f"no link is left to the emulator, so none can {do}")
        try:
            answer = await self._emulator.call(do, **arguments)
        except ChannelClosed:
            raise LabError("the emulator has ended: impaired links pass no packets") from None
        if not answer["ok"]:
            raise LabError(f"a link could not be impaired: {answer['error']}")
        return answer

    def _tell(self, stretch: Stretch, failed: str) -> None:
        engine = self._engines[stretch.name]
        why = f"{engine}: {failed}" if failed else said(stretch, engine)
        self._listener(
            {
                "kind": "stretch",
                "link": stretch.link,
                "stretch": stretch.name,
                "engine": str(engine),
                "text": why,
            }
        )

    async def ask(self, do: str, **arguments: Any) -> Message:
        """As Backend.impair."""
        if do == "counts":
            return {"ok": True, "counts": await self._counts()}
        if do in {"begin", "release"} and self._emulator is None:
            return {"ok": True}
        name = arguments.get("name")
        if name is not None and self._engines.get(name) is not Engine.EMULATOR:
            raise LabError(self._why_unchangeable(name), where=name)
        return await self._ask_emulator(do, **arguments)

    def _why_unchangeable(self, name: str) -> str:
        if name in self._engines:
            return f"the link is left to {self._engines[name]}, which is set once"
        return "the link does not pass the fabric: write 'impair: {}' at it, so that it does"

    async def _counts(self) -> list[Message]:
        counts: list[Message] = []
        if self._emulator is not None:
            counts += (await self._ask_emulator("counts"))["counts"]
        for each in self._stretches:
            if self._engines[each.name] is not Engine.EMULATOR:
                listed = await self._read("nft", "-j", "list", "table", "netdev", each.left)
                waiting = {
                    name: await self._read(*_SHOW_WAITING, name) or ()
                    for name in (each.left, each.right)
                }
                counts.append(kernel_counts.of(each, listed, waiting))
        order = list(self._engines)
        return [
            {**each, "engine": str(self._engines[each["name"]])}
            for each in sorted(counts, key=lambda count: order.index(count["name"]))
        ]

    async def _read(self, *argv: str) -> Any:
        done = await self._ask({"do": "program", "argv": argv, "input": "", "whole": True})
        with suppress(ValueError):
            return json.loads(done["output"])
        return None

    def close(self) -> None:
        if self._emulator is not None:
            self._emulator.close()


def _in_words(output: str) -> str:
    """What a program said first; of what is known, what it means."""
    known = next((words for said, words in _REFUSALS.items() if said in output), "")
    return known or next(iter(output.strip().splitlines()), "")


def _wanted(stretch: Stretch) -> Message:
    impairment = stretch.impairment
    return {
        "name": stretch.name,
        "link": stretch.link,
        "left": stretch.left,
        "right": stretch.right,
        "seed": stretch.seed,
        "forward": asdict(impairment.forward),
        "backward": asdict(impairment.backward),
        "faults": [asdict(fault) for fault in impairment.faults],
    }


def _chunks(items: Iterable[Stretch]) -> list[list[Stretch]]:
    everything = list(items)
    return [everything[start : start + _AT_ONCE] for start in range(0, len(everything), _AT_ONCE)]
