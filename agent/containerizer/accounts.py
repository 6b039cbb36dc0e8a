"""User names of a container's spec to the numbers the kernel wants. Reads the host's databases only."""

from __future__ import annotations

import grp
import os
import pwd

from agent.containerizer.interface import LaunchError, Who

Account = tuple[int, int, list[int]]
"""User id, group id, supplementary group ids."""


def resolve(user: str | None, *, else_another: bool = False) -> Account | None:
    """The account named "NAME", "UID" or "UID:GID"; None when it is the agent's own.

    With `else_another` the process would be another's, not the agent's own, if none were named: None means
    that none was. Raises LaunchError: no such user (Who.REQUEST), or the agent may not change to it
    (Who.OPERATOR).
    """
    if user is None:
        return None
    account = _numeric(user) if user.partition(":")[0].isdigit() else _named(user)
    if account[0] == os.getuid():
        return account if else_another else None
    if os.getuid() != 0:
        raise LaunchError(f"cannot run as user {user}: the agent is not root", Who.OPERATOR)
    return account


def _numeric(user: str) -> Account:
    uid, _, gid = user.partition(":")
    try:
        number = int(uid)
        group = int(gid) if gid else _primary_group(number)
    except ValueError:
        raise LaunchError(f"user {user!r} is not NAME, UID or UID:GID", Who.REQUEST) from None
    return number, group, [group]


def _primary_group(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid


def _named(user: str) -> Account:
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise LaunchError(f"there is no user {user!r} on this host", Who.REQUEST) from None
    groups = [group.gr_gid for group in grp.getgrall() if user in group.gr_mem]
    return entry.pw_uid, entry.pw_gid, sorted({entry.pw_gid, *groups})
