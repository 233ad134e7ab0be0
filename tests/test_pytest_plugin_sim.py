"""netlab in pytest, where labs are in virtual time: no kernel is asked for anything."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]

LAB = """\
name: pair
seed: 5
nodes: {c: , s: {services: [{echo: tcp/7}]}}
links: [c -- s]
scenario:
  - {node: c, connect: tcp s:7, as: first}
  - {close: first}
  - {pause: 5s}
expect:
  - {states: {first: [FIN_WAIT_2, TIME_WAIT, CLOSED]}, within: 120s}
"""


def test_topology_files_and_the_fixture_run_in_virtual_time(pytester: pytest.Pytester):
    (pytester.path / "right.yaml").write_text(LAB)
    (pytester.path / "wrong.yaml").write_text(LAB.replace("120s", "10s"))
    pytester.makepyfile(
        f"""
        import pytest

        LAB = {LAB!r}

        def test_runs_are_the_same(lab):
            one, other = lab.run(LAB), lab.run(LAB)
            assert one.passed, one.said
            for name in ("events.jsonl", "lab.pcapng"):
                assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()
            assert one.read().backend == "sim"

        def test_up(lab):
            with pytest.raises(AssertionError, match="cannot be left running"), lab.up(LAB):
                pass
        """
    )
    installed = any(each.name == "netlab" for each in entry_points(group="pytest11"))
    plugin = () if installed else ("-p", "netlab.pytest_plugin")

    result = pytester.runpytest_subprocess(
        *plugin, "-p", "no:cacheprovider", "--netlab", "--netlab-backend", "sim"
    )

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*lab wrong*", "FAIL  first goes*"])
