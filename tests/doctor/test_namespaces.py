from __future__ import annotations

import errno
import os
import socket
from dataclasses import replace

import pytest

from netlab.backends.netns import userns
from netlab.doctor import namespaces
from netlab.doctor.namespaces import TRIALS, Trial
from netlab.errors import EnvironmentLacks


def refuse() -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


TRIAL = Trial("bridges", lambda: None, "for LANs", "sudo modprobe bridge")


def test_what_succeeds_is_present() -> None:
    feature = TRIAL.carry_out()
    assert feature.present
    assert feature.note == "for LANs"


def test_what_fails_is_missing_with_the_reason_and_the_fix() -> None:
    feature = replace(TRIAL, attempt=refuse, required=True).carry_out()
    assert not feature.present
    assert feature.required
    assert feature.note == "Operation not permitted; sudo modprobe bridge"


def test_without_user_namespaces_nothing_else_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(_flags: int) -> None:
        raise EnvironmentLacks("AppArmor forbids it", hint="allow it")

    monkeypatch.setattr(userns, "enter", forbid)
    first, *others = namespaces.features()
    assert (first.name, first.present, first.required) == ("user namespaces", False, True)
    assert first.note == "AppArmor forbids it; allow it"
    assert [each.name for each in others] == [trial.name for trial in TRIALS]
    assert not any(each.present for each in others)


@pytest.mark.lab
def test_what_labs_need_is_there_where_labs_run() -> None:
    assert all(each.present for each in namespaces.features() if each.required)


def interfaces() -> list[str]:
    return [name for _, name in socket.if_nameindex()]


@pytest.mark.lab
def test_trials_leave_no_interface_behind() -> None:
    before = interfaces()
    namespaces.features()
    assert interfaces() == before


@pytest.mark.lab
def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    veth = next(each for each in namespaces.features() if each.name == "virtual links")
    assert not veth.present
    assert veth.note.startswith("it takes the program ip; ")
