from __future__ import annotations

from typing import Any

from netlab.agent.userspace.telling import Teller, told
from netlab.stack.events import Variables
from netlab.stack.ip.events import AddressChanged
from netlab.stack.tcp.pair import Pair
from netlab.wire.address import from_text

PAIR = Pair(from_text("10.0.0.2"), 1500, from_text("10.0.0.1"), 7)


def test_an_address_that_somebody_else_has_is_told():
    rival = bytes.fromhex("020000000009")
    event = AddressChanged(5, "eth0", from_text("fd00::1"), "duplicated", rival)
    assert told(event, 100) == {
        "kind": "notice",
        "t": 105,
        "text": "fd00::1 of eth0 is not used: 02:00:00:00:00:09 has it, too",
    }
    assert told(AddressChanged(5, "eth0", from_text("fd00::1"), "preferred"), 100) is None


def test_of_endless_changes_the_first_are_told_and_once_that_there_are_more():
    events: list[dict[str, Any]] = []
    teller = Teller(events.append, 100, most=3)
    for time in range(10):
        teller.hear(Variables(time, PAIR, {"SND.UNA": time}))
    *first, last = events
    assert [(each["t"], each["values"]["SND.UNA"]) for each in first] == [
        *((100, 0), (101, 1), (102, 2))
    ]
    text = "the first 3 changes of control blocks are told, and no more"
    assert last == {"kind": "notice", "t": 103, "text": text}
