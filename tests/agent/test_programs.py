from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from netlab.agent.output import OUTPUT_LIMIT
from netlab.testing.agents import AgentProcess, Message


def run(agent: AgentProcess, *argv: str, within: float = 10.0) -> tuple[Message, Message]:
    """The answer, and the `program` event."""
    answer = agent.ask("exec", conn="p", argv=list(argv), within=within, seed=7)
    event = next(each for each in reversed(agent.events) if each["kind"] == "program")
    return answer, event


def shell(agent: AgentProcess, script: str, within: float = 10.0) -> tuple[Message, Message]:
    return run(agent, "sh", "-c", script, within=within)


def test_output_of_both_kinds_and_the_exit_code_are_kept(agent: AgentProcess):
    answer, event = shell(agent, "echo out; echo err >&2; exit 3")
    assert answer["ok"]
    assert answer["exit_code"] == 3
    assert event["argv"] == ["sh", "-c", "echo out; echo err >&2; exit 3"]
    assert (event["conn"], event["output"]) == ("p", "out\nerr\n")
    assert (event["exit_code"], event["signal"], event["truncated"]) == (3, None, False)


def test_a_signal_that_ends_a_program_has_a_name(agent: AgentProcess):
    _, event = shell(agent, "kill -TERM $$")
    assert (event["exit_code"], event["signal"]) == (None, "SIGTERM")


def test_so_has_a_real_time_signal(agent: AgentProcess):
    script = "import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)"
    _, event = run(agent, sys.executable, "-c", script)
    assert (event["exit_code"], event["signal"]) == (None, "SIGRTMIN+3")


def test_a_program_that_does_not_exist(agent: AgentProcess):
    answer = agent.ask("exec", conn="p", argv=["/no/such/program"], within=10.0, seed=7)
    assert (answer["ok"], answer["errno"]) == (False, "ENOENT")


def test_a_flood_of_output_is_cut_and_said_to_be(agent: AgentProcess):
    answer, event = shell(agent, "head -c 3000000 /dev/zero | tr '\\0' x")
    assert answer["ok"]
    assert event["exit_code"] == 0
    assert event["output"] == "x" * OUTPUT_LIMIT
    assert event["truncated"]


def test_output_of_exactly_the_limit_is_whole(agent: AgentProcess):
    _, event = shell(agent, f"head -c {OUTPUT_LIMIT} /dev/zero | tr '\\0' x")
    assert len(event["output"]) == OUTPUT_LIMIT
    assert not event["truncated"]


def test_bytes_that_are_no_text_are_replaced(agent: AgentProcess):
    _, event = shell(agent, r"printf '\377ok'")
    assert event["output"] == "\N{REPLACEMENT CHARACTER}ok"


def test_a_program_reads_nothing(agent: AgentProcess):
    _, event = run(agent, "cat")
    assert (event["output"], event["exit_code"]) == ("", 0)


def test_a_program_does_not_inherit_ignored_signals(agent: AgentProcess):
    """Python ignores SIGPIPE; a program that did too would complain instead of ending."""
    _, event = shell(agent, "grep SigIgn /proc/self/status; yes | head -1")
    ignored, reply = event["output"].splitlines()
    assert int(ignored.split()[1], 16) & 0x100_1002 == 0  # SIGINT, SIGPIPE, SIGXFSZ
    assert reply == "y"


def test_a_program_that_takes_too_long_is_killed_with_its_children(
    agent: AgentProcess, tmp_path: Path
):
    pids = tmp_path / "pids"
    began = time.monotonic()
    answer, event = shell(agent, f"sleep 60 & echo $! $$ > {pids}; wait", within=0.3)
    assert time.monotonic() - began < 10
    assert (answer["ok"], answer["errno"]) == (False, "ETIMEDOUT")
    assert answer["error"] == "still running after 0.3 s, killed"
    assert event["signal"] == "SIGKILL"
    assert not any(is_running(int(pid)) for pid in pids.read_text().split())


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_a_daemon_that_keeps_the_output_open_is_not_waited_for(agent: AgentProcess):
    began = time.monotonic()
    answer, event = shell(agent, "echo said; setsid sleep 30 & echo $!")
    assert time.monotonic() - began < 10
    assert answer["ok"]
    said, daemon = event["output"].split()
    assert said == "said"
    assert is_running(int(daemon))
    os.kill(int(daemon), 9)


def test_several_programs_at_once(agent: AgentProcess):
    slow = agent.begin("exec", conn="slow", argv=["sleep", "0.2"], within=10.0, seed=7)
    answer, _ = run(agent, "true")
    assert answer["ok"]
    assert agent.answer(slow)["ok"]


def test_programs_leave_no_descriptor_behind(agent: AgentProcess):
    descriptors = Path(f"/proc/{agent.pid}/fd")
    run(agent, "true")
    before = len(list(descriptors.iterdir()))
    for _ in range(5):
        run(agent, "true")
        agent.ask("exec", conn="p", argv=["/no/such/program"], within=10.0, seed=7)
    assert len(list(descriptors.iterdir())) == before
