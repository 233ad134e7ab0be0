"""What happens in a host of the userspace stack, as events of a lab."""

from __future__ import annotations

from netlab.agent.channel import Emit, Message
from netlab.stack.api.programs import StackEvent
from netlab.stack.events import Transition, Variables
from netlab.stack.ip.events import AddressChanged
from netlab.stack.ip.interface import AddressState
from netlab.stack.tcp.pair import Pair
from netlab.wire.address import endpoint, to_text

#: Changes of control blocks that a node tells; of more there is a notice. A run keeps them all.
MOST_VARIABLES = 50_000


class Teller:
    """Tells what happens in a host; ``epoch`` as of ``told``."""

    def __init__(self, emit: Emit, epoch: int, *, most: int = MOST_VARIABLES) -> None:
        self._emit = emit
        self._epoch = epoch
        self._most = most
        self._left = most

    def hear(self, event: StackEvent) -> None:
        if isinstance(event, Variables) and not self._has_room(event):
            return
        if (message := told(event, self._epoch)) is not None:
            self._emit(message)

    def _has_room(self, event: Variables) -> bool:
        self._left -= 1
        if self._left == -1:
            text = f"the first {self._most:,} changes of control blocks are told, and no more"
            self._emit({"kind": "notice", "t": self._epoch + event.time, "text": text})
        return self._left >= 0


def told(event: StackEvent, epoch: int) -> Message | None:
    """The event of the lab, None for what is not told; ``epoch`` is the stack's zero, ns."""
    match event:
        case Transition():
            return {
                "kind": "state",
                "t": epoch + event.time,
                **_ends(event.pair),
                "old": event.before.value,
                "new": event.after.value,
                "source": "stack",
                "cause": event.cause.value,
            }
        case Variables():
            values = dict(event.values)
            return {
                "kind": "variables",
                "t": epoch + event.time,
                **_ends(event.pair),
                "values": values,
            }
        case AddressChanged(state=AddressState.DUPLICATED.value):
            address, rival = to_text(event.address), to_text(event.rival)
            text = f"{address} of {event.interface} is not used: {rival} has it, too"
            return {"kind": "notice", "t": epoch + event.time, "text": text}
    return None


def _ends(pair: Pair) -> Message:
    return {
        "transport": "tcp",
        "local": endpoint(pair.local, pair.local_port),
        "foreign": endpoint(pair.remote, pair.remote_port),
    }
