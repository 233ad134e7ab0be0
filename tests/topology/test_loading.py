from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netlab.errors import TopologyError
from netlab.topology.loading import load, load_text
from netlab.topology.plan import LinkKind, Offload, Plan, Role
from netlab.topology.stacks import Stack

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]

DESIGN = """\
name: multihomed-server
seed: 7
defaults: {mtu: 1500, stack: kernel}
nodes:
  c1..2:  {role: client}
  r1:     {role: router}
  r2:     {role: router}
  server: {role: server, interfaces: {path1: {}, path2: {mtu: 1280}},
           services: [{echo: tcp/7, model: fork}]}
links:
  - c1..2 -- r1                                    # c1..2 is c1 and c2
  - {ends: [r1, "server:path1"], mtu: 1400}
  - {ends: [r2, "server:path2"], mtu: {r2: 9000, server: 1280}}
  - {lan: [r1, r2]}
scenario:
  - {node: c1, connect: tcp server:7, from: 1500, as: first}
  - {node: c1, send: 4000 bytes, over: first}
  - {after: first established, link: "r1 -- server:path1", down: 2s}
expect:
  - {states: {first: [SYN_SENT, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT]}, within: 5s}
  - {packets: "tcp.flags.rst", count: 0}
  - {sockets: {server: ["{*:7, *:*} LISTEN", "{10.0.2.2:7, 10.0.0.1:1500} ESTABLISHED"]},
     at: first established}
"""


def test_a_whole_file(lab: Loading) -> None:
    plan = lab(DESIGN)
    assert (plan.name, plan.seed, plan.source) == ("multihomed-server", 7, "lab.yaml")
    assert [node.name for node in plan.nodes] == ["c1", "c2", "r1", "r2", "server"]
    assert [(link.name, link.kind) for link in plan.links] == [
        ("c1 -- r1", LinkKind.POINT_TO_POINT),
        ("c2 -- r1", LinkKind.POINT_TO_POINT),
        ("r1 -- server:path1", LinkKind.POINT_TO_POINT),
        ("r2 -- server:path2", LinkKind.POINT_TO_POINT),
        ("lan1", LinkKind.LAN),
    ]
    server = plan.node("server")
    assert server.role is Role.SERVER
    assert [(i.name, i.mtu) for i in server.interfaces] == [("path1", 1400), ("path2", 1280)]
    assert [service.name for service in server.services] == ["echo tcp/7"]
    assert (len(plan.steps), len(plan.expectations)) == (3, 3)


