"""What impaired links told, found again among the packets that the captures saw."""

from __future__ import annotations

from dataclasses import replace

from netlab.analyse.model import Analysis, Met, Transit
from netlab.analyse.run import analyse
from netlab.collect.events import Event
from netlab.testing import frames
from netlab.testing.impaired import cable, drop
from netlab.topology.impairment import Impairment, Profile
from netlab.topology.plan import Plan
from netlab.wire.digest import digest
from netlab.wire.pcapng import Frame, InterfaceDescription

CLIENT = InterfaceDescription(0, "c1:eth0")
SERVER = InterfaceDescription(1, "server:eth0")
MS = 1_000_000
LINK = "c1 -- server"
IMPAIRED = cable(Impairment(forward=Profile(loss=0.1)))


def sent(at: float, data: bytes) -> Frame:
    return Frame(CLIENT, round(at * MS), data, len(data), outbound=True)


def came(at: float, data: bytes) -> Frame:
    return Frame(SERVER, round(at * MS), data, len(data), outbound=False)


def told(action: str, reason: str, data: bytes, at: float = 1, text: str = "") -> Event:
    fields = {
        "link": LINK,
        "stretch": LINK,
        "way": "forward",
        "action": action,
        "reason": reason,
        "text": text,
        "digest": digest(data),
    }
    return Event(round(at * MS), "impairment", data=fields)


def run(plan: Plan, blocks: list[Frame], *events: Event) -> Analysis:
    return analyse(plan, events, [CLIENT, SERVER, *blocks])


def met(transits: tuple[Transit, ...]) -> list[tuple[str, ...]]:
    return [tuple(each.action for each in transit.met) for transit in transits]


def test_a_lost_packet_knows_why():
    one, two = frames.udp(1), frames.udp(2)
    blocks = [sent(1, one), sent(2, two), came(2.1, two)]
    found = run(IMPAIRED, blocks, told("drop", "loss", one)).transits
    assert found[0].met == (Met("drop", "loss", LINK),)
    assert found[1].met == ()


def test_equal_frames_are_told_in_their_order():
    same = frames.udp(1)
    blocks = [sent(1, same), sent(2, same), sent(3, same), came(2.1, same)]
    events = (told("drop", "loss", same, 1), told("hold", "reorder", same, 2))
    found = run(IMPAIRED, blocks, *events).transits
    assert sorted(met(found)) == [(), ("drop",), ("hold",)]


def test_one_frame_may_meet_several_things():
    one = frames.udp(1)
    events = (told("duplicate", "fault", one, 1, "twice"), told("hold", "fault", one, 1, "later"))
    found = run(IMPAIRED, [sent(1, one), came(5, one), came(5.1, one)], *events).transits
    assert met(found) == [("duplicate", "hold"), ("copy",)]
    assert [each.text for each in found[0].met] == ["twice", "later"]


def test_a_damaged_frame_knows_that_a_bit_was_flipped():
    one = frames.udp(1)
    damaged = one[:-1] + bytes([one[-1] ^ 1])
    blocks = [sent(1, one), came(1.1, damaged)]
    (found,) = run(IMPAIRED, blocks, told("corrupt", "corrupt", one)).transits
    assert found.met == (Met("corrupt", "corrupt", LINK),)
    assert found.received is None


def test_what_nftables_dropped_is_found_by_asking_again():
    plan = cable(Impairment(faults=(drop("udp", every=2),)))
    packets = [frames.udp(number) for number in range(4)]
    chosen = Event(0, "stretch", data={"stretch": LINK, "engine": "nft", "text": "nft"})
    found = run(plan, [sent(i + 1, data) for i, data in enumerate(packets)], chosen).transits
    assert met(found) == [(), ("drop",), (), ("drop",)]
    assert found[1].met[0].text == "drop udp"


def test_the_emulator_tells_by_itself():
    plan = cable(Impairment(faults=(drop("udp", every=2),)))
    chosen = Event(0, "stretch", data={"stretch": LINK, "engine": "emulator", "text": ""})
    found = run(plan, [sent(1, frames.udp(1)), sent(2, frames.udp(2))], chosen).transits
    assert met(found) == [(), ()]


def counted(engine: str, queue: int) -> Event:
    data = {"stretch": LINK, "link": LINK, "engine": engine, "way": "forward"}
    return Event(9, "impaired", data={**data, "passed": 1, "queue": queue})


def test_what_a_full_queue_of_the_kernel_dropped():
    one, two = frames.udp(1), frames.udp(2)
    blocks = [sent(1, one), sent(2, two), came(2.1, two)]
    assert met(run(IMPAIRED, blocks, counted("nft", 1)).transits) == [("drop",), ()]
    assert met(run(IMPAIRED, blocks, counted("nft", 0)).transits) == [(), ()]


def test_counts_are_kept_by_way():
    (count,) = run(IMPAIRED, [], counted("emulator", 3)).impaired
    assert (count.stretch, count.engine, count.forward) == (LINK, "emulator", True)
    assert count.packets == {"passed": 1, "queue": 3}


def test_links_that_are_not_impaired_cost_nothing():
    plan = replace(IMPAIRED, links=tuple(replace(link, impairments=()) for link in IMPAIRED.links))
    found = run(plan, [sent(1, frames.udp(1))], told("drop", "loss", frames.udp(1))).transits
    assert met(found) == [()]
