"""A listening socket of TCP on our stack."""

from __future__ import annotations

from netlab.agent.channel import Message
from netlab.agent.userspace import options
from netlab.agent.userspace.naming import name
from netlab.agent.userspace.opened import Opened
from netlab.agent.userspace.stream import Stream
from netlab.stack.api.listening import StackListener
from netlab.stack.api.programs import Programs


class Listener:
    """Those that it accepts are the same program's."""

    def __init__(self, programs: Programs, opened: Opened, listener: StackListener) -> None:
        self._programs = programs
        self._opened = opened
        self._listener = listener
        opened.add(self)

    @property
    def local(self) -> str:
        return name(self._listener.local)

    def kept(self, asked: Message) -> Message:
        settings = self._listener.listener.settings
        return options.kept_by_stream(settings, self._programs.profile, asked)

    async def accept(self) -> tuple[Stream, str]:
        stream = await self._listener.accept()
        return Stream(self._programs, self._opened, connected=stream), name(stream.remote)

    def close(self) -> None:
        self._opened.forget(self)
        self._listener.close()

    def end(self) -> None:
        self.close()
