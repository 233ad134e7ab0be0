from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from netlab.cli import main
from netlab.errors import Problem
from netlab.topology.loading import load
from netlab.topology.schema import json_schema

WRONG = """\
name: wrong
nodes:
  c1: {rolle: client}
  s:  {role: server, mtu: 12}
links: [c1 -- sx]
"""


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG)
    return path


def test_a_plan_shows_every_address_mtu_mac_and_route(two_routers: Path) -> None:
    shown = invoke("plan", two_routers).output
    plan = load(two_routers)
    for node in plan.nodes:
        for interface in node.interfaces:
            assert f"MTU {interface.mtu}, MAC {interface.mac}" in shown
            for address in interface.addresses:
                assert f" {address}" in shown
                assert f"ip address add {address}" in shown
        for route in node.routes:
            assert f"route {route.destination} via {route.via} dev {route.interface}" in shown


def test_a_plan_shows_what_was_decided_for_the_user(two_routers: Path) -> None:
    assert "note: r2:eth1 and server:eth0 have MTU 1000" in invoke("plan", two_routers).output


def test_a_plan_shows_services_names_steps_and_expectations(two_routers: Path) -> None:
    lines = [line.strip() for line in invoke("plan", two_routers).output.splitlines()]
    assert "service echo tcp/7, fork, backlog 128, thinks 0.02 s" in lines
    assert "sysctl net.ipv4.tcp_fin_timeout = 5" in lines
    assert "r1 -- r2: point-to-point r1:eth1 -- r2:eth0, 10.0.1.0/24 fd00:1::/64" in lines
    assert "10.0.2.2        server server.eth0" in lines
    assert "1. c1: connect tcp server:7 as first" in lines
    assert "3.1.1. link r1 -- r2 down 2s" in lines
    assert "3.2.1. after first closed, wait 1 s: c2: exec ping -c1 server as ping" in lines
    assert any(line.startswith("packets tcp.flags.rst, count 0 (within 2 s, ") for line in lines)


def test_a_plan_shows_programs(tmp_path: Path) -> None:
    file = tmp_path / "lab.yaml"
    file.write_text(
        "name: a\nnodes:\n  s:\n    services:\n"
        "      - {run: web --port 80, name: web, ready: {port: tcp/80}}\n"
        "      - {run: [job, a b], name: job, may_end: true, unprivileged: true}\n"
    )

    lines = [line.strip() for line in invoke("plan", file).output.splitlines()]

    assert "service web, ready: port tcp/80, runs 'web --port 80'" in lines
    assert """service job, ready: at once, unprivileged, may end, runs "job 'a b'\"""" in lines


def test_a_plan_s_commands_say_where_they_run(two_routers: Path) -> None:
    commands = json.loads(invoke("plan", two_routers, "--json").output)["commands"]
    comments = [line for line in commands if line.startswith("#")]
    assert comments == [
        "# in c1, c2, server, before there are interfaces",
        "# in r1, r2, before there are interfaces",
        "# in the lab's own namespace, as one `ip -batch`; netns is a node's process",
        *(f"# in {node}" for node in ("c1", "c2", "r1", "r2", "server")),
        "# in the lab's own namespace, when all nodes are configured",
        "# in c1, c2, r2, last",
        "# in r1, last",
    ]


def test_a_plan_on_netlabs_own_stack_gives_kernels_nothing_to_answer_with(
    two_routers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = two_routers.with_name("own.yaml")
    file.write_text(
        two_routers.read_text().replace(", exec: [ping, -c1, server]", ", ping: server")
    )
    monkeypatch.setenv("NETLAB_STACK", "user")

    shown = invoke("plan", file).output

    assert "c1: client, cubic, on netlab's own stack" in shown
    assert "service echo tcp/7, asyncio, backlog 128" in shown
    assert "ip link set dev eth0 arp off multicast off" in shown
    assert "ip address add" not in shown
    assert "ip route add" not in shown
    assert "# in c1, c2, r1, r2, server: the agent starts netlab's own stack" in shown
    assert "own stack" not in invoke("plan", file, "--stack", "kernel").output


def test_what_only_a_kernel_can_do_is_refused_to_a_whole_lab_with_its_place(
    two_routers: Path,
) -> None:
    done = invoke("plan", two_routers, "--stack", "user")
    assert done.exit_code == 2
    assert f"{two_routers}:20:11: c2 is on netlab's own stack: a program of your own" in done.output


def test_a_plan_as_json_is_the_whole_plan(two_routers: Path) -> None:
    plan = json.loads(invoke("plan", two_routers, "--seed", "42", "--json").output)["plan"]
    assert plan["seed"] == 42
    assert [node["name"] for node in plan["nodes"]] == ["c1", "c2", "r1", "r2", "server"]


def test_a_shipped_lab_is_planned_by_its_name() -> None:
    assert invoke("plan", "tcp/observed").output.startswith("observed: ")


def test_a_file_with_problems_has_no_plan(wrong: Path) -> None:
    done = invoke("plan", wrong)
    assert done.exit_code == 2
    assert f"{wrong}:3:8: nodes.c1.rolle: unknown key (did you mean 'role'?)" in done.output
    assert "Traceback" not in done.output


def test_a_failure_is_json_too_where_json_is_asked_for(wrong: Path) -> None:
    done = invoke("plan", wrong, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["exit_code"]) == (2, 2)
    assert [str(Problem(**each)) for each in told["problems"]] == done.stderr.splitlines()

    done = invoke("run", "tcp/handshak", "--json")
    assert json.loads(done.stdout)["hint"] == "did you mean 'tcp/handshake'?"


def test_validate_tells_all_problems_of_all_files(wrong: Path, two_routers: Path) -> None:
    done = invoke("validate", wrong, two_routers, "nosuch.yaml")
    assert done.exit_code == 2
    assert f"{two_routers}: ok" in done.stdout
    errors = done.stderr.splitlines()
    assert [line.split(":")[1] for line in errors[:-1]] == ["3", "4", "5"]
    assert "did you mean" in errors[0]
    assert errors[-1].startswith("nosuch.yaml: there is no file nosuch.yaml")


def test_validate_says_ok_a_file(two_routers: Path) -> None:
    done = invoke("validate", two_routers, "tcp/observed")
    assert done.exit_code == 0
    assert done.output.splitlines() == [f"{two_routers}: ok", "tcp/observed: ok"]


def test_validate_as_json_has_places(wrong: Path) -> None:
    done = invoke("validate", "--json", wrong)
    assert done.exit_code == 2
    first = json.loads(done.stdout)[str(wrong)][0]
    assert (first["line"], first["column"], first["path"]) == (3, 8, "nodes.c1.rolle")


def test_validate_wants_a_file() -> None:
    assert invoke("validate").exit_code == 2


def test_the_schema_is_printed_as_it_is_shipped() -> None:
    shipped = Path(__file__).parents[2] / "schemas" / "netlab.schema.json"
    printed = invoke("schema").output
    assert json.loads(printed) == json_schema()
    assert printed == shipped.read_text(), "netlab schema > schemas/netlab.schema.json"
