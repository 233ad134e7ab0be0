from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from netlab.analyse.model import Connection, Endpoint, Source, StateChange, Transit
from netlab.collect.events import Event
from netlab.report.columns import width
from netlab.report.textladder import ladder
from netlab.wire.tcp import Flags

from .conftest import Wire, events, exchange

FIGURE = """\
    time ms  c1 10.0.0.2:1500                                 server 10.0.0.1:7
      0.000     SYN_SENT |-- SYN, MSS 536 ------------------------>| LISTEN
                         |                                         | SYN_RCVD
      0.060  ESTABLISHED |<- SYN, ACK 1, MSS 1460 -----------------|
      0.120              |-- ACK 1 ------------------------------->| ESTABLISHED
      0.200              |-- data 1:101 (100), ACK 1 ------------->|
      0.300              |<- data 1:101 (100), ACK 101 ------------|
      0.360              |-- ACK 101 ----------------------------->|
      0.400   FIN_WAIT_1 |-- FIN, ACK 101 ------------------------>| CLOSE_WAIT
      0.460   FIN_WAIT_2 |<- ACK 102 ------------------------------|
      0.900    TIME_WAIT |<- FIN, ACK 102 -------------------------| LAST_ACK
      0.960              |-- ACK 102 ----------------------------->| CLOSED
"""
