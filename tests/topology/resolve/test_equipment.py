"""What nodes are made of: resolved from node, kind and defaults, and refused in words."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.errors import TopologyError
from netlab.topology.equipment import Bind, File, Readiness, Resources
from netlab.topology.loading import load, load_text
from netlab.topology.model.equipment import _bind, _command, _image, path_in_node
from netlab.topology.plan import Plan
from netlab.topology.program import Probe
from netlab.topology.sources import LARGEST_FILE, LARGEST_IN_ALL, Forgotten

Loading = Callable[[str], Plan]
Refusing = Callable[[str], list[str]]
PIECES = st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True).filter(
    lambda each: each not in {".", ".."}
)
NAMES = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}", fullmatch=True)


def answered(parse: Callable[[str], Any], text: str) -> Any:
    """What ``parse`` makes of a text, None when it refuses it in words."""
    try:
        return parse(text)
    except ValueError as error:
        if not error.args or not str(error.args[0]):
            raise
        return None


def of_node(*keys: str) -> str:
    return "name: a\nnodes:\n  s:\n" + "".join(f"    {key}\n" for key in keys)


def test_a_container_says_image_program_user_probe_and_limits(lab: Loading):
    node = lab(
        of_node(
            "image: registry.example:5000/team/web:1.2",
            "command: serve --root 'my files'",
            "user: 1000:1000",
            "ready: {port: tcp/80, within: 5s}",
            "resources: {memory: 256 MiB, cpus: 0.5, pids: 100}",
        )
    ).node("s")

    assert node.image == "registry.example:5000/team/web:1.2"
    assert node.command == ("serve", "--root", "my files")
    assert node.user == "1000:1000"
    assert node.ready == Readiness(probe=Probe(port=("tcp", 80)), within=5.0)
    assert node.resources == Resources(memory=256 * 2**20, cpus=0.5, pids=100)


def test_a_node_that_says_nothing_is_as_the_backend_makes_it(lab: Loading):
    node = lab(of_node("role: router")).node("s")

    assert (node.image, node.command, node.user, node.ready) == (None, None, None, None)
    assert (node.env, node.files, node.binds) == ((), (), ())
    assert node.resources == Resources()


def test_the_node_wins_over_its_kind_and_the_kind_over_the_defaults(lab: Loading):
    plan = lab("""
        name: a
        defaults: {image: base, env: {A: 1, B: 1, C: 1}, resources: {memory: 1 GiB, cpus: 2}}
        kinds:
          k:
            image: kind
            env: {B: 2, C: 2}
            command: [kind]
            resources: {memory: 2 GiB}
            files: {/a: kind, /b: kind}
        nodes:
          plain:
          of-kind: {kind: k}
          own:
            kind: k
            image: own
            env: {C: 3}
            command: own
            resources: {pids: 5}
            files: {/b: own}
    """)

    plain, of_kind, own = plan.nodes
    assert (plain.image, of_kind.image, own.image) == ("base", "kind", "own")
    assert (plain.command, of_kind.command, own.command) == (None, ("kind",), ("own",))
    assert dict(plain.env) == {"A": "1", "B": "1", "C": "1"}
    assert dict(of_kind.env) == {"A": "1", "B": "2", "C": "2"}
    assert dict(own.env) == {"A": "1", "B": "2", "C": "3"}
    assert of_kind.resources == Resources(memory=2**31, cpus=2)
    assert own.resources == Resources(memory=2**31, cpus=2, pids=5)
    assert {file.path: file.content for file in own.files} == {"/a": b"kind", "/b": b"own"}


def test_a_file_is_a_text_or_one_that_stands_beside_the_topology(tmp_path: Path):
    (tmp_path / "app.conf").write_bytes(b"\xff\x00")
    topology = tmp_path / "lab.yaml"
    topology.write_text(
        of_node(
            "files:",
            '  /etc/motd: "hello\\n"',
            '  /bin/hey: {content: "#!/bin/sh", mode: "0755"}',
            "  /etc/app: {from: app.conf}",
        )
    )

    assert load(topology).node("s").files == (
        File(path="/etc/motd", content=b"hello\n"),
        File(path="/bin/hey", content=b"#!/bin/sh", mode=0o755),
        File(path="/etc/app", content=b"\xff\x00"),
    )


def test_the_plan_as_json_has_the_size_and_the_digest_of_a_file(lab: Loading):
    (file,) = lab(of_node("files: {/a: hi}")).to_json()["nodes"][0]["files"]

    assert file["content"] == {
        "size": 2,
        "sha256": "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
    }


def test_nodes_that_have_the_same_file_share_its_bytes(lab: Loading):
    plan = lab("name: a\nnodes: {c1..3: {files: {/a: the same}}}\n")

    assert len({id(node.files[0].content) for node in plan.nodes}) == 1


def test_a_bind_is_relative_to_the_topology(tmp_path: Path):
    (tmp_path / "data").mkdir()
    topology = tmp_path / "lab.yaml"
    topology.write_text(of_node("binds: [data:/srv/data:ro, /etc:/srv/etc]"))

    assert load(topology).node("s").binds == (
        Bind(source=str(tmp_path / "data"), target="/srv/data", read_only=True),
        Bind(source="/etc", target="/srv/etc"),
    )


def test_one_bind_needs_no_list(lab: Loading):
    assert lab(of_node("binds: /etc:/srv/etc")).node("s").binds[0].target == "/srv/etc"


def test_a_run_is_read_again_though_its_files_are_gone():
    text = of_node("binds: nowhere:/srv/x", "files: {/a: {from: gone}}")

    node = load_text(text, "lab.yaml", sources=Forgotten()).node("s")

    assert [file.path for file in node.files] == ["/a"]
    assert [bind.source for bind in node.binds] == ["nowhere"]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("image: Debian", "NAME@sha256:…, such as debian:12, not 'Debian' (names of images have"),
        ("image: ''", "an image is NAME, NAME:TAG"),
        ("image: 'debian:'", "an image is NAME, NAME:TAG"),
        ("image: debian@sha256:12", "an image is NAME, NAME:TAG"),
        ("imag: debian", "unknown key (did you mean 'image'?)"),
        ("command: [true]", "a command is words, as one text or as a list of texts, not a list"),
        ("command: []", "a command is words"),
        ("command: ''", "a command is words"),
        ("command: say 'hi", 'a quotation in "say \'hi" has no end'),
        ("command: serve", "'command' is about the main program of an image, and no 'image'"),
        ("user: www-data", "'user' is about the main program of an image, and no 'image'"),
        ("ready: {port: tcp/80}", "'ready' is about the main program of an image, and no 'image'"),
        ("ready: {within: 5s}", "'ready' asks one thing, port, log or command, not nothing"),
        ("user: a b", "a user is a name or a number, such as www-data or 1000:1000, not 'a b'"),
        ("env: [A]", "'env' is a mapping such as {PORT: 80}, not a list"),
        ("env: {A: true}", "A takes a text or a whole number, not true"),
        ("resources: {memory: 256}", "the number 256 needs a unit: an amount of memory looks"),
        ("resources: {memory: 1 MiB}", "memory is 6 MiB to 1024 GiB, not '1 MiB'"),
        ("resources: {cpus: 0}", "'cpus' is 0.01 to 1024, not 0"),
        ("resources: {cpus: half}", "'cpus' is a number such as 0.5 or 2, not 'half'"),
        ("resources: {pids: 1.5}", "a number of processes is a whole number, not the number 1.5"),
        ("resources: {ram: 1 GiB}", "unknown key (it has memory, cpus or pids)"),
        ("files: {etc/motd: a}", "a path in a node is absolute, such as /etc/motd, not 'etc/motd'"),
        ("files: {/etc/../motd: a}", "'/etc/../motd' has detours; write /motd"),
        ("files: {/proc/self: a}", "'/proc/self' is the kernel's own"),
        ("files: {/: a}", "'/' is the whole node"),
        ("files: {/etc/hosts: a}", "/etc/hosts is the lab's own"),
        ("files: {/a: 1}", "must be a mapping, not the number 1"),
        ("files: {/a: {}}", "a file has either 'content' or 'from'"),
        ("files: {/a: {content: a, from: b}}", "a file has either 'content' or 'from'"),
        ("files: {/a: {content: a, mode: 0644}}", "such as '0644', not the number 644 (put it in"),
        ("files: {/a: {content: a, mode: '0999'}}", "a mode is three octal digits"),
        ("files: {/a: {from: nowhere}}", "cannot read nowhere: No such file or directory"),
        ("files: {/a: {from: /etc}}", "cannot read /etc: Is a directory"),
        ("files: {/a: {from: /dev/zero}}", "/dev/zero is no file"),
        ("files: {/a: b, /a/b: c}", "/a is a file, so that /a/b cannot be in it"),
        ("binds: [/etc]", "a bind looks like ./data:/srv/data or ./data:/srv/data:ro, not '/etc'"),
        ("binds: ['/etc:/x:rw']", "a bind ends with ':ro' or with its target, not with ':rw'"),
        ("binds: ['/etc:x']", "a path in a node is absolute, such as /etc/motd, not 'x'"),
        ("binds: [/nowhere:/x]", "cannot bind /nowhere: No such file or directory"),
        ("binds: [/etc:/x, /usr:/x]", "/x is bound twice"),
        ("{binds: [/etc:/x], files: {/x: a}}", "/x is bound already"),
    ],
)
def test_what_is_wrong_is_said(refused: Refusing, key: str, says: str):
    text = f"name: a\nnodes:\n  s: {key}\n" if key.startswith("{") else of_node(key)

    (line,) = refused(text)

    assert line.startswith("lab.yaml:")
    assert says in line


def test_the_mistake_of_a_kind_is_told_once(refused: Refusing):
    (line,) = refused("name: a\nkinds: {k: {command: serve}}\nnodes: {c1..9: {kind: k}}\n")

    assert line.startswith("lab.yaml:2:13: kinds.k.command: 'command' is about the main program")


def test_a_file_of_more_than_a_mebibyte_is_refused(tmp_path: Path):
    (tmp_path / "large").write_bytes(bytes(LARGEST_FILE + 1))
    topology = tmp_path / "lab.yaml"
    topology.write_text(of_node("files: {/a: {from: large}}"))

    with pytest.raises(TopologyError, match="large is larger than 1 MiB"):
        load(topology)


def test_the_files_of_a_lab_have_a_limit_together(tmp_path: Path):
    count = LARGEST_IN_ALL // LARGEST_FILE + 1
    for number in range(count):
        (tmp_path / str(number)).write_bytes(bytes(LARGEST_FILE))
    listed = ", ".join(f"/{number}: {{from: '{number}'}}" for number in range(count))
    topology = tmp_path / "lab.yaml"
    topology.write_text(of_node(f"files: {{{listed}}}"))

    with pytest.raises(TopologyError, match="files of this lab are larger than 16 MiB together"):
        load(topology)


def test_a_lab_may_name_its_backend(lab: Loading, refused: Refusing):
    assert lab(dedent(of_node("role: host"))).backend is None
    assert lab("backend: docker\n" + of_node("role: host")).backend == "docker"
    (line,) = refused("backend: dokcer\n" + of_node("role: host"))
    assert "'backend' is netns, docker or sim, not 'dokcer' (did you mean 'docker'?)" in line


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1))
def test_a_command_as_one_text_is_its_words(words: list[str]):
    words[0] = words[0] or "a"
    assert _command(shlex.join(words)) == tuple(words) == _command(words)


@given(st.text())
def test_a_path_in_a_node_is_normal_or_refused(path: str):
    accepted = answered(path_in_node, path)

    assert accepted is None or accepted == path == posixpath.normpath(path)
    assert accepted is None or accepted.startswith("/")


@given(st.lists(PIECES, min_size=1, max_size=5))
def test_every_path_without_detours_is_one(pieces: list[str]):
    path = "/srv/" + "/".join(pieces)
    assert path_in_node(path) == path


@given(PIECES, PIECES, st.booleans())
def test_a_bind_has_a_source_and_a_target(source: str, target: str, read_only: bool):
    bound = _bind(f"{source}:/{target}/x{':ro' if read_only else ''}")
    assert (bound.source, bound.target, bound.read_only) == (source, f"/{target}/x", read_only)


@given(st.text())
def test_any_text_is_a_bind_or_refused_in_words(text: str):
    bound = answered(_bind, text)

    assert bound is None or text == (
        f"{bound.source}:{bound.target}{':ro' if bound.read_only else ''}"
    )


@given(
    st.lists(NAMES, min_size=1, max_size=3),
    st.sampled_from(["", ":latest", ":1.2-rc_3", "@sha256:" + "0f" * 32, ":1@sha256:" + "a" * 64]),
    st.sampled_from(["", "localhost/", "localhost:5000/", "registry.example/", "host:80/"]),
)
def test_references_of_images(parts: list[str], tag: str, registry: str):
    reference = f"{registry}{'/'.join(parts)}{tag}"
    assert _image(reference) == reference


@given(st.text(max_size=300))
def test_any_text_is_an_image_or_refused_in_words(text: str):
    assert answered(_image, text) in {None, text}
