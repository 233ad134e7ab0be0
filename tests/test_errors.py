from __future__ import annotations

import pytest

from netlab import errors
from netlab.errors import (
    EnvironmentLacks,
    LabError,
    NetlabError,
    NodeError,
    Problem,
    TopologyError,
    UsageError,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [(NetlabError, 4), (UsageError, 2), (EnvironmentLacks, 3), (LabError, 4), (NodeError, 4)],
)
def test_every_error_has_the_exit_code_that_the_tree_says(kind: type[NetlabError], code: int):
    assert kind("broken").exit_code == code
    line = next(line for line in (errors.__doc__ or "").splitlines() if f"{kind.__name__} " in line)
    assert f"exit {code}" in line


def test_the_tree():
    assert TopologyError([]).exit_code == 2
    assert issubclass(TopologyError, UsageError)
    assert issubclass(NodeError, LabError)
    assert not issubclass(LabError, UsageError)
    raised = [each for each in vars(errors).values() if isinstance(each, type)]
    assert all(issubclass(each, NetlabError) for each in raised if issubclass(each, Exception))


def test_an_error_says_where_what_and_how_to_go_on():
    assert str(NodeError("its agent ended", where="c1", hint="see lab.log")) == (
        "c1: its agent ended (see lab.log)"
    )
    assert str(LabError("it broke")) == "it broke"


def test_all_problems_of_a_file_in_its_order():
    late = Problem("lab.yaml", 10, 1, "nodes.c1", "is no node", "did you mean 'c2'?")
    early = Problem("lab.yaml", 9, 30, "", "is odd")
    error = TopologyError([late, early])
    assert error.problems == (early, late)
    assert str(error) == (
        "lab.yaml:9:30: is odd\nlab.yaml:10:1: nodes.c1: is no node (did you mean 'c2'?)"
    )
