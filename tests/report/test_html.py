from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from netlab.analyse.model import Arrow, Connection, PathMtu, Transit
from netlab.collect.counts import InterfaceCount
from netlab.report import html
from netlab.report.run import Run
from netlab.scenario.verdict import Verdict
from netlab.wire.tcp import Flags
from netlab.wire.tcp_options import NoOperation, Timestamps

HOSTILE = (
    "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\u2028'\"&{{7*7}}\ud800"
)


class Elements(HTMLParser):
    """Counts tags and collects the scripts' texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += (value or "" for name, value in attrs if name in {"href", "src"})


def data_of(page: str) -> Any:
    found = re.search(
        r'<script type="application/json" id="run-data">(.*?)</script>', page, re.DOTALL
    )
    assert found
    return json.loads(found[1])


def test_the_verdict_comes_first(run: Run, failed: Run) -> None:
    assert ">✓</span>passed: 2 expectations met</p>" in html.render(run, {})
    assert ">✗</span>failed: 1 of 3 expectations not met</p>" in html.render(failed, {})
    interrupted = replace(run, verdict=Verdict((), interrupted="Ctrl-C"))
    assert ">‖</span>interrupted: Ctrl-C</p>" in html.render(interrupted, {})


def test_the_page_needs_nothing_else(run: Run) -> None:
    page = html.render(run, {})
    elements = Elements(page)
    assert not {"iframe", "img", "link", "object", "embed", "base"} & set(elements.tags)
    assert all(link.startswith("#") or "/" not in link for link in elements.links)
    assert not re.search(r"\bfetch\(|XMLHttpRequest|\bimport\(|createObjectURL|innerHTML", page)
    assert "default-src 'none'" in page


def test_the_policy_allows_the_one_script_and_style_only(run: Run) -> None:
    page = html.render(run, {})
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert script
    assert style
    assert f"script-src '{html._hash(script[1])}'" in page
    assert f"style-src '{html._hash(style[1])}'" in page


def test_expectations_lead_to_their_frames(failed: Run) -> None:
    page = html.render(failed, {})
    assert '<a class="frame" href="#ladder" data-frame="13">13</a>' in page
    assert "2 packets: frames 13 and 17" in page


def test_of_many_frames_the_first_are_listed(failed: Run) -> None:
    *met, unmet = failed.verdict.judgements
    many = replace(unmet, frames=tuple(range(1, 112)))
    page = html.render(
        replace(failed, verdict=replace(failed.verdict, judgements=(*met, many))), {}
    )
    assert 'data-frame="12"' in page
    assert 'data-frame="13"' not in page
    assert "and 99 more</td>" in page


def test_the_log_is_in_the_order_of_time(run: Run) -> None:
    log = data_of(html.render(replace(run, events=tuple(reversed(run.events))), {}))["log"]
    assert [line[0] for line in log] == sorted(line[0] for line in log)


def test_the_ladder_has_every_packet_with_both_its_times(run: Run) -> None:
    (connection,) = data_of(html.render(run, {}))["connections"]
    assert [packet[2] for packet in connection["packets"]][:3] == [
        "SYN, MSS 536",
        "SYN, ACK 1, MSS 1460",
        "ACK 1",
    ]
    assert [hop[2::3] for _, _, _, hop, *_ in connection["packets"]] == 10 * [[0, 41_000]]


def test_headers_say_what_was_on_the_wire(run: Run) -> None:
    content = data_of(html.render(run, {}))
    kinds = [name for name, _ in content["kinds"]]
    assert kinds == ["Ethernet", "IPv4", "TCP"]
    fields = content["kinds"][2][1]
    (syn, *_) = content["connections"][0]["packets"]
    kind, *values = content["headers"][syn[5][2]]
    tcp = dict(zip(fields, values, strict=True))
    assert kind == 2
    assert (tcp["source_port"], tcp["destination_port"], tcp["sequence"]) == (1500, 7, 1000)
    assert content["texts"][~tcp["options"]] == "maximum segment size 536"
    assert content["texts"][~tcp["flags"]] == "SYN"


def test_an_icmp_error_is_in_the_ladder_and_the_table(run: Run, too_big: Transit) -> None:
    (connection,) = run.analysis.connections
    analysis = replace(
        run.analysis,
        connections=(replace(connection, related=(too_big,)),),
        transits=(*run.analysis.transits, too_big),
        path_mtus=(PathMtu(330_000, "c1", "10.0.0.1", "10.0.0.9", 1400),),
    )
    page = html.render(replace(run, analysis=analysis), {})
    assert "<td>ICMP fragmentation needed, MTU 1400</td><td>r1</td>" in page
    assert '<td class="number">1400</td>' in page
    content = data_of(page)
    assert len(content["connections"][0]["packets"]) == 11
    assert "quoted IPv4" in [name for name, _ in content["kinds"]]


def test_dropped_packets_are_told_at_the_top(run: Run) -> None:
    counts = (InterfaceCount("c1", "eth0", 10, 3),)
    page = html.render(replace(run, analysis=replace(run.analysis, counts=counts)), {})
    assert "3 packets dropped by the captures" in page
    assert "c1:eth0 3 of 13" in page


def test_a_loss_is_marked_in_the_drawing(run: Run, segment: Callable[..., Arrow]) -> None:
    lost = segment(0, "SYN", Flags.SYN, lost_after="c1:eth0").transit
    analysis = replace(run.analysis, transits=(lost,))
    page = html.render(replace(run, analysis=analysis), {})
    assert '<g class="wire lossy">' in page
    assert "✕ 1 lost" in page


def test_a_big_lab_is_listed_instead_of_drawn(run: Run) -> None:
    c1, server = run.plan.nodes
    many = tuple(replace(c1, name=f"c{number}") for number in range(40))
    page = html.render(replace(run, plan=replace(run.plan, nodes=(*many, server))), {})
    assert "41 nodes, 1 link: too many to draw." in page
    assert "<td>c39</td>" in page


def test_files_are_links_that_stay_in_the_folder(run: Run) -> None:
    page = html.render(replace(run, files=("logs/c1 out.log", "javascript:alert(1)")), {})
    assert '<a href="logs/c1%20out.log">logs/c1 out.log</a>' in page
    assert '<a href="javascript%3Aalert%281%29">' in page


def test_no_text_becomes_markup(poison: Callable[[str], Run]) -> None:
    clean = Elements(html.render(poison("harmless"), {}))
    hostile = Elements(html.render(poison(HOSTILE), {}))
    assert hostile.tags == clean.tags
    assert hostile.attributes == clean.attributes


def test_hostile_texts_arrive_as_they_are(poison: Callable[[str], Run]) -> None:
    content = data_of(html.render(poison(HOSTILE), {}))
    assert content["connections"][0]["name"] == HOSTILE
    assert HOSTILE in content["texts"]


def test_the_data_holds_nothing_a_page_or_script_could_stumble_over(
    poison: Callable[[str], Run],
) -> None:
    page = html.render(poison(HOSTILE), {})
    block = page[page.index('id="run-data">') + 14 : page.rindex("</script>\n<script>")]
    assert block.isascii()
    assert not set("<>&") & set(block)


def test_a_run_without_connections_is_still_a_page(run: Run) -> None:
    empty = replace(run.analysis, connections=(), transits=(), sightings=(), counts=())
    page = html.render(replace(run, analysis=empty, events=(), verdict=Verdict(())), {})
    assert "No connection was seen in this run." in page
    assert "No socket table was read in this run." in page


def test_five_thousand_packets_take_less_than_one_and_a_half_megabytes(
    run: Run, observed: Connection, segment: Callable[..., Arrow]
) -> None:
    arrows = tuple(busy(segment, number) for number in range(5000))
    transits = tuple(arrow.transit for arrow in arrows)
    analysis = replace(
        run.analysis, connections=(replace(observed, arrows=arrows),), transits=transits
    )
    assert len(html.render(replace(run, analysis=analysis), {}).encode()) < 1_500_000


def busy(segment: Callable[..., Arrow], number: int) -> Arrow:
    """A bulk transfer's segment: another time stamp in each."""
    stamps = NoOperation(), NoOperation(), Timestamps(2_000_000_000 + number, 3_000_000_000)
    first = 1 + 1448 * number
    return segment(
        number * 120_000,
        f"data {first}:{first + 1448} (1448), ACK 1",
        Flags.ACK,
        sequence=3_000_000_000 + first,
        acknowledgment=2_500_000_000,
        options=stamps,
        size=1448,
    )


def test_a_small_run_is_rendered_at_once(run: Run) -> None:
    html.render(run, {})
    began = time.process_time()
    html.render(run, {})
    assert time.process_time() - began < 0.04
