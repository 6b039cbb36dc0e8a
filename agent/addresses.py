"""Which orchestrator is dialled next: one of the given ones, or the leader that was named. Pure."""

from __future__ import annotations

from collections.abc import Sequence

Address = tuple[str, int]


def parsed(text: str) -> Address:
    """The address that `HOST:PORT` is, with an IPv6 host in brackets or not. Raises ValueError."""
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) <= 65535:
        raise ValueError(f"{text.strip()!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


class Addresses:
    """One after the other, and round again; the named leader at once, whether it was given or not."""

    def __init__(self, given: Sequence[Address]) -> None:
        self._given = tuple(dict.fromkeys(given))
        self._turn = 0
        self._named: Address | None = None

    @property
    def several(self) -> bool:
        """Whether there is another one to ask when one does not answer."""
        return len(self._given) > 1

    def next(self) -> Address:
        """The named leader, once; else the one after that which was dialled last."""
        if self._named is not None:
            address, self._named = self._named, None
        else:
            address = self._given[self._turn % len(self._given)]
        if address in self._given:
            self._turn = self._given.index(address) + 1
        return address

    def name(self, leader: Address) -> None:
        """An orchestrator said that this one leads."""
        self._named = leader
