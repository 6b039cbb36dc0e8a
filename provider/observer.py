"""Who is told what happens in a provider, for metrics. Takes no notice itself and keeps nothing."""

from __future__ import annotations


class Observer:
    """To be overridden. None of it may wait or raise."""

    def operation_ended(self, kind: str, state: str, seconds: float) -> None:
        """An operation of type `kind` ended in `state`, so long after it was accepted."""

    def call_ended(self, call: str, code: str, seconds: float) -> None:
        """A CSI call, by its name in CSI, ended with this gRPC code ("OK" for an answer), or an action on the
        host with OK or HOST. `seconds` without the wait for its turn."""

    def call_waited(self, call: str, seconds: float) -> None:
        """A CSI call waited so long for its turn."""
