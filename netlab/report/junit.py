"""The verdict as JUnit XML: one test case an expectation, for whatever collects test results."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from netlab.report import wording
from netlab.report.run import Run
from netlab.scenario.verdict import Judgement

#: What XML 1.0 cannot hold, not even escaped (its section 2.2).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: Run) -> str:
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", name=_text(run.plan.name))
    suite.set("hostname", _text(run.backend))
    suite.set("timestamp", run.started.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.set("time", f"{run.duration / 1e9:.6f}")
    for judgement in run.verdict.judgements:
        _judged(_case(suite, run, judgement.text, judgement.where), judgement)
    for failure in run.verdict.failures:
        _because(_case(suite, run, failure), "error", failure)
    if run.verdict.interrupted is not None:
        _interrupted(suite, run, wording.headline(run))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for attribute, outcome in (
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        suite.set(attribute, str(sum(case.find(outcome) is not None for case in cases)))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, "unicode") + "\n"


def _case(suite: ET.Element, run: Run, name: str, where: str = "") -> ET.Element:
    case = ET.SubElement(suite, "testcase", classname=_text(run.plan.name), name=_text(name))
    file, _, place = where.partition(":")
    if file:
        case.set("file", _text(file))
        case.set("line", _text(place.partition(":")[0]))
    return case


def _judged(case: ET.Element, judgement: Judgement) -> None:
    if not judgement.passed:
        message = f"expected {judgement.expected}, seen {judgement.seen}"
        told = f"{judgement.where}\nexpected: {judgement.expected}\nseen:     {judgement.seen}"
        frames = ", ".join(map(str, judgement.frames))
        _because(case, "failure", message, f"{told}\nframes:   {frames}" if frames else told)


def _interrupted(suite: ET.Element, run: Run, reason: str) -> None:
    """What was not judged is skipped, and the interruption itself is an error."""
    judged = {(judgement.text, judgement.where) for judgement in run.verdict.judgements}
    for expectation in run.plan.expectations:
        if (expectation.text, expectation.where) not in judged:
            case = _case(suite, run, expectation.text, expectation.where)
            _because(case, "skipped", reason)
    _because(_case(suite, run, "the run"), "error", reason)


def _because(case: ET.Element, outcome: str, message: str, text: str = "") -> None:
    element = ET.SubElement(case, outcome, message=_text(message))
    element.text = _text(text) or None


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
