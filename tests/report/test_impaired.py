"""Impaired links as every form of the report tells of them."""

from __future__ import annotations

import json
from dataclasses import replace

from netlab.analyse.model import Arrow, ImpairedCount, Met
from netlab.collect.events import Event
from netlab.report import html, json_form, text, wording
from netlab.report.run import Run

LINK = "c1 -- server"
CHOSEN = Event(1, "stretch", data={"stretch": LINK, "engine": "nft", "text": "nft, as asked"})
COUNTS = (
    ImpairedCount(LINK, "nft", forward=True, packets={"passed": 7, "fault": 2, "queue": 0}),
    ImpairedCount(LINK, "nft", forward=False, packets={"passed": 5, "lost": 1}),
)


def impaired(run: Run) -> Run:
    return replace(
        run,
        events=(*run.events, CHOSEN),
        analysis=replace(run.analysis, impaired=COUNTS),
    )


def arrow_that_met(run: Run, *met: Met, lost: bool) -> Arrow:
    arrow = run.analysis.connections[0].arrows[0]
    lost_after = "c1:eth0" if lost else None
    return replace(arrow, transit=replace(arrow.transit, met=met, lost_after=lost_after))


def test_text_tells_the_engine_and_what_became_of_packets(run: Run) -> None:
    told = text.render(impaired(run))
    assert f"{LINK}: nft, as asked\n" in told
    assert "  ->  passed 7, dropped by faults 2\n" in told
    assert "  <-  passed 5, lost at random 1\n" in told


def test_without_impaired_links_there_is_no_such_section(run: Run) -> None:
    assert "Impaired links" not in text.render(run)
    assert "Impaired links" not in html.render(run, {})


def test_the_page_has_a_table(run: Run) -> None:
    page = html.render(impaired(run), {})
    assert '<section id="impaired">' in page
    assert "passed 7, dropped by faults 2" in page


def test_programs_get_every_count(run: Run) -> None:
    forward, backward = json.loads(json_form.render(impaired(run)))["impaired"]
    assert forward == {
        "stretch": LINK,
        "engine": "nft",
        "why": "nft, as asked",
        "way": "forward",
        "passed": 7,
        "fault": 2,
        "queue": 0,
    }
    assert backward["way"] == "backward"


def test_a_loss_is_told_with_its_cause(run: Run) -> None:
    fault = Met("drop", "fault", LINK, "drop tcp, the 2nd")
    lost = arrow_that_met(run, fault, lost=True).transit
    assert wording.loss(lost) == "lost on c1 -- server (fault: drop tcp, the 2nd)"
    by_chance = arrow_that_met(run, Met("drop", "loss", LINK), lost=True).transit
    assert wording.loss(by_chance) == "lost on c1 -- server (random loss)"
    full = arrow_that_met(run, Met("drop", "queue", LINK), lost=True).transit
    assert wording.loss(full) == "lost on c1 -- server (queue full)"
    damaged = arrow_that_met(run, Met("corrupt", "corrupt", LINK), lost=True).transit
    assert wording.loss(damaged) == "corrupted on c1 -- server (a bit was flipped)"


def test_a_loss_that_nobody_told_of_is_told_by_its_place(run: Run) -> None:
    lost = arrow_that_met(run, Met("hold", "fault", LINK, "hold tcp"), lost=True).transit
    assert wording.loss(lost) == "lost in server"
