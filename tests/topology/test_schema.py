from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from netlab.errors import TopologyError
from netlab.topology.loading import load, load_text
from netlab.topology.reader import read
from netlab.topology.schema import json_schema

ROOT = Path(__file__).parents[2]
SCHEMA_FILE = ROOT / "schemas" / "netlab.schema.json"
SHIPPED = sorted((ROOT / "topologies").rglob("*.yaml"))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def problems(validator: Draft202012Validator, text: str) -> Iterator[Any]:
    return validator.iter_errors(read(text, "lab.yaml").data)


def test_the_schema_in_the_repository_is_that_of_the_models() -> None:
    assert json.loads(SCHEMA_FILE.read_text()) == json_schema(), (
        "write it anew: netlab schema > schemas/netlab.schema.json"
    )


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_fields_carry_their_descriptions() -> None:
    lab = json_schema()
    assert lab["properties"]["links"]["description"] == "The lab's links."
    connect = lab["$defs"]["Connect"]["properties"]
    assert connect["as"]["description"].startswith("How other steps")
    assert connect["after"]["description"].startswith("The step starts when")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_shipped_file_is_valid_by_both(validator: Draft202012Validator, file: Path) -> None:
    assert load(file)
    assert not list(problems(validator, file.read_text()))


EVERYTHING = """\
name: everything
description: All that a file may hold.
seed: 3
backend: docker
defaults: {mtu: 1500, stack: kernel, offload: wire, congestion: cubic}
kinds: {k: {role: host}, empty: }
observe: {tcp_info: 10ms}
addressing: {ipv4: 10.0.0.0/8, ipv6: "fd00::/16", ipv4_prefix: 24}
nodes:
  c1..3:
  r: {role: router, kind: k}
  f: {filters: [{drop: udp}, {reject: tcp, with: icmp 3/13, on: input}]}
  web:
    image: debian:12
    command: [serve, "80"]
    user: 1000
    ready: {port: tcp/80, within: 5s}
    env: {A: 1, B: b}
    resources: {memory: 256 MiB, cpus: 0.5, pids: 10}
    files: {/etc/motd: hello, /bin/x: {content: x, mode: "0755"}}
    binds: [/etc:/srv/etc:ro, /usr:/srv/usr]
  s:
    interfaces:
      a:
      b: {mtu: 1400, address: [10.9.0.1/24, "fd09::1/64"], mac: "02:00:00:00:01:01"}
    services: [{echo: [tcp/7, udp], model: fork, think: 1s}, {time: udp, address: a}]
    sysctls: {net.ipv4.tcp_sack: 0, net.ipv4.tcp_rmem: 4096 4096 4096}
    observe: {tcp_info: 1s}
    routes: [{to: default, via: r}]
links:
  - c1..3 -- r
  - {ends: [r, "s:a"], mtu: {r: 1500, s: 1400}, name: one, subnet: 10.8.0.0/24, offload: fast}
  - {ends: [c1, r], impair: {delay: 1ms, jitter: 1ms, loss: 1%}, faults: {drop: tcp, nth: 2}}
  - ends: [c2, r]
    name: two
    engine: emulator
    impair: {"->": {loss: {enter: 1%, leave: 30%}}, "<-": {rate: 1 Mbit/s, queue: 20 packets}}
    faults:
      - {hold: udp, nth: [1, 3], until: first established, way: "->"}
      - {duplicate: udp, every: 4, from: 1s, to: 2s}
  - {ends: [c3, r], impair: none}
  - {lan: [r, "s:b", c1..3], subnet: [10.9.0.0/24, "fd09::/64"], mtu: 1400}
scenario:
  - {node: c1, connect: tcp s:7, from: 1500, as: first, in: child, send_buffer: 64 KiB}
  - {node: c1, open: udp, as: u}
  - {send: 4000 bytes, over: first, after: first established}
  - {send: {text: hi}, over: u, to: s:7}
  - {receive: {text: hi}, over: u}
  - {request: {send: hi, receive: 2 bytes}, over: first}
  - {link: one, down: 2s}
  - {link: one, up: true}
  - {link: one, flap: {down: 1s, up: 1s, times: 2}}
  - {link: two, impair: {"->": {reorder: {chance: 2%, by: 5ms}, duplicate: 1%, corrupt: 1%}}}
  - {link: two, impair: none}
  - {link: two, fault: {hold: tcp, for: 10ms}, for: 1s}
  - {parallel: [{pause: 1s}, [{node: c1, exec: [ls]}, {node: c2, exec: ls, as: p}]]}
  - {node: r, filter: {reject: tcp, with: rst}, for: 1s}
  - {node: r, filter: none}
  - {node: c1, ping: s, ip: 6, count: 2, size: 8 bytes, ttl: 3, df: true, as: g}
  - {node: c1, traceroute: s, by: icmp, hops: 3, timeout: 1s, as: t}
  - {node: c1, observe: icmp, messages: all, as: seen}
  - {node: r, inject: {icmp: 3/4, about: first, mtu: 900}}
  - {node: r, inject: {segment: syn ack, to: s, about: first, seq: 0, timestamp: none, urgent: 1}}
  - {node: r, inject: {segment: ack, to: s, about: first, seq: +1, data: hi, timestamp: -1}}
  - {node: f, inject: {replay: tcp.flags.syn, nth: 2, about: first}}
  - {stop: seen}
  - {node: r, advertise: "fd99::/64", lifetime: 60s}
  - {join: 239.1.2.3, over: u}
  - {leave: "ff15::1", over: u}
  - {multicast: {ttl: 2, loop: false}, over: u}
  - {broadcast: u}
  - {hear_errors: u}
  - {kill: child, signal: SIGTERM}
expect:
  - {states: {first: [SYN-SENT], first@s: [LISTEN]}}
  - {packets: [tcp, udp], at: s}
  - {packets: tcp, count: ">= 1"}
  - {sockets: {s: "{*:7, *:*} LISTEN"}, only: true}
  - {errno: {u: none, first: EPIPE}}
  - {received: {first: 2 bytes, u: {text: hi}}}
  - {replies: {g: ">= 1"}}
  - {probe_errors: {g: 3/1 from r}}
  - {hops: {t: [r, "*", s]}}
  - {observed: {seen: [icmp 3/4]}, exact: true}
  - {exit: {p: 0}}
  - {output: {p: total}, fact: ls lists.}
"""


