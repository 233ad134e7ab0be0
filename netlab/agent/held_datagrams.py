"""A client's UDP socket that the scenario has named, and what goes over it."""

from __future__ import annotations

from dataclasses import dataclass, field

from netlab.agent.channel import Message
from netlab.agent.conversation import Accounts
from netlab.agent.network import Datagram, DatagramSocket, Endpoint
from netlab.agent.services import READ_SIZE


@dataclass(slots=True)
class HeldDatagrams:
    socket: DatagramSocket
    accounts: Accounts = field(default_factory=Accounts)

    async def send(self, data: bytes, to: Endpoint | None = None) -> None:
        await self.socket.send(data, to)
        self.accounts.sent.add(data)

    async def receive(self, _: Message, kept: bytearray) -> str:
        """Read a datagram into ``kept``; its sender."""
        datagram = await self.receive_datagram(READ_SIZE)
        kept += datagram.kept
        return datagram.sender

    async def receive_datagram(self, room: int) -> Datagram:
        datagram = await self.socket.receive(room)
        self.accounts.received.add(datagram.kept)
        return datagram

    async def receive_any(self) -> bytes:
        return (await self.receive_datagram(READ_SIZE)).kept