def test_the_same_file_gives_the_same_plan(tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    file.write_text(DESIGN)
    assert load(file) == load(str(file))
    assert load(file, seed=8).seed == 8
    assert load(file, seed=0).seed == 0


def test_hosts_by_node_and_by_interface(lab: Loading) -> None:
    plan = lab(DESIGN)
    entries = [(entry.address, entry.names) for entry in plan.hosts if "server" in str(entry.names)]
    assert entries == [
        ("10.0.2.2", ("server", "server.path1")),
        ("fd00:2::2", ("server", "server.path1")),
        ("10.0.3.2", ("server.path2",)),
        ("fd00:3::2", ("server.path2",)),
    ]


def test_fields_come_from_defaults_then_kinds_then_the_node(lab: Loading) -> None:
    plan = lab("""
        name: kinds
        defaults: {mtu: 1400, congestion: reno, offload: fast}
        kinds:
          tuned: {mtu: 9000, role: server, services: [{echo: tcp}],
                  sysctls: {net.ipv4.tcp_sack: 0, net.ipv4.ip_default_ttl: 3}}
        nodes:
          a: {kind: tuned, sysctls: {net.ipv4.tcp_sack: 1}}
          b: {kind: tuned, mtu: 1500, services: [], congestion: cubic, offload: wire}
          c:
        links: [{lan: [a, b, c]}]
        """)
    a, b, c = plan.nodes
    assert [n.interfaces[0].mtu for n in plan.nodes] == [9000, 1500, 1400]
    assert [n.interfaces[0].offload for n in plan.nodes] == [
        Offload.FAST,
        Offload.WIRE,
        Offload.FAST,
    ]
    assert [n.role for n in plan.nodes] == [Role.SERVER, Role.SERVER, Role.HOST]
    assert dict(a.sysctls) == {
        "net.ipv4.tcp_sack": "1",
        "net.ipv4.ip_default_ttl": "3",
    }
    assert [n.congestion for n in plan.nodes] == ["reno", "cubic", "reno"]
    assert (len(a.services), b.services, c.services) == (1, (), ())


def test_a_lab_is_cubic_whatever_its_host_is(lab: Loading) -> None:
    plan = lab("name: a\nnodes: {a: }")
    assert plan.node("a").congestion == "cubic"


def test_interfaces_are_given_or_counted_in_link_order(lab: Loading) -> None:
    plan = lab("""
        name: names
        nodes: {a: , b: , c: }
        links: [a -- b, "a:eth1 -- c:up", a -- c, a -- b]
        """)
    assert [[str(end) for end in link.ends] for link in plan.links] == [
        ["a:eth0", "b:eth0"],
        ["a:eth1", "c:up"],
        ["a:eth2", "c:eth0"],
        ["a:eth3", "b:eth1"],
    ]
    assert [link.name for link in plan.links][3] == "a -- b (2)"


ALL_MISTAKES = """\
lab.yaml:3:11: nodes.c1..2.roll: unknown key (did you mean 'role'?)
lab.yaml:4:12: nodes.server.mtuu: unknown key (did you mean 'mtu'?)
lab.yaml:4:29: nodes.server.mtu: an MTU is 68 to 65535, not 40
lab.yaml:4:51: nodes.server.services[0].echo: a socket looks like 'tcp/7' or 'udp/7', not 'sctp/7'
lab.yaml:4:67: nodes.server.kind: no kind is called 'none'
lab.yaml:6:5: links[0]: no node is called 'sever' (did you mean 'server'?)
lab.yaml:7:31: links[1].impair.dealy: unknown key (did you mean 'delay'?)
lab.yaml:10:22: scenario[1].send: the number 4000 needs a unit: a size looks like 4000 bytes or 64 KiB
lab.yaml:11:5: scenario[2]: 'conect' is no step (did you mean 'connect'?)
lab.yaml:12:13: scenario[3].pause: the number 5 needs a unit: a duration looks like 10ms or 2s
lab.yaml:14:15: expect[0].states.frist: nothing is called 'frist' up to here (did you mean 'first'?)
lab.yaml:15:21: expect[1].errno.first: 'EMSGSIZ' is no errno of Linux, such as EMSGSIZE, or none (did you mean 'EMSGSIZE'?)
"""  # noqa: E501 - lines as a user sees them


def test_all_mistakes_at_once(refused: Refusing) -> None:
    lines = refused("""
        name: wrong
        nodes:
          c1..2: {roll: client}
          server: {mtuu: 1500, mtu: 40, services: [{echo: sctp/7}], kind: none}
        links:
          - c1 -- sever
          - {ends: [c1, c2], impair: {dealy: 1ms, loss: 1%}}
        scenario:
          - {node: c1, connect: tcp server:7, as: first}
          - {node: c1, send: 4000, over: first}
          - {node: c1, conect: tcp server:7}
          - {pause: 5}
        expect:
          - {states: {frist: [SYN_SENT]}}
          - {errno: {first: EMSGSIZ}}
        """)
    assert "\n".join(lines) + "\n" == ALL_MISTAKES


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("7", "lab.yaml:1:1: a topology is a mapping with 'name' and 'nodes', not the number 7"),
        ("nodes: {a: }", "lab.yaml:1:1: the key 'name' is missing"),
        ("name: a", "lab.yaml:1:1: the key 'nodes' is missing"),
        ("name: a\nnodes: {}", "lab.yaml:2:8: nodes: a lab has at least one node"),
        ("name: a\nnodes: 5", "lab.yaml:2:8: nodes: must be a mapping, not the number 5"),
        ("name: 5\nnodes: {a: }", "name: must be text, not the number 5 (put it in quotes)"),
        ("name: a\nnodes: {a: }\nlinks: 5", "links: must be a list, not the number 5"),
        ("name: a\nnodes: {a: {stack: users}}", "'stack' is kernel or user, not"),
        ("name: a\nnodes: {a: }\nseed: -1", "a seed is 0 to"),
        ("name: a\nnodes: {a: , b: }\nlinks: [a -- b -- a]", "has 3 ends; a link has two"),
        ("name: a\nnodes: {a: , b: }\nlinks: [a b]", "a link looks like 'a -- b'"),
        ("name: a\nnodes: {a: , b: }\nlinks: [a -- a]", "'a' is on this link twice"),
        ("name: a\nnodes: {a: , b: }\nlinks: [{lan: [a]}]", "a LAN has two ends or more"),
        ("name: a\nnodes: {a: , b: }\nlinks: [{}]", "a link has either 'ends' or 'lan'"),
        (
            "name: a\nnodes: {a: , b: }\nlinks: [{ends: [a, b], mtu: {c: 99}}]",
            "'c' is no end of this",
        ),
        ("name: a\nnodes: {a1..2: , b1..2: }\nlinks: [a1..2 -- b1..2]", "only one end of a link"),
        ("name: a\nnodes: {a: {interfaces: {x: {}}}, b: }\nlinks: [a -- b]", "no link ends at a:x"),
        (
            'name: a\nnodes: {a: , b: }\nlinks: ["a:x -- b", "a:x -- b"]',
            "a:x already ends the link at lab.yaml:3:9",
        ),
        (
            (
                "name: a\nnodes: {a: {interfaces: {eth0: {mtu: 99}}}, b: }\n"
                "links: [{ends: [a, b], mtu: 1400}]"
            ),
            "the link gives a:eth0 MTU 1400, its node gives it 99 (say it once)",
        ),
        (
            "name: a\nnodes: {a: {services: [{echo: tcp}, {echo: tcp/7}]}}",
            "the same address and port",
        ),
        (
            "name: a\nnodes: {a: {services: [{echo: udp, model: fork}]}}",
            "a UDP service has no connections to fork for",
        ),
        ("name: a\nnodes: {a: {services: [{}]}}", "a service needs its protocol"),
        (
            "name: a\nnodes: {a: {services: [{echo: tcp, address: x}]}}",
            "neither an interface nor an",
        ),
        ("name: a\nnodes: {a: , a1..3: , a2: }", "the node 'a2' is already in 'a1..3'"),
    ],
)
def test_one_mistake_is_one_sentence(refused: Refusing, text: str, says: str) -> None:
    (line,) = refused(text)
    assert says in line