def test_a_file_with_everything_is_valid_by_both(validator: Draft202012Validator) -> None:
    assert load_text(EVERYTHING, "lab.yaml").expectations
    assert not list(problems(validator, EVERYTHING))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("seed: 3", "sede: 3"),
        ("seed: 3", "seed: three"),
        ("name: everything", "name: 5"),
        ("name: everything", "name: Every/thing"),
        ("stack: kernel", "stack: mine"),
        ("mtu: 1500, stack", "mtu: 67, stack"),
        ("mtu: 1500, stack", 'mtu: "1500", stack'),
        ("c1..3:\n", "'<c>':\n"),
        ("{role: router, kind: k}", "{role: ruter}"),
        ("{role: router, kind: k}", "{roll: router}"),
        ("{role: router, kind: k}", "5"),
        ("      a:\n", "      much-too-long-a-name:\n"),
        ("tcp/7, udp", "sctp/7"),
        ("think: 1s", "think: 1"),
        ("{time: udp, address: a}", "{address: a}"),
        ("net.ipv4.tcp_sack", "kernel.panic"),
        ("{ends: [r", "{end: [r"),
        ("mtu: {r: 1500, s: 1400}", "mtu: {r: large}"),
        ("offload: fast}", "offload: some}"),
        ("impair: {delay: 1ms", "impair: {delay: 1"),
        ("impair: {delay: 1ms", "impair: {dealy: 1ms"),
        ("impair: {delay: 1ms", "imapir: {delay: 1ms"),
        ("{drop: tcp, nth: 2}", "{drop: tcp, nth: 0}"),
        ("{drop: tcp, nth: 2}", "{dorp: tcp, nth: 2}"),
        ("{loss: {enter: 1%, leave: 30%}}", "{loss: {entry: 1%, leave: 30%}}"),
        ("engine: emulator", "engine: tc"),
        ("flap: {down: 1s", "flap: {down: 1"),
        ("{link: one, down: 2s}", "{link: one, down: 2s, up: true}"),
        ("{pause: 1s}, [", "{pause: 1}, ["),
        ("with: icmp 3/13", "with: icmp 3"),
        ("filter: none", "filter: all"),
        ("observe: icmp", "observe: tcp"),
        ("inject: {icmp: 3/4", "inject: {icmp: 3"),
        ("segment: syn ack", "segment: sny ack"),
        ("seq: +1, data", "seq: 1+, data"),
        ("{replay: tcp.flags.syn", "{reply: tcp.flags.syn"),
        ("{join: 239.1.2.3", "{jion: 239.1.2.3"),
        ("loop: false", "lop: false"),
        ('replies: {g: ">= 1"}', 'replies: {g: "some"}'),
        ("signal: SIGTERM", "signal: SIGTREM"),
        ("after: first established", "after: first establishd"),
        ("as: first, in", "az: first, in"),
        ("[SYN-SENT]", "[SYN-SNT]"),
        ('count: ">= 1"', "count: many"),
        ("only: true", "only: yes"),
        ("first: EPIPE", "first: EPYPE"),
        ("{exit: {p: 0}}", "{exit: {p: 0}, states: {}}"),
        ("{exit: {p: 0}}", "{exit: {p: zero}}"),
    ],
)
def test_what_is_wrong_is_wrong_by_both(
    validator: Draft202012Validator, right: str, wrong: str
) -> None:
    assert right in EVERYTHING
    text = EVERYTHING.replace(right, wrong)
    assert list(problems(validator, text))
    with pytest.raises(TopologyError):
        load_text(text, "lab.yaml")
