"""ftplib as the standard library has it, on a lossy link of our stack."""

from __future__ import annotations

import ftplib
import hashlib
import io
import random

import pytest

from netlab.testing import ftp_server
from netlab.testing.blocking import LOSSY, play
from netlab.testing.ftp_server import FtpServer

DATA = random.Random(5).randbytes(150_000)


@pytest.mark.parametrize("passive", [True, False], ids=["passive", "active"])
@pytest.mark.parametrize(("host", "address"), [("server", "0.0.0.0"), ("server6", "::")])
def test_files_go_both_ways(passive: bool, host: str, address: str):
    files = {"download": DATA}

    def serve() -> None:
        with FtpServer((address, 21), files) as server:
            server.serve_forever()

    def ask() -> bytes:
        got = io.BytesIO()
        with ftplib.FTP(host) as ftp:
            ftp.login()
            ftp.set_pasv(passive)
            ftp.retrbinary("RETR download", got.write)
            ftp.storbinary("STOR upload", io.BytesIO(DATA[::-1]))
        return got.getvalue()

    got = play(ask, serve, impairment=LOSSY, also=(ftp_server,))
    assert digest(got) == digest(DATA)
    assert digest(files["upload"]) == digest(DATA[::-1])


def test_what_the_server_refuses_is_an_error_of_ftplib():
    def serve() -> None:
        with FtpServer(("", 21), {}) as server:
            server.serve_forever()

    def ask() -> None:
        with ftplib.FTP("server") as ftp:
            ftp.login()
            ftp.retrbinary("RETR nothing", lambda _: None)

    with pytest.raises(ftplib.error_perm, match="550 there is no nothing"):
        play(ask, serve, also=(ftp_server,))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
