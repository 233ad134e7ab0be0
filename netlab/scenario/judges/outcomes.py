"""Judges what operations and programs came to: errnos, bytes received, exit codes."""

from __future__ import annotations

import hashlib
import re

from netlab.collect.events import Event
from netlab.scenario.judges.evidence import Evidence, Finding, seconds
from netlab.topology.expectations import ErrnoExpected, ProgramExpected, ReceivedExpected

_SHOWN = 300

#: What an event has in the place of bytes that are not UTF-8.
_NO_CHARACTER = "\N{REPLACEMENT CHARACTER}"


def judge_errno(expectation: ErrnoExpected, evidence: Evidence) -> Finding:
    operations = evidence.of_kind("op", expectation.name)
    failed = next((event for event in operations if event.data.get("status") == "error"), None)
    if expectation.errno is None:
        expected = f"no operation on {expectation.name} fails"
    else:
        expected = f"{expectation.name} fails with {expectation.errno}"
    if failed is not None:
        passed = failed.data.get("errno") == expectation.errno is not None
        seen = f"{failed.data.get('op')} failed {_error(failed)} at {seconds(failed.t)}"
        return Finding(passed, expected, seen)
    if not operations:
        return Finding(
            passed=False, expected=expected, seen=f"no operation on {expectation.name} was done"
        )
    done = ", ".join(str(event.data.get("op")) for event in operations)
    return Finding(expectation.errno is None, expected, f"nothing failed; done were: {done}")


def _error(event: Event) -> str:
    errno = event.data.get("errno")
    return f"with {errno}" if errno else f"without an errno: {event.data.get('error')}"


def judge_received(expectation: ReceivedExpected, evidence: Evidence) -> Finding:
    name = expectation.connection
    operations = [e for e in evidence.of_kind("op", name) if "received" in e.data]
    expected = f"{name} receives {', '.join(_received_wanted(expectation))}"
    if not operations:
        return Finding(passed=False, expected=expected, seen=f"no operation on {name} was done")
    last = operations[-1].data
    text = "".join(event.data.get("text") or "" for event in operations)
    size, digest = last["received"], last.get("received_sha256")
    passed = (
        expectation.size in {None, size}
        and expectation.sha256 in {None, digest}
        and (expectation.expected_text is None or _sha256(expectation.expected_text) == digest)
        and (not expectation.equals_sent or digest == last.get("sent_sha256"))
    )
    seen = [f"{size} bytes, sha256 {digest}"]
    if expectation.equals_sent:
        seen.append(f"{last.get('sent')} bytes were sent, sha256 {last.get('sent_sha256')}")
    if text and _NO_CHARACTER not in text:  # else it is not meant to be read
        seen.append(f"text: {_shortened(text)}")
    return Finding(passed, expected, "\n".join(seen))


def _received_wanted(expectation: ReceivedExpected) -> list[str]:
    wanted = []
    if expectation.size is not None:
        wanted.append(f"{expectation.size} bytes")
    if expectation.sha256 is not None:
        wanted.append(f"sha256 {expectation.sha256}")
    if expectation.expected_text is not None:
        wanted.append(f"the text {_shortened(expectation.expected_text)}")
    if expectation.equals_sent:
        wanted.append("what it sent")
    return wanted


def judge_program(expectation: ProgramExpected, evidence: Evidence) -> Finding:
    wanted = []
    if expectation.exit_code is not None:
        wanted.append(f"exit code {expectation.exit_code}")
    if expectation.output is not None:
        wanted.append(f"output matching {expectation.output}")
    expected = f"{expectation.name}: {', '.join(wanted)}"
    programs = evidence.of_kind("program", expectation.name)
    if not programs:
        return Finding(
            passed=False, expected=expected, seen=f"{expectation.name} did not end, or never ran"
        )
    data = programs[-1].data
    output = data.get("output") or ""
    passed = expectation.exit_code in {None, data.get("exit_code")} and (
        expectation.output is None or bool(re.search(expectation.output, output, re.MULTILINE))
    )
    signal = data.get("signal")
    end = f"ended by signal {signal}" if signal else f"exit code {data.get('exit_code')}"
    return Finding(passed, expected, f"{end}, output: {_shortened(output)}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
