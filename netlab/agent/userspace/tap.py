"""What comes to a node on our stack, seen from beside its IP."""

from __future__ import annotations

from netlab.agent.news import News
from netlab.agent.userspace.opened import Opened
from netlab.stack.ip.layer import Ip


class StackTap(News):
    """``opened`` knows it until it is closed."""

    def __init__(self, ip: Ip, opened: Opened) -> None:
        super().__init__()
        self._ip = ip
        self._opened = opened
        ip.taps.append(self.note)
        opened.add(self)

    def close(self) -> None:
        self._opened.forget(self)
        if self.note in self._ip.taps:
            self._ip.taps.remove(self.note)

    def end(self) -> None:
        self.close()
