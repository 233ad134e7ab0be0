from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.lab

LAB = dedent("""\
    name: pair
    nodes: {c: , s: {services: [{echo: tcp/7}]}}
    links: [c -- s]
    scenario:
      - {node: c, connect: tcp s:7, as: first}
      - {close: first}
    expect:
      - {never: tcp.flags.rst}
      - {packets: tcp.flags.fin, count: 2}
""")
WRONG = LAB.replace("count: 2", "count: 3")


Running = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Running:
    """pytest with the plugin, whether it is installed or not."""
    installed = any(each.name == "netlab" for each in entry_points(group="pytest11"))
    plugin = () if installed else ("-p", "netlab.pytest_plugin")

    def run(*words: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*plugin, "-p", "no:cacheprovider", *words)

    return run


def kept(pytester: pytest.Pytester) -> list[Path]:
    return sorted(pytester.path.glob("netlab-out/tests/**/report.html"))


def test_topology_files_are_tests_when_asked_for(pytester: pytest.Pytester, run: Running):
    (pytester.path / "right.yaml").write_text(LAB)
    (pytester.path / "wrong.yaml").write_text(WRONG)
    (pytester.path / "other.yaml").write_text("nothing: here\n")

    result = run("--netlab")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*lab wrong*",
            "FAIL  packets tcp.flags.fin, count 3",
            "      where:    *wrong.yaml:9:5",
            "      seen:     2 packets match",
            "what the labs wrote: *netlab-out/tests/wrong.yaml-run",
        ]
    )
    assert [path.parent.name for path in kept(pytester)] == ["wrong.yaml-run"]


def test_without_being_asked_for_they_are_not(pytester: pytest.Pytester, run: Running):
    (pytester.path / "right.yaml").write_text(LAB)
    run().assert_outcomes()


def test_an_ini_file_may_ask_for_them(pytester: pytest.Pytester, run: Running):
    pytester.makeini("[pytest]\nnetlab_yaml = labs/**/*.yaml\nnetlab_out = kept")
    (pytester.path / "labs" / "tcp").mkdir(parents=True)
    (pytester.path / "labs" / "tcp" / "wrong.yaml").write_text(WRONG)
    (pytester.path / "right.yaml").write_text(LAB)

    run().assert_outcomes(failed=1)
    assert list(pytester.path.glob("kept/**/report.html"))


def test_a_file_with_mistakes_fails_with_them(pytester: pytest.Pytester, run: Running):
    (pytester.path / "broken.yaml").write_text(LAB.replace("nevr", "never").replace("c -- s", "c"))
    result = run("--netlab")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*broken.yaml:3:*"])


def test_the_fixture_runs_labs_from_paths_and_texts(pytester: pytest.Pytester, run: Running):
    pytester.makepyfile(
        f"""
        from pathlib import Path

        LAB = {LAB!r}

        def test_text(lab):
            ran = lab.run(LAB, seed=5)
            assert ran.passed, ran.said
            assert ran.summary["seed"] == 5
            assert ran.read().analysis.connection("first").client.states

        def test_path(lab):
            Path("lab.yaml").write_text(LAB.replace("count: 2", "count: 3"))
            ran = lab.run("lab.yaml")
            assert not ran.passed
            assert "FAIL  packets tcp.flags.fin, count 3" in ran.said

        def test_failing(lab):
            assert not lab.run(LAB).passed
        """
    )
    run().assert_outcomes(passed=2, failed=1)
    assert len(kept(pytester)) == 1
    assert "test_failing" in str(kept(pytester)[0])


def test_labs_that_are_up_do_not_mind_each_other(pytester: pytest.Pytester, run: Running):
    pytester.makepyfile(
        f"""
        import pytest

        LAB = {LAB!r}

        @pytest.mark.parametrize("number", [1, 2])
        def test_exec(lab, number):
            with lab.up(LAB) as running:
                assert running.name.startswith("pair-")
                assert running.exec("c", "hostname").stdout == "c\\n"
                assert running.exec("c", "false").returncode == 1
        """
    )
    run("-n", "2").assert_outcomes(passed=2)
    assert kept(pytester) == []


def test_the_backend_is_chosen_for_all_labs(
    pytester: pytest.Pytester, run: Running, monkeypatch: pytest.MonkeyPatch
):
    (pytester.path / "right.yaml").write_text(LAB)
    pytester.makepyfile(
        f"""
        LAB = {LAB!r}

        def test_run(lab):
            ran = lab.run(LAB)
            assert ran.passed, ran.said

        def test_up(lab):
            with lab.up(LAB) as running:
                assert running.exec("c", "true").returncode == 0
        """
    )
    monkeypatch.setenv("NETLAB_BACKEND", "no such thing")

    run("--netlab", "--netlab-backend", "netns").assert_outcomes(passed=3)
    run("--netlab").assert_outcomes(failed=3)


def test_the_stack_is_chosen_for_all_labs(
    pytester: pytest.Pytester, run: Running, monkeypatch: pytest.MonkeyPatch
):
    (pytester.path / "right.yaml").write_text(LAB)
    monkeypatch.setenv("NETLAB_STACK", "no such thing")

    run("--netlab", "--netlab-stack", "kernel").assert_outcomes(passed=1)
    run("--netlab").assert_outcomes(failed=1)


def test_a_lab_that_is_up_finds_the_files_beside_its_topology(
    pytester: pytest.Pytester, run: Running
):
    (pytester.path / "word").write_text("mine")
    (pytester.path / "lab.yaml").write_text(
        "name: pair\nnodes: {c: {files: {/etc/netlab-word: {from: word}}}}\n"
    )
    pytester.makepyfile(
        """
        def test_up(lab):
            with lab.up("lab.yaml") as running:
                assert running.exec("c", "cat", "/etc/netlab-word").stdout == "mine"
        """
    )

    run().assert_outcomes(passed=1)
    assert [each.name for each in pytester.path.glob("*.yaml")] == ["lab.yaml"]
