"""Every kind of hostile input, refused in words through the front door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netlab.errors import TopologyError, UsageError
from netlab.topology.loading import load

Refusing = Callable[[str], list[str]]


def test_alias_bomb(refused: Refusing) -> None:
    bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{other}: &{other} [{','.join([f'*{one}'] * 10)}]\n"
    assert "aliases expand to more than" in refused(bomb)[0]


def test_ten_megabyte_file(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * 10_000_000)
    with pytest.raises(TopologyError, match="the file is larger than 1 MiB"):
        load(huge)


def test_duplicate_keys(refused: Refusing) -> None:
    (line,) = refused("name: a\nnodes: {c: {role: host, role: router}}")
    assert line == "lab.yaml:2:25: nodes.c.role: the key 'role' stands here twice, first on line 2"


@pytest.mark.parametrize(
    "name",
    ["../../etc", "/etc", "a/b", "$(reboot)", "a;b", "a b", "<script>", "a&b", "A", "-a", "é"],
)
def test_node_names_with_path_shell_or_html_characters(refused: Refusing, name: str) -> None:
    (line,) = refused(f"name: a\nnodes:\n  '{name}': {{}}")
    assert line.startswith("lab.yaml:3:")
    assert "is no node name" in line or "is not a range" in line


@pytest.mark.parametrize("name", ["../x", "<b>", "", "x" * 41])
def test_lab_names_with_path_or_html_characters(refused: Refusing, name: str) -> None:
    (line,) = refused(f"name: '{name}'\nnodes: {{c: }}")
    assert "lab name" in line


def test_ports_over_65535(refused: Refusing) -> None:
    lines = refused("""
        name: a
        nodes: {c: {}, s: {services: [{echo: tcp/65536}]}}
        links: [c -- s]
        scenario:
          - {node: c, connect: tcp s:65537, as: x}
          - {node: c, connect: tcp s:7, from: 65538, as: y}
        """)
    assert [line.partition(": a ")[2] for line in lines] == [
        f"port is 1 to 65535, not {port}" for port in (65536, 65537, 65538)
    ]


def test_overlapping_subnets_name_both_links(refused: Refusing) -> None:
    (line,) = refused("""
        name: a
        nodes: {a: , b: , c: }
        links:
          - {ends: [a, b], subnet: 10.1.0.0/16}
          - {ends: [b, c], subnet: 10.1.2.0/24}
        """)
    assert line == (
        "lab.yaml:5:28: links[1].subnet: the subnet 10.1.2.0/24 of the link 'b -- c' "
        "overlaps 10.1.0.0/16 of the link 'a -- b'"
    )


def test_unknown_nodes(refused: Refusing) -> None:
    assert refused("name: a\nnodes: {client: }\nlinks: [client -- sever, {lan: [client, x]}]") == [
        "lab.yaml:3:9: links[0]: no node is called 'sever'",
        "lab.yaml:3:41: links[1].lan[1]: no node is called 'x'",
    ]


def test_interface_names_over_15_characters(refused: Refusing) -> None:
    lines = refused("""
        name: a
        nodes: {a: {interfaces: {sixteen-letters-: {}}}, b: }
        links: ["a:another-long-name -- b"]
        """)
    assert len(lines) == 2
    assert all("is longer than 15 characters" in line for line in lines)


@pytest.mark.parametrize("name", ["lo", "all", "a/b", "a b", "1st", "$x"])
def test_interface_names_that_linux_or_a_shell_would_misread(refused: Refusing, name: str) -> None:
    assert len(refused(f"name: a\nnodes: {{a: {{interfaces: {{'{name}': {{}}}}}}, b: }}")) == 1


def test_sysctls_beyond_the_network(refused: Refusing) -> None:
    (line,) = refused("name: a\nnodes: {a: {sysctls: {kernel.panic: 1}}}")
    assert "only net.* can be set" in line
    (line,) = refused("name: a\nnodes: {a: {sysctls: {net.ipv4.x: '1; reboot'}}}")
    assert "takes a number or a word" in line
    (line,) = refused("name: a\nnodes: {a: {sysctls: {net.../../x: 1}}}")
    assert "is no sysctl" in line


def test_more_nodes_than_a_machine_has_room_for(refused: Refusing) -> None:
    assert "at most 4096" in refused("name: a\nnodes: {c1..5000: }")[0]
    assert "at most 4096 nodes" in refused("name: a\nnodes: {c1..4000: , d1..4000: }")[0]


def test_terminal_escapes_do_not_reach_the_terminal(refused: Refusing) -> None:
    (line,) = refused('name: a\nnodes: {"\\e[31m": }')
    assert "\x1b" not in line


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*nowhere\.yaml: No such file"):
        load(tmp_path / "nowhere.yaml")
    with pytest.raises(UsageError, match="cannot read"):
        load("a\0b")
