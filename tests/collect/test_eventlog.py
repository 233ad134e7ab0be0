from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from netlab.collect import events
from netlab.collect.eventlog import EventLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    made = EventLog(tmp_path / "events.jsonl", lab="observed", seed=7)
    yield made
    made.close()


def test_the_first_event_tells_the_epoch(log: EventLog):
    [run] = log.events
    assert (run.t, run.kind) == (0, "run")
    assert run.data == {"version": 1, "lab": "observed", "seed": 7, "epoch": log.epoch}
    assert abs(log.epoch - time.time_ns()) < 10_000_000_000


def test_times_count_from_the_epoch(log: EventLog):
    log.tell({"kind": "op", "t": log.epoch + 5, "node": "c1", "conn": "first", "op": "close"})
    event = log.events[-1]
    assert (event.t, event.node, event.conn) == (5, "c1", "first")
    assert event.data == {"op": "close"}


def test_an_event_without_a_time_happens_now(log: EventLog):
    log.tell({"kind": "notice", "text": "hello"})
    assert 0 <= log.events[-1].t < 10_000_000_000


def test_what_is_told_is_not_changed(log: EventLog):
    told = {"kind": "notice", "text": "hello"}
    log.tell(told)
    assert told == {"kind": "notice", "text": "hello"}


def test_the_file_holds_every_event_at_once(log: EventLog, tmp_path: Path):
    log.tell({"kind": "program", "output": "a\nb\u2028c\x85d\x7f"})
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert list(events.read(lines)) == log.events


def test_text_that_is_no_unicode_does_not_stop_the_log(log: EventLog, tmp_path: Path):
    log.tell({"kind": "notice", "text": "lone \udc80 surrogate"})
    log.close()
    assert (tmp_path / "events.jsonl").read_bytes().count(b"\n") == 2


def test_waiting_for_what_has_happened_already(log: EventLog):
    log.tell({"kind": "notice", "text": "first"})
    event = asyncio.run(log.wait_for(lambda each: each.kind == "notice", 5))
    assert event.data["text"] == "first"


def test_waiting_for_what_is_to_come(log: EventLog):
    async def play() -> None:
        waiting = asyncio.create_task(log.wait_for(lambda each: each.conn == "second", 5))
        for conn in ("first", "second", "third"):
            await asyncio.sleep(0)
            log.tell({"kind": "op", "conn": conn})
        assert (await waiting).conn == "second"

    asyncio.run(play())


def test_waiting_for_what_never_happens(log: EventLog):
    with pytest.raises(TimeoutError):
        asyncio.run(log.wait_for(lambda _: False, 0.01))


def test_a_full_disk_does_not_stop_what_observes():
    log = EventLog(Path("/dev/full"), lab="observed")
    log.tell({"kind": "notice", "text": "hello"})
    assert [event.kind for event in log.events] == ["run", "notice"]
    assert log.failed is not None
    assert log.failed.strerror == "No space left on device"
    log.close()
