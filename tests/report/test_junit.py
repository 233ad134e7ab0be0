from __future__ import annotations

from dataclasses import replace

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from netlab.report import junit
from netlab.report.run import Run
from netlab.scenario.verdict import Judgement, Verdict
from netlab.topology.expectations import PacketsExpected


def suite_of(run: Run) -> TestSuite:
    (suite,) = JUnitXml.fromstring(junit.render(run).encode())
    return suite


def outcomes(run: Run) -> list[type]:
    return [type(outcome) for case in suite_of(run) for outcome in case.result]


def test_every_expectation_is_a_test_case(run: Run) -> None:
    suite = suite_of(run)
    assert (suite.name, suite.tests, suite.failures, suite.errors) == ("observed", 2, 0, 0)
    assert [case.name for case in suite] == [j.text for j in run.verdict.judgements]
    assert suite.time == 0.001001


def test_an_unmet_expectation_fails_with_what_was_expected_and_seen(failed: Run) -> None:
    suite = suite_of(failed)
    case: TestCase = list(suite)[-1]
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert failure.message == "expected 1 packet, seen 2 packets: frames 13 and 17"
    assert "topologies/tcp/observed.yaml:22:5" in failure.text
    assert (suite.tests, suite.failures) == (3, 1)


def test_a_test_case_knows_its_line_in_the_file(failed: Run) -> None:
    case = list(suite_of(failed))[-1]
    assert case._elem.get("file") == "topologies/tcp/observed.yaml"
    assert case._elem.get("line") == "22"


def test_a_failed_step_is_an_error(run: Run) -> None:
    assert outcomes(replace(run, verdict=Verdict((), ("c1: connect failed",)))) == [Error]


def test_after_an_interruption_what_was_not_judged_is_skipped(run: Run) -> None:
    judged, *_ = run.verdict.judgements
    left = PacketsExpected(where="x.yaml:9:1", text="no reset", expressions=("tcp.flags.rst",))
    interrupted = replace(
        run,
        plan=replace(run.plan, expectations=(left,)),
        verdict=Verdict((judged,), interrupted="Ctrl-C"),
    )
    assert outcomes(interrupted) == [Skipped, Error]
    suite = suite_of(interrupted)
    assert (suite.tests, suite.skipped, suite.errors) == (3, 1, 1)


def test_characters_that_xml_forbids_are_replaced(run: Run) -> None:
    hostile = Judgement("\x00<a>&\ud800\x1b", "f\x01.yaml:1:2", False, "]]>", "\ufffe")
    (case,) = suite_of(replace(run, verdict=Verdict((hostile,))))
    assert case.name == "\ufffd<a>&\ufffd\ufffd"
