"""Programs that run in the background and as services: ready, watched, ended."""

from __future__ import annotations

import os
import signal
import socket
from typing import Any

import pytest

from netlab.agent.output import LOG_LIMIT
from netlab.testing.agents import AgentProcess

Message = dict[str, Any]


def start(agent: AgentProcess, line: str, **fields: Any) -> Message:
    request = {"conn": "p", "argv": ["/bin/sh", "-c", line], "within": 10.0}
    return agent.ask("start", **(request | fields))


def serve(agent: AgentProcess, line: str, **fields: Any) -> Message:
    request = {
        "service": "web",
        "argv": ["/bin/sh", "-c", line],
        "within": 10.0,
        "may_end": False,
    }
    return agent.ask("run-service", **(request | fields))


def over(agent: AgentProcess, do: str, **fields: Any) -> Message:
    return agent.ask(do, **({"conn": "p", "within": 10.0} | fields))


def test_a_program_runs_on_until_it_is_told_to_end(agent: AgentProcess):
    assert start(agent, "echo hello; exec sleep 60", ready={"log": "hello"})["ok"]
    agent.wait_for("process", process="p", status="started")
    assert over(agent, "signal", signal="SIGTERM")["ok"]
    event = agent.wait_for("program", conn="p")
    assert (event["exit_code"], event["signal"], event["output"]) == (None, "SIGTERM", "hello\n")


def test_the_signal_reaches_the_program_behind_a_shell(agent: AgentProcess):
    start(agent, "sleep 60; echo never")
    over(agent, "signal", signal="SIGTERM")
    assert agent.wait_for("program", conn="p")["output"] == ""


def test_a_signal_that_ends_nothing_is_not_waited_for(agent: AgentProcess):
    start(agent, "sleep 60")
    assert over(agent, "signal", signal="SIGCONT")["ok"]
    assert not [event for event in agent.events if event["kind"] == "program"]


def test_a_program_that_ignores_its_signal_still_runs(agent: AgentProcess):
    start(agent, "trap '' TERM; echo deaf; sleep 60 & wait", ready={"log": "deaf"})
    answer = over(agent, "signal", signal="SIGTERM", within=0.1)
    assert (answer["errno"], answer["error"]) == ("ETIMEDOUT", "still running after 0.1 s")


def test_waiting_for_a_program(agent: AgentProcess):
    start(agent, "read word; echo got $word; exit 3", input="a\n")
    assert over(agent, "await")["ok"]
    event = agent.wait_for("program", conn="p")
    assert (event["exit_code"], event["output"]) == (3, "got a\n")
    assert over(agent, "await")["ok"]  # it has ended already


def test_waiting_for_nothing(agent: AgentProcess):
    answer = over(agent, "await")
    assert (answer["errno"], answer["error"]) == ("ESRCH", "no program p was started")


def test_where_and_how_a_program_runs(agent: AgentProcess):
    start(agent, "echo $WHO in $(pwd)", env={"WHO": "you"}, cwd="/usr")
    over(agent, "await")
    assert agent.wait_for("program", conn="p")["output"] == "you in /usr\n"


def test_an_unprivileged_program_has_no_capabilities(agent: AgentProcess):
    start(agent, "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status", unprivileged=True)
    over(agent, "await")
    lines = agent.wait_for("program", conn="p")["output"].splitlines()
    assert {line.split()[1] for line in lines} == {"0" * 16}
    assert len(lines) == 3


def test_a_folder_that_is_not_there(agent: AgentProcess):
    answer = start(agent, "true", cwd="/nowhere")
    assert answer["error"] == "its folder /nowhere cannot be entered: No such file or directory"


def test_what_still_runs_at_the_end_is_ended(agent: AgentProcess):
    start(agent, "exec sleep 60")
    start(agent, "true", conn="q")
    over(agent, "await", conn="q")
    assert agent.ask("end-programs")["ended"] == ["p"]
    assert agent.wait_for("program", conn="p")["signal"] == "SIGTERM"


def test_a_service_is_ready_when_its_port_listens(agent: AgentProcess):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer = serve(agent, "sleep 60", ready={"port": ["tcp", listener.getsockname()[1]]})
        assert answer["ok"]
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()  # nobody has connected to find out
    assert agent.wait_for("service", service="web", status="ready")


def test_a_datagram_service_is_ready_when_its_port_is_bound(agent: AgentProcess):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        assert serve(agent, "sleep 60", ready={"port": ["udp", bound.getsockname()[1]]})["ok"]


@pytest.mark.parametrize(
    "ready",
    [{"log": "^now ready$"}, {"command": ["test", "-d", "/proc"]}],
    ids=["log", "command"],
)
def test_a_service_is_ready_when_it_says_so_or_a_command_does(agent: AgentProcess, ready: Message):
    assert serve(agent, "echo starting; sleep 0.05; echo now ready; sleep 60", ready=ready)["ok"]


@pytest.mark.parametrize(
    ("ready", "missing"),
    [
        ({"port": ["tcp", 1]}, "nothing listens on tcp/1"),
        ({"log": "never"}, "its output has no 'never'"),
        ({"command": ["false"]}, "'false' does not succeed"),
        ({"command": ["sleep", "60"]}, "'sleep 60' does not succeed"),
        ({"command": ["no-such-program"]}, "'no-such-program' does not succeed"),
    ],
    ids=["port", "log", "command", "slow command", "no command"],
)
def test_a_service_that_is_not_ready_in_time(agent: AgentProcess, ready: Message, missing: str):
    answer = serve(agent, "echo a; echo b; sleep 60", ready=ready, within=0.2)
    wanted = f"it is not ready within 0.2 s: {missing}; it last said: a / b"
    assert (answer["errno"], answer["error"]) == ("ETIMEDOUT", wanted)
    assert agent.wait_for("service", service="web", status="failed")["error"] == wanted


def test_a_service_that_ends_before_it_is_ready(agent: AgentProcess):
    answer = serve(agent, "echo no such thing; exit 3", ready={"log": "ready"})
    assert answer["error"] == (
        "it ended with exit code 3 before it was ready; it last said: no such thing"
    )


def test_a_service_that_ends_later_has_failed(agent: AgentProcess):
    serve(agent, "echo ready; exec sleep 60", ready={"log": "ready"})
    os.kill(agent.wait_for("service", service="web", status="ready")["pid"], signal.SIGKILL)
    failed = agent.wait_for("service", service="web", status="failed")
    assert failed["error"] == "it was ended by SIGKILL; it last said: ready"


def test_a_service_that_may_end(agent: AgentProcess):
    assert serve(agent, "exit 4", may_end=True)["ok"]
    assert agent.wait_for("service", service="web", status="ended")["exit_code"] == 4


def test_a_service_that_is_no_program(agent: AgentProcess):
    answer = serve(agent, "", argv=["no-such-program"])
    assert (answer["errno"], answer["error"]) == (
        "ENOENT",
        "no-such-program: No such file or directory",
    )


def test_what_is_printed_goes_to_the_log_up_to_a_limit(agent: AgentProcess):
    start(agent, f"head -c {LOG_LIMIT + 5} /dev/zero | tr '\\0' x")
    over(agent, "await")
    printed = [event for event in agent.events if event["kind"] == "output"]
    assert sum(len(event["text"]) for event in printed) == LOG_LIMIT
    assert [event["truncated"] for event in printed].index(True) == len(printed) - 1
    assert agent.wait_for("program", conn="p")["truncated"]
