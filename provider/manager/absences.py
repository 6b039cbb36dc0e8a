"""Why providers are away, where somebody on their host knows: a disk that was pulled out, for example.

It must not: decide who is away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provider.manager.registry import Admitted

AWAY = "it was not here when its agent registered"
"""What is said of a provider when nobody on its host knows why."""


class Absences:
    """Reasons by type and name, as many as there are providers. `away` are those that are not here now;
    `tell` is told of one of them, by its id, why."""

    def __init__(self, away: Callable[[], Sequence[Admitted]], tell: Callable[[str, str], None]) -> None:
        self._away = away
        self._tell = tell
        self._reasons: dict[tuple[str, str], str] = {}

    def explain(self, type_: str, name: str, why: str | None) -> None:
        """It is away, or about to leave, for that reason; None: it is about to come. What is known already is
        told at once, everything again when the host asks."""
        if why is None:
            self._reasons.pop((type_, name), None)
            return
        self._reasons[type_, name] = why
        for provider in self._away():
            if (provider.type, provider.name) == (type_, name):
                self._tell(provider.id, why)

    def why(self, provider: Admitted | None, otherwise: str) -> str:
        """Why that one is away."""
        return otherwise if provider is None else self._reasons.get((provider.type, provider.name), otherwise)
