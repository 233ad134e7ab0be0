from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlab.fabric.emulator import sequences as module
from netlab.fabric.emulator.sequences import Sequences, is_syn
from netlab.testing.frames import tcp, udp
from netlab.wire.packet import decode
from netlab.wire.tcp import FLAGS, Flags

VERSIONS = pytest.mark.parametrize("version", [4, 6])


def relative(sequences: Sequences, frame: bytes) -> tuple[int | None, int | None]:
    subject = sequences.subject(decode(frame))
    return subject.sequence, subject.acknowledgment


@VERSIONS
def test_numbers_count_from_both_syns(version: int):
    known = Sequences()
    known.watch(tcp(Flags.SYN, 1000, version=version))
    known.watch(tcp(Flags.SYN | Flags.ACK, 5000, 1001, version=version, back=True))
    there = tcp(Flags.ACK, 1001, 5001, version=version)
    back = tcp(Flags.ACK, 5001, 1101, version=version, back=True)
    assert relative(known, there) == (1, 1)
    assert relative(known, back) == (1, 101)


@VERSIONS
def test_a_syn_itself_is_number_0_and_acknowledges_nothing(version: int):
    known = Sequences()
    syn = tcp(Flags.SYN, 1000, version=version)
    known.watch(syn)
    assert relative(known, syn) == (0, None)


def test_without_a_syn_nothing_is_known():
    assert relative(Sequences(), tcp(Flags.ACK, 1001, 5001)) == (None, None)
    assert relative(Sequences(), udp(1)) == (None, None)


def test_numbers_wrap():
    known = Sequences()
    known.watch(tcp(Flags.SYN, 2**32 - 1))
    assert relative(known, tcp(Flags.ACK, 5))[0] == 6


def test_a_retransmitted_syn_changes_nothing_but_a_new_one_does():
    known = Sequences()
    known.watch(tcp(Flags.SYN, 1000))
    known.watch(tcp(Flags.SYN, 1000))
    assert relative(known, tcp(Flags.ACK, 1001))[0] == 1
    known.watch(tcp(Flags.SYN, 9000))
    assert relative(known, tcp(Flags.ACK, 9001))[0] == 1


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_MOST", 1)
    known = Sequences()
    known.watch(tcp(Flags.SYN, 1000))
    known.watch(tcp(Flags.SYN | Flags.ACK, 5000, 1001, back=True))
    assert relative(known, tcp(Flags.ACK, 1001, 5001)) == (None, 1)


@given(st.sampled_from(FLAGS), st.sampled_from([4, 6]), st.integers(0, 80))
def test_it_sees_what_the_decoder_sees(flags: Flags, version: int, cut: int):
    frame = tcp(flags, version=version)
    assert is_syn(frame) is bool(flags & Flags.SYN)
    assert is_syn(b"noise" + frame, 5) is bool(flags & Flags.SYN)
    assert is_syn(frame[:cut]) in {True, False}


@given(st.binary(max_size=120), st.sampled_from([b"\x08\x00\x45", b"\x86\xdd\x60", b""]))
def test_no_bytes_are_too_strange(noise: bytes, kind: bytes):
    """And none make it forget what it knows."""
    known = Sequences()
    known.watch(tcp(Flags.SYN, 1000))
    known.watch(bytes(12) + kind + noise)
    assert relative(known, tcp(Flags.ACK, 1001, 5001))[0] == 1
