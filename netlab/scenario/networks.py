"""The nodes' networks as the scenario has made them: what a link that comes up restores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from netlab.backends.protocol import Backend, Message
from netlab.errors import LabError
from netlab.fabric.configuration import Configuration, InterfaceSettings, configuration
from netlab.topology.plan import End, Link, Plan


class Networks:
    """Changes interfaces, and remembers what every node has now."""

    def __init__(self, plan: Plan, backend: Backend) -> None:
        self._backend = backend
        self._links = plan.links
        self._current = {node.name: configuration(node) for node in plan.nodes}
        self._down: set[End] = set()
        self._off: set[str] = set()

    async def set_link(self, end: End, *, up: bool) -> None:
        """Take one end of a link down or up. That of a node that is off is so when it starts."""
        (self._down.discard if up else self._down.add)(end)
        if end.node in self._off:
            return
        problems = await self._change(end, "set-link", up=up)
        if problems:
            raise LabError(f"{end} could not be switched: {'; '.join(problems)}", where=end.node)

    async def settle(self, link: Link) -> None:
        """Wait for the carriers of a link whose ends are all up."""
        if any(end in self._down or end.node in self._off for end in link.ends):
            return  # what is up here may have no carrier, and need not
        for end in link.ends:
            problems = await self._change(end, "settle")
            if problems:
                raise LabError(f"{end} did not come up: {'; '.join(problems)}", where=end.node)

    async def set_mtu(self, end: End, mtu: int) -> Message:
        return await self._reconfigure(
            end, lambda settings: replace(settings, mtu=mtu), "set-mtu", mtu=mtu
        )

    async def add_address(self, end: End, address: str) -> Message:
        return await self._reconfigure(
            end,
            lambda settings: replace(settings, addresses=(*settings.addresses, address)),
            "add-address",
            address=address,
        )

    async def remove_address(self, end: End, address: str) -> Message:
        return await self._reconfigure(
            end,
            lambda settings: replace(
                settings, addresses=tuple(a for a in settings.addresses if a != address)
            ),
            "remove-address",
            address=address,
        )

    def switched_off(self, node: str) -> list[str]:
        """Note that a node loses its power; the interfaces that go down with it."""
        self._off.add(node)
        return [each.name for each in self._current[node].interfaces]

    async def switch_on(self, node: str) -> None:
        """Bring up the links of a node that has started again, but those that are to be down."""
        self._off.discard(node)
        for interface in self._current[node].interfaces:
            end = End(node, interface.name)
            if end not in self._down:
                await self.set_link(end, up=True)
        for link in self._links:
            if any(end.node == node for end in link.ends):
                await self.settle(link)

    async def _reconfigure(
        self,
        end: End,
        becomes: Callable[[InterfaceSettings], InterfaceSettings],
        what: str,
        **arguments: str | int,
    ) -> Message:
        """A failed step, when the kernel refuses: then nothing is remembered either."""
        if end.node in self._off:
            return {"ok": False, "error": f"{end.node} has crashed"}
        before = self._current[end.node]
        self._current[end.node] = replace(
            before,
            interfaces=tuple(
                becomes(each) if each.name == end.interface else each for each in before.interfaces
            ),
        )
        problems = await self._change(end, what, up=end not in self._down, **arguments)
        if problems:
            self._current[end.node] = before
            return {"ok": False, "error": "; ".join(problems)}
        return {}

    async def _change(self, end: End, what: str, **arguments: str | int) -> list[str]:
        wanted: Configuration = self._current[end.node]
        return await self._backend.change(
            end.node,
            what,
            interface=end.interface,
            configuration=wanted.to_json(),
            **arguments,
        )
