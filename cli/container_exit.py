"""How a container ended, as an exit status and in words. Pure."""

from __future__ import annotations

import os

from msgspec import UNSET

from api.wire.v1 import agent
from cli.failures import NOT_RUN
from cli.output import text


def exit_status(ended: agent.ResponseWaitContainer) -> int:
    """Its own, 128 + the number after a signal; NOT_RUN when nobody saw it."""
    if ended.exit_status is UNSET:
        return NOT_RUN
    code = os.waitstatus_to_exitcode(ended.exit_status)
    return code if code >= 0 else 128 - code


def explanation(ended: agent.ResponseWaitContainer) -> str | None:
    """What the exit status alone does not say; None when it says all."""
    if ended.exit_status is UNSET or ended.reason is not UNSET:
        return text(ended.message)
    return None


def in_words(ended: agent.ResponseWaitContainer) -> str:
    """For a table: "0", "3", "signal 9", "memory", "lost"."""
    if ended.reason is not UNSET:
        return ended.reason.value.rpartition("_")[2].lower()
    if ended.exit_status is UNSET:
        return "lost"
    code = os.waitstatus_to_exitcode(ended.exit_status)
    return str(code) if code >= 0 else f"signal {-code}"
