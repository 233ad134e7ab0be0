"""One direction of a stretch, played in virtual time: milliseconds and frames in and out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.fabric.emulator import way as way_module
from netlab.fabric.emulator.hit import MOST_RANDOM, Hit
from netlab.fabric.emulator.played import Played
from netlab.fabric.emulator.sequences import Sequences
from netlab.fabric.emulator.way import Way
from netlab.testing.frames import arp_request, neighbour_solicitation, number_of, tcp, udp
from netlab.topology.impairment import CLEAR, Action, BurstLoss, Fault, Profile
from netlab.topology.moment import Moment
from netlab.wire.digest import digest
from netlab.wire.tcp import Flags

MS = 1_000_000
Timed = tuple[float, bytes]


def come_out(way: Way, until: float) -> list[Timed]:
    """What comes out up to ``until`` ms, each at the very time the way asked for."""
    out: list[Timed] = []
    while (at := way.next_timeout) is not None and at <= until * MS:
        out += [(at / MS, frame) for frame in way.frames_to_send(at)]
    return out


def cross(way: Way, arrivals: Iterable[Timed], until: float = 1e9) -> list[Timed]:
    out: list[Timed] = []
    for at, frame in arrivals:
        out += come_out(way, at)
        way.receive(round(at * MS), frame)
    return out + come_out(way, until)


def numbers(timed: Iterable[Timed]) -> list[int]:
    return [number_of(frame) for _, frame in timed]


def times(timed: Iterable[Timed]) -> list[float]:
    return [at for at, _ in timed]


def every_ms(count: int, size: int = 60) -> list[Timed]:
    return [(float(number), udp(number, size)) for number in range(count)]


def fault(action: Action, expression: str = "udp", **more: object) -> Fault:
    return Fault(action, expression, True, "lab.yaml:1:1", f"{action} {expression}", **more)  # type: ignore[arg-type] # fields by name


# Delay, jitter, order


def test_a_clear_way_passes_everything_at_once():
    way = Way("7", CLEAR)
    assert way.is_clear
    assert cross(way, every_ms(5)) == every_ms(5)
    assert way.is_clear


def test_delay_is_the_same_for_all():
    out = cross(Way("7", Profile(delay=0.02)), every_ms(5))
    assert out == [(at + 20, frame) for at, frame in every_ms(5)]


def test_jitter_spreads_the_delay_but_keeps_the_order():
    way = Way("7", Profile(delay=0.02, jitter=0.01))
    assert numbers(cross(way, every_ms(500))) == list(range(500))
    far_apart = [(number * 100.0, udp(number)) for number in range(10, 500)]
    delays = [at - 100 * number_of(frame) for at, frame in cross(way, far_apart)]
    assert 10 <= min(delays) < 10.5
    assert 29.5 < max(delays) <= 30
    assert sum(delays) / len(delays) == pytest.approx(20, rel=0.05)


def test_jitter_larger_than_the_delay_is_no_time_machine():
    far_apart = [(number * 100.0, udp(number)) for number in range(100)]
    out = cross(Way("7", Profile(delay=0.001, jitter=0.01)), far_apart)
    assert all(at >= 100 * number for number, at in enumerate(times(out)))
    assert any(at == 100 * number for number, at in enumerate(times(out)))


def test_a_held_back_packet_is_overtaken():
    way = Way("7", Profile(delay=0.005, reorder=0.1, reorder_by=0.0035))
    out = cross(way, every_ms(200))
    late = [number for at, number in zip(times(out), numbers(out), strict=True) if at - number > 5]
    assert len(late) == way.tally.reordered > 0
    assert numbers(out) != list(range(200))
    others = [number for number in numbers(out) if number not in late]
    assert others == sorted(others)
    place = numbers(out).index(late[0])
    assert times(out)[place] == late[0] + 8.5


def test_a_shorter_delay_does_not_let_packets_overtake():
    way = Way("7", Profile(delay=0.1))
    way.receive(0, udp(1))
    way.change(MS, replace(way.profile, delay=0.0))
    way.receive(2 * MS, udp(2))
    assert come_out(way, 1000) == [(100, udp(1)), (100, udp(2))]


# Rate and queue


def test_frames_leave_at_the_rate():
    """1250 bytes are 10,000 bits: 10 ms at 1 Mbit/s, counted from the first bit to the last."""
    frames = [(0.0, udp(number, 1250)) for number in range(5)]
    out = cross(Way("7", Profile(rate=1e6, queue=10_000)), frames)
    assert times(out) == [10, 20, 30, 40, 50]
    assert numbers(out) == [0, 1, 2, 3, 4]


def test_delay_begins_when_the_last_bit_has_left():
    out = cross(Way("7", Profile(rate=1e6, delay=0.1)), [(0.0, udp(0, 1250))])
    assert times(out) == [110]


def test_who_asks_late_changes_no_time():
    """Only what is due is late then: what leaves the queue meanwhile left it when it should."""
    holding = fault(Action.HOLD, nth=(2,), duration=0.05)
    way = Way("7", Profile(rate=1e6, delay=1.0), [holding])
    for number in range(4):
        way.receive(0, udp(number, 1250))
    assert list(way.frames_to_send(100 * MS)) == []
    assert [(at, number_of(frame)) for at, frame in come_out(way, 2000)] == [
        (1010, 0),
        (1020, 2),
        (1030, 3),
        (1060, 1),
    ]


def test_an_idle_link_saves_no_credit():
    frames = [(500.0, udp(0, 1250)), (500.0, udp(1, 1250))]
    assert times(cross(Way("7", Profile(rate=1e6)), frames)) == [510, 520]


def test_a_frame_that_is_read_late_does_not_overlap_the_one_before():
    way = Way("7", Profile(rate=1e6))
    way.receive(0, udp(0, 1250))
    assert times(come_out(way, 10)) == [10]
    way.receive(9 * MS, udp(1, 1250))
    assert times(come_out(way, 100)) == [20]


def test_a_full_queue_drops_what_comes_last():
    way = Way("7", Profile(rate=1e6, queue=2500))
    out = cross(way, [(0.0, udp(number, 1250)) for number in range(5)])
    assert numbers(out) == [0, 1, 2]  # one is being sent, two wait
    assert way.tally.queue == 2


def test_the_queue_has_room_again_when_a_frame_has_left():
    way = Way("7", Profile(rate=1e6, queue=1250))
    arrivals = [(0.0, udp(0, 1250)), (0.0, udp(1, 1250)), (10.0, udp(2, 1250))]
    assert times(cross(way, arrivals)) == [10, 20, 30]


@pytest.mark.parametrize(("rate", "frames"), [(1e6, 13), (1e8, 1001)])
def test_the_usual_queue_is_ten_frames_or_a_tenth_of_a_second(rate: float, frames: int):
    way = Way("7", Profile(rate=rate))
    out = cross(way, [(0.0, udp(number, 1250)) for number in range(2000)])
    assert len(out) == frames
    assert way.tally.queue == 2000 - frames


def test_a_queue_without_room_still_sends_one_at_a_time():
    way = Way("7", Profile(rate=1e6, queue=0))
    out = cross(way, [(0.0, udp(0, 1250)), (1.0, udp(1, 1250)), (10.0, udp(2, 1250))])
    assert numbers(out) == [0, 2]


def test_a_new_rate_holds_for_what_waits():
    way = Way("7", Profile(rate=1e6))
    for number in range(3):
        way.receive(0, udp(number, 1250))
    way.change(5 * MS, replace(way.profile, rate=2e6))
    assert times(come_out(way, 1000)) == [7.5, 12.5, 17.5]


def test_without_its_rate_a_queue_empties_at_once():
    way = Way("7", Profile(rate=1e3))
    for number in range(3):
        way.receive(0, udp(number, 1250))
    way.change(5 * MS, CLEAR)
    assert come_out(way, 1000) == [(5, udp(number, 1250)) for number in range(3)]


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(60, 1514)), max_size=60))
def test_no_second_carries_more_than_the_rate(arrivals: list[tuple[float, int]]):
    rate = 1e6
    frames = [(at, udp(0, size)) for at, size in sorted(arrivals)]
    out = cross(Way("7", Profile(rate=rate, queue=1 << 20)), frames)
    assert len(out) == len(frames)
    for (before, _), (after, frame) in pairwise(out):
        assert after - before >= len(frame) * 8 / rate * 1000 - 0.001


# Chance


def lost(way: Way, packets: int) -> set[int]:
    return set(range(packets)) - set(numbers(cross(way, every_ms(packets))))


@pytest.mark.parametrize("chance", [0.01, 0.1, 0.5])
def test_loss_is_as_frequent_as_asked(chance: float):
    count = len(lost(Way("7", Profile(loss=chance)), 10_000))
    spread = 2.576 * math.sqrt(10_000 * chance * (1 - chance))  # the 99 % bound
    assert abs(count - 10_000 * chance) <= spread


def test_the_same_seed_loses_the_same_packets():
    profile = Profile(loss=0.1)
    assert lost(Way("7", profile), 200) == lost(Way("7", profile), 200)
    assert lost(Way("7", profile), 200) != lost(Way("8", profile), 200)


def test_nothing_and_everything():
    assert lost(Way("7", Profile(loss=1.0)), 50) == set(range(50))
    assert lost(Way("7", Profile(loss=0.0, jitter=0.001)), 50) == set()


def test_bursts_are_as_long_and_as_many_as_asked():
    way = Way("7", Profile(burst=BurstLoss(enter=0.02, leave=0.25)))
    gone = sorted(lost(way, 20_000))
    bursts = 1 + sum(after - before > 1 for before, after in pairwise(gone))
    assert len(gone) == way.tally.burst
    assert len(gone) / 20_000 == pytest.approx(0.02 / (0.02 + 0.25), rel=0.1)
    assert len(gone) / bursts == pytest.approx(1 / 0.25, rel=0.1)


def test_a_bad_state_need_not_lose_everything():
    way = Way("7", Profile(burst=BurstLoss(enter=1.0, leave=0.0, bad=0.3)))
    assert len(lost(way, 5_000)) / 5_000 == pytest.approx(0.3, rel=0.1)


def test_a_good_state_may_lose_too():
    way = Way("7", Profile(burst=BurstLoss(enter=0.0, leave=1.0, good=0.3)))
    assert len(lost(way, 5_000)) / 5_000 == pytest.approx(0.3, rel=0.1)


def test_losses_and_bursts_know_nothing_of_each_other():
    profile = Profile(loss=0.5, burst=BurstLoss(enter=1.0, leave=0.0, bad=0.5))
    assert len(lost(Way("7", profile), 5_000)) / 5_000 == pytest.approx(0.75, rel=0.05)


OTHERS = st.builds(
    Profile,
    loss=st.just(0.2),
    delay=st.floats(0, 0.1),
    jitter=st.sampled_from([0.0, 0.01]),
    corrupt=st.sampled_from([0.0, 0.5]),
    duplicate=st.sampled_from([0.0, 0.5]),
    reorder=st.sampled_from([0.0, 0.5]),
    rate=st.sampled_from([None, 1e9]),
)


@given(OTHERS)
def test_other_parameters_do_not_change_which_are_lost(profile: Profile):
    way, plain = Way("7", profile), Way("7", Profile(loss=0.2))
    cross(way, every_ms(60))
    gone: list[Hit] = []
    way = Way("7", profile, on_hit=gone.append)
    cross(way, every_ms(60))
    drops = {hit.digest for hit in gone if hit.reason == "loss"}
    assert drops == {digest(udp(number)) for number in lost(plain, 60)}


def test_a_change_of_one_parameter_leaves_the_others():
    way = Way("7", Profile(loss=0.2))
    before = cross(way, every_ms(30), until=30)
    way.change(30 * MS, replace(way.profile, delay=0.05))
    after = cross(way, every_ms(60)[30:])
    assert set(numbers(before) + numbers(after)) == set(range(60)) - lost(
        Way("7", Profile(loss=0.2)), 60
    )


def test_more_loss_loses_the_same_and_more():
    assert lost(Way("7", Profile(loss=0.1)), 300) < lost(Way("7", Profile(loss=0.2)), 300)


def test_duplicates_follow_at_once():
    way = Way("7", Profile(duplicate=0.3, delay=0.002))
    out = numbers(cross(way, every_ms(100)))
    twice = {number for number in out if out.count(number) == 2}
    assert len(twice) == way.tally.duplicated == len(out) - 100 > 0
    assert out == sorted(out)


@pytest.mark.parametrize("chance", [0.25, 1.0])
def test_corruption_flips_any_one_bit_behind_the_ethernet_header(chance: float):
    way = Way("7", Profile(corrupt=chance))
    sent = every_ms(round(4000 / chance))
    bits = set()
    for (_, before), (_, after) in zip(sent, cross(way, sent), strict=True):
        changed = int.from_bytes(before, "big") ^ int.from_bytes(after, "big")
        assert changed.bit_count() <= 1
        if changed:
            bits.add(len(before) * 8 - changed.bit_length())
    assert bits == set(range(14 * 8, 60 * 8))


def test_a_frame_without_a_body_cannot_be_corrupted():
    assert cross(Way("7", Profile(corrupt=1.0)), [(0.0, bytes(14))]) == [(0.0, bytes(14))]


@pytest.mark.parametrize("upkeep", [arp_request(), neighbour_solicitation()])
def test_upkeep_is_left_alone_by_chance(upkeep: bytes):
    everything = Profile(
        loss=1.0, burst=BurstLoss(1.0, 0.0), corrupt=1.0, duplicate=1.0, reorder=1.0
    )
    assert cross(Way("7", everything), [(0.0, upkeep)]) == [(0.0, upkeep)]


def test_upkeep_is_delayed_and_takes_time_to_send():
    request = arp_request()
    profile = Profile(delay=0.01, jitter=0.005, rate=len(request) * 8 * 1000)
    assert cross(Way("7", profile), [(0.0, request)]) == [(11, request)]


def test_upkeep_does_not_shift_what_is_lost():
    mixed = [timed for each in every_ms(100) for timed in (each, (each[0], arp_request()))]
    out = cross(Way("7", Profile(loss=0.2)), mixed)
    kept = {number_of(frame) for _, frame in out if frame != arp_request()}
    assert kept == set(range(100)) - lost(Way("7", Profile(loss=0.2)), 100)


# Faults


def test_the_second_one_is_dropped():
    way = Way("7", CLEAR, [fault(Action.DROP, nth=(2,))])
    assert numbers(cross(way, every_ms(4))) == [0, 2, 3]
    assert way.tally.fault == 1
    assert way.is_clear  # nothing more can happen


def test_every_third():
    way = Way("7", CLEAR, [fault(Action.DROP, every=3)])
    assert numbers(cross(way, every_ms(7))) == [0, 1, 3, 4, 6]
    assert not way.is_clear


def test_only_what_matches_is_counted():
    way = Way("7", CLEAR, [fault(Action.DROP, "tcp.flags.fin", nth=(2,))])
    fin, ack = tcp(Flags.FIN | Flags.ACK), tcp(Flags.ACK)
    sent = [fin, ack, udp(1), fin, ack, fin]
    out = cross(way, [(0.0, frame) for frame in sent])
    assert [frame for _, frame in out] == [fin, ack, udp(1), ack, fin]


def test_a_window_of_the_scenario():
    played = Played()
    window = fault(Action.DROP, since=1.0, before=2.0)
    way = Way("7", CLEAR, [window], played=played)
    assert numbers(cross(way, [(0.0, udp(1))])) == [1]  # it has not begun
    played.began = 500 * MS
    arrivals = [(float(at), udp(at)) for at in (1499, 1500, 2000, 2499, 2500)]
    assert numbers(cross(way, arrivals)) == [1499, 2500]


def test_a_window_counts_only_packets_of_its_time():
    played = Played(began=0)
    way = Way("7", CLEAR, [fault(Action.DROP, nth=(2,), since=0.002)], played=played)
    assert numbers(cross(way, every_ms(6))) == [0, 1, 2, 4, 5]


def test_a_held_packet_goes_on_after_its_time():
    way = Way("7", Profile(delay=0.01), [fault(Action.HOLD, nth=(1,), duration=0.3)])
    out = cross(way, every_ms(3))
    assert list(zip(times(out), numbers(out), strict=True)) == [(11, 1), (12, 2), (310, 0)]
    assert way.tally.held == 1


def test_a_packet_is_held_until_something_happens():
    hits: list[Hit] = []
    holding = fault(Action.HOLD, nth=(1, 2), until=Moment("first", "established"))
    way = Way("7", CLEAR, [holding], on_hit=hits.append)
    assert numbers(cross(way, every_ms(4))) == [2, 3]
    way.release(50 * MS, "second established")
    assert come_out(way, 60) == []
    way.release(70 * MS, "first established")
    assert come_out(way, 80) == [(70, udp(0)), (70, udp(1))]
    assert [(hit.action, hit.t / MS) for hit in hits] == [
        ("hold", 0),
        ("hold", 1),
        ("release", 70),
        ("release", 70),
    ]


def test_what_has_happened_already_is_not_waited_for():
    played = Played(happened={"first established"})
    holding = fault(Action.HOLD, until=Moment("first", "established"))
    assert numbers(cross(Way("7", CLEAR, [holding], played=played), every_ms(2))) == [0, 1]


def test_whichever_is_first_releases():
    holding = fault(Action.HOLD, duration=0.1, until=Moment("a", "done"))
    way = Way("7", CLEAR, [holding])
    way.receive(0, udp(0))
    way.receive(50 * MS, udp(1))
    assert come_out(way, 100) == [(100, udp(0))]
    way.release(120 * MS, "a done")
    assert come_out(way, 1000) == [(120, udp(1))]


def test_faults_duplicate_and_corrupt_exactly_one():
    twice = fault(Action.DUPLICATE, nth=(2,))
    broken = fault(Action.CORRUPT, nth=(3,))
    out = cross(Way("7", CLEAR, [twice, broken]), every_ms(4))
    assert numbers(out)[:3] == [0, 1, 1]
    assert [frame for _, frame in out].count(udp(2)) == 0
    assert len(out) == 5


def test_a_held_packet_may_be_duplicated_too():
    faults = [fault(Action.HOLD, nth=(1,), duration=0.1), fault(Action.DUPLICATE, nth=(1,))]
    assert numbers(cross(Way("7", CLEAR, faults), every_ms(2))) == [1, 0, 0]


def test_faults_do_not_shift_chances():
    dropping = Way("7", Profile(loss=0.2), [fault(Action.DROP, nth=tuple(range(1, 51)))])
    kept = set(numbers(cross(dropping, every_ms(100))))
    assert kept == set(range(50, 100)) - lost(Way("7", Profile(loss=0.2)), 100)


def test_a_fault_may_be_about_what_is_broken():
    broken = udp(1)[:-1] + b"x"
    out = cross(Way("7", CLEAR, [fault(Action.DROP, "frame.problem")]), [(0, udp(0)), (1, broken)])
    assert out == [(0, udp(0))]


def test_each_fault_counts_for_itself():
    faults = [fault(Action.DROP, nth=(1,)), fault(Action.DROP, nth=(2,))]
    assert numbers(cross(Way("7", CLEAR, faults), every_ms(4))) == [2, 3]


def test_a_fault_added_later_counts_from_then_on():
    way = Way("7", CLEAR)
    cross(way, every_ms(3))
    way.add(fault(Action.DROP, nth=(1,)))
    assert numbers(cross(way, [(5.0, udp(5)), (6.0, udp(6))])) == [6]


def test_a_fault_tells_what_it_did():
    hits: list[Hit] = []
    dropping = fault(Action.DROP, nth=(1,))
    cross(Way("7", CLEAR, [dropping], on_hit=hits.append), [(3.0, udp(5))])
    assert hits == [Hit("drop", "fault", "drop udp", 3 * MS, 3 * MS, 60, digest(udp(5)))]


def test_sequence_numbers_are_relative_where_the_syn_was_seen():
    sequences = Sequences()
    there = Way(
        "7",
        CLEAR,
        [fault(Action.DROP, "tcp.seq == 1 and tcp.ack == 1 and tcp.len > 0")],
        sequences=sequences,
    )
    back = Way("8", CLEAR, sequences=sequences)
    syn, syn_ack = (
        tcp(Flags.SYN, 2**32 - 1),
        tcp(Flags.SYN | Flags.ACK, 500, 0, back=True),
    )
    data = tcp(Flags.ACK | Flags.PSH, 0, 501, data=b"hello")
    assert len(cross(there, [(0.0, syn)])) == 1
    assert len(cross(back, [(1.0, syn_ack)])) == 1
    assert cross(there, [(2.0, data)]) == []


def test_all_that_happens_to_one_packet_is_told_of_the_frame_that_came():
    hits: list[Hit] = []
    profile = Profile(corrupt=1.0, duplicate=1.0, rate=1e6, delay=0.01, reorder=1.0)
    faults = [fault(Action.HOLD, duration=0.1), fault(Action.CORRUPT)]
    cross(Way("7", profile, faults, on_hit=hits.append), [(3.0, udp(5))])
    assert [(hit.action, hit.reason) for hit in hits] == [
        ("corrupt", "fault"),
        ("hold", "fault"),
        ("release", "fault"),
        ("corrupt", "corrupt"),
        ("duplicate", "duplicate"),
        ("hold", "reorder"),
        ("hold", "reorder"),
    ]
    assert {(hit.came, hit.digest) for hit in hits} == {(3 * MS, digest(udp(5)))}
    assert [hit.t for hit in hits] == sorted(hit.t for hit in hits)


# Telling and limits


def test_random_losses_are_told_up_to_a_limit():
    hits: list[Hit] = []
    way = Way("7", Profile(loss=1.0), on_hit=hits.append)
    cross(way, every_ms(MOST_RANDOM + 50))
    assert len(hits) == MOST_RANDOM
    assert way.tally.lost == MOST_RANDOM + 50
    assert hits[0] == Hit("drop", "loss", "", 0, 0, 60, digest(udp(0)))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(way_module, "MOST_KEPT", 10_000)
    way = Way("7", Profile(delay=100.0))
    out = cross(way, every_ms(1000))
    assert 0 < len(out) < 50
    assert way.tally.overflow == 1000 - len(out)


def test_memory_for_held_packets_is_bounded_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(way_module, "MOST_KEPT", 10_000)
    way = Way("7", CLEAR, [fault(Action.HOLD, until=Moment("a", "done"))])
    cross(way, every_ms(1000))
    assert way.tally.held + way.tally.overflow == 1000
    way.release(2000 * MS, "a done")
    assert len(come_out(way, 3000)) == way.tally.held


CHANCES = st.sampled_from([0.0, 0.3, 1.0])
PROFILES = st.builds(
    Profile,
    delay=st.floats(0, 0.05),
    jitter=st.floats(0, 0.05),
    loss=CHANCES,
    burst=st.none() | st.builds(BurstLoss, CHANCES, CHANCES),
    reorder=CHANCES,
    reorder_by=st.floats(0, 0.05),
    duplicate=CHANCES,
    corrupt=CHANCES,
    rate=st.none() | st.floats(1e4, 1e9),
    queue=st.none() | st.integers(0, 5000),
)
FAULTS = st.builds(
    fault,
    st.sampled_from(list(Action)),
    st.sampled_from(["udp", "frame.len > 40", "not tcp", "frame.problem", "eth"]),
    every=st.none() | st.integers(1, 4),
    duration=st.floats(0, 0.1),
)
NOISE = st.binary(max_size=120)
ARRIVALS = st.lists(
    st.tuples(st.floats(0, 100), NOISE | st.builds(udp, st.integers(0, 99))), max_size=40
)


@given(PROFILES, st.lists(FAULTS, max_size=3), ARRIVALS, st.floats(0, 100), PROFILES)
def test_every_packet_is_accounted_for(
    profile: Profile, faults: list[Fault], arrivals: list[Timed], at: float, changed: Profile
):
    way = Way("7", profile, faults)
    arrivals = sorted(arrivals, key=lambda each: each[0])
    early = [each for each in arrivals if each[0] <= at]
    out = cross(way, early, until=at)
    way.change(round(at * MS), changed)
    out += cross(way, arrivals[len(early) :])
    tally = way.tally
    dropped = tally.lost + tally.burst + tally.queue + tally.fault + tally.overflow
    assert len(out) + dropped == len(arrivals) + tally.duplicated
    assert times(out) == sorted(times(out))
    assert way.next_timeout is None