def test_services(lab: Loading) -> None:
    plan = lab("""
        name: services
        nodes:
          a:
          s:
            services:
              - {echo: [tcp/7007, udp], think: 1s, close_after: 100ms, backlog: 5}
              - {daytime: tcp, model: iterative, address: eth0, mss: 536, acks: quick}
        links: [a -- s]
        """)
    tcp, udp, daytime = plan.node("s").services
    assert (tcp.port, tcp.model, tcp.think, tcp.close_after, tcp.backlog) == (
        7007,
        None,
        1,
        0.1,
        5,
    )
    assert (udp.name, udp.model) == ("echo udp/7", "iterative")
    assert (daytime.name, daytime.model, daytime.address) == (
        "daytime tcp/13",
        "iterative",
        "10.0.0.2",
    )
    assert (daytime.options.mss, daytime.options.acks) == (536, "quick")


def test_a_thousand_nodes_on_a_lan(lab: Loading) -> None:
    plan = lab("name: big\nnodes: {c1..999: , r: {role: router}}\nlinks: [{lan: [c1..999, r]}]")
    assert len(plan.nodes) == 1000
    assert len({i.addresses for node in plan.nodes for i in node.interfaces}) == 1000


_LINES = st.lists(st.sampled_from(dedent(DESIGN).splitlines()), max_size=30)
_DAMAGE = st.tuples(st.integers(0, len(DESIGN)), st.integers(0, 12), st.text(max_size=6))


