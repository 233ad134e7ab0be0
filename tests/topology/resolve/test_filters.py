from __future__ import annotations

from collections.abc import Callable

import pytest

from netlab.topology.filters import Hook, IcmpReply, PacketFilter
from netlab.topology.plan import Plan
from netlab.topology.steps import SetFilter

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]


def with_filter(text: str) -> str:
    return f"name: f\nnodes:\n  r: {{role: router, filters: [{text}]}}\n"


def only(lab: Loading, text: str) -> PacketFilter:
    (made,) = lab(with_filter(text)).node("r").filters
    return made


def test_what_matches_is_dropped_on_its_way(lab: Loading) -> None:
    made = only(lab, "{drop: icmp.type == 3 and icmp.code == 4}")

    assert made.hook is Hook.FORWARD
    assert made.verdict == "drop"
    assert made.reply is None
    assert made.text == "drop icmp.type == 3 and icmp.code == 4"
    assert made.matches == (
        "meta protocol ip meta l4proto icmp @th,0,24 >= 0 icmp type == 3 icmp code == 4",
    )


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("{reject: udp}", "reject with icmpx admin-prohibited"),
        ("{reject: udp, with: icmp 3/6}", "reject with icmp type 6"),
        ("{reject: udp, with: icmpv6 1/5, on: input}", "reject with icmpv6 type 5"),
        ("{reject: tcp, with: rst, on: output}", "reject with tcp reset"),
    ],
)
def test_nftables_answers_where_it_can(lab: Loading, text: str, verdict: str) -> None:
    made = only(lab, text)

    assert made.verdict == verdict
    assert made.reply is None


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("{reject: udp, with: icmp 12/1}", IcmpReply(4, 12, 1)),
        ("{reject: udp, with: icmp 3/4, mtu: 1400}", IcmpReply(4, 3, 4, 1400)),
        ("{reject: udp, with: icmpv6 2/0, mtu: 1300}", IcmpReply(6, 2, 0, 1300)),
    ],
)
def test_netlab_answers_where_nftables_cannot(lab: Loading, text: str, reply: IcmpReply) -> None:
    made = only(lab, text)

    assert made.verdict == "drop"
    assert made.reply == reply


def test_an_icmp_answer_is_about_its_own_version_of_ip(lab: Loading) -> None:
    assert all("meta protocol ip " in m for m in only(lab, "{reject: udp, with: icmp 3/6}").matches)


WRONG = {
    "{drop: tcp.len > 0}": "38: nodes.r.filters[0].drop: in 'tcp.len > 0': nftables cannot read"
    " tcp.len: nftables cannot subtract header lengths",
    "{drop: tpc}": "38: nodes.r.filters[0].drop: in 'tpc': there is no field 'tpc'"
    " (did you mean tcp?)",
    "{reject: tcp, with: icmp 3}": "51: nodes.r.filters[0].with: an ICMP message looks like"
    " 'icmp 3/13' or 'icmpv6 1/1', not 'icmp 3'",
    "{reject: tcp, with: icmp 3/256}": "51: nodes.r.filters[0].with: type and code are 0 to 255"
    " each, not 3/256",
    "{drop: tcp, with: rst}": "49: nodes.r.filters[0].with: only a rejection is answered"
    " (write 'reject')",
    "{reject: udp, with: rst}": "40: nodes.r.filters[0].reject: no packet in TCP can match 'udp'",
    "{reject: udp, with: icmp 3/1, mtu: 1400}": "66: nodes.r.filters[0].mtu: only icmp 3/4 and"
    " icmpv6 2/0 tell an MTU",
    "{reject: udp, with: icmp 12/0, on: output}": "51: nodes.r.filters[0].with: on output, only"
    " icmp 3/…, icmpv6 1/… without an MTU, and rst can answer",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said(refused: Refusing, text: str) -> None:
    assert refused(with_filter(text)) == [f"lab.yaml:3:{WRONG[text]}"]


def test_either_drop_or_reject(refused: Refusing) -> None:
    (line,) = refused(with_filter("{drop: tcp, reject: udp}"))
    assert "a filter takes either 'drop' or 'reject'" in line


def test_a_step_sets_a_filter_for_a_while_or_removes_all(lab: Loading) -> None:
    plan = lab(
        """
        name: f
        nodes: {r: {role: router}}
        scenario:
          - {node: r, filter: {drop: udp}, for: 2s}
          - {node: r, filter: none}
        """
    )

    first, second = plan.steps

    assert isinstance(first, SetFilter)
    assert first.filter is not None
    assert (first.filter.text, first.duration) == ("drop udp", 2.0)
    assert isinstance(second, SetFilter)
    assert second.filter is None


def test_what_is_removed_does_not_come_back(refused: Refusing) -> None:
    text = "name: f\nnodes: {r: {}}\nscenario:\n  - {node: r, filter: none, for: 2s}\n"
    assert refused(text) == [
        "lab.yaml:4:34: scenario[0].for: filters that are removed do not come back"
    ]


def test_a_kind_has_filters_for_its_nodes(lab: Loading) -> None:
    plan = lab(
        """
        name: f
        kinds: {wall: {role: router, filters: [{drop: udp}]}}
        nodes: {a: {kind: wall}, b: {kind: wall, filters: []}}
        """
    )

    assert [each.text for each in plan.node("a").filters] == ["drop udp"]
    assert plan.node("b").filters == ()
