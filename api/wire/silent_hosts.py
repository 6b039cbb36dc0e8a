"""Connections to a host that fell silent (no power, no cable: nobody says that they are over), noticed soon.

The kernel asks the other host whether it is there when nothing is said, and gives up what it does not
confirm; the processes on both sides are not woken for it. It opens, reads and writes no socket.
"""

from __future__ import annotations

import socket
from typing import Final

IDLE_SECONDS: Final = 2
"""Without a word from the other host, after which it is asked…"""
ASK_SECONDS: Final = 1
"""…every so many seconds…"""
ASKED: Final = 3
"""…so many times. A host that hangs up for less than all of this together is waited for."""
UNCONFIRMED_SECONDS: Final = 5
"""What was sent and is not confirmed for so long, was sent to nobody."""


def notice_silence(connection: object) -> None:
    """`connection`: a TCP socket; anything else (None, one of a simulation) is left as it is."""
    setsockopt = getattr(connection, "setsockopt", None)
    if setsockopt is None or getattr(connection, "family", None) not in (socket.AF_INET, socket.AF_INET6):
        return
    setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE_SECONDS)
    setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, ASK_SECONDS)
    setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, ASKED)
    setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNCONFIRMED_SECONDS * 1000)