@given(_LINES)
@settings(max_examples=60)
def test_any_lines_are_a_plan_or_refused(lines: list[str]) -> None:
    assert_plan_or_refused("\n".join(lines))


@given(st.lists(_DAMAGE, min_size=1, max_size=3))
def test_a_damaged_file_is_a_plan_or_refused(damage: list[tuple[int, int, str]]) -> None:
    text = DESIGN
    for start, length, replacement in damage:
        text = text[:start] + replacement + text[start + length :]
    assert_plan_or_refused(text)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
_KEYS = st.sampled_from(
    [
        "name",
        "seed",
        "nodes",
        "links",
        "kinds",
        "defaults",
        "scenario",
        "expect",
        "addressing",
        "a",
        "b",
        "ends",
        "lan",
        "mtu",
        "subnet",
        "node",
        "connect",
        "as",
        "from",
        "in",
        "over",
        "send",
        "receive",
        "request",
        "link",
        "down",
        "up",
        "pause",
        "parallel",
        "exec",
        "kill",
        "exit",
        "at",
        "after",
        "states",
        "packets",
        "count",
        "sockets",
        "errno",
        "received",
        "output",
        "fact",
        "interfaces",
        "services",
        "echo",
        "address",
        "routes",
        "to",
        "via",
        "sysctls",
        "role",
        "kind",
        "ipv4",
    ]
)
_WORDS = _SCALARS | st.sampled_from(
    [
        "a -- b",
        "a",
        "b",
        "a1..3",
        "tcp b:7",
        "udp a:7",
        "1s",
        "4 bytes",
        "x",
        "x established",
        "eof",
    ]
)
_TREES = st.recursive(
    _WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4)
)


@given(st.dictionaries(_KEYS, _TREES, max_size=6))
def test_any_tree_of_our_words_is_a_plan_or_refused(tree: dict[str, object]) -> None:
    assert_plan_or_refused(yaml.safe_dump({"name": "a", "nodes": {"a": {}, "b": {}}} | tree))


def assert_plan_or_refused(text: str) -> None:
    with suppress(TopologyError):
        assert load_text(text, "x") == load_text(text, "x")


def test_tcp_info_is_sampled_where_the_lab_its_kind_or_the_node_asks(lab: Loading) -> None:
    plan = lab(
        """
        name: watched
        observe: {tcp_info: 10ms}
        kinds: {close: {observe: {tcp_info: 1ms}}}
        nodes: {a: , b: {kind: close}, c: {kind: close, observe: {}}}
        """
    )
    assert [node.tcp_info for node in plan.nodes] == [0.01, 0.001, None]


def test_the_kernel_is_not_asked_all_the_time(refused: Refusing) -> None:
    (line,) = refused("name: a\nobserve: {tcp_info: 10us}\nnodes: {a: }\n")
    assert line == "lab.yaml:2:21: observe.tcp_info: the kernel is asked at most once a millisecond"


ON_SIM = """
name: x
backend: sim
nodes: {c1: {role: client}, server: {role: server, services: [{echo: tcp/7, model: fork}]}}
links: [c1 -- server]
"""


def test_nodes_in_virtual_time_are_on_netlabs_own_stack():
    plan = load_text(ON_SIM.replace(", model: fork", ""), "lab.yaml")
    assert {node.stack for node in plan.nodes} == {Stack.USER}
    assert plan.stack is None  # nobody has said so
    elsewhere = load_text(ON_SIM, "lab.yaml", backend="netns")
    assert {node.stack for node in elsewhere.nodes} == {Stack.KERNEL}


def test_what_needs_a_kernel_is_told_of_virtual_time():
    with pytest.raises(TopologyError, match=r"'model' is iterative.*not fork \(use another back"):
        load_text(ON_SIM, "lab.yaml")
