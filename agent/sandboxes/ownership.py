"""Whose files are made for a task: the user that its command runs as. Looks up accounts, changes nothing."""

from __future__ import annotations

from agent.containerizer.accounts import resolve


def owner_of(user: str | None) -> tuple[int, int] | None:
    """(uid, gid) of "NAME", "UID" or "UID:GID"; None when the agent's own account is meant.

    Raises LaunchError when there is no such user, or the agent may not act for it.
    """
    account = resolve(user)
    return None if account is None else (account[0], account[1])
