"""What a version-0 page is asked for: query parameters, their defaults and bounds.

Pure: texts in, values out. Raises InvalidRequest, naming the parameter, for what cannot be meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.model.errors import InvalidRequest

TASKS_LIMIT = 100
"""Tasks in an answer of /tasks that asks for no number; a negative one asks for all."""

READ_LIMIT = 64 * 1024
"""Bytes of a file in one answer of /files/read; readers ask again from where it ended."""

OFFSET_LIMIT = 2**63 - 1
"""Where a file can be read from at most; more is refused."""

NUMBER_LIMIT = 20
"""Digits of a number in a query; more are refused."""


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks: of all that match, those from `offset` on, at most `limit` (None: all)."""

    limit: int | None = TASKS_LIMIT
    offset: int = 0
    ascending: bool = False
    task_id: str | None = None
    framework_id: str | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> TaskQuery:
        """`order` is asc or desc, by the time of a task's first status. Any other order is desc."""
        limit = number(query, "limit", TASKS_LIMIT)
        return cls(
            limit=None if limit < 0 else min(limit, OFFSET_LIMIT),
            offset=max(0, number(query, "offset", 0)),
            ascending=query.get("order") == "asc",
            task_id=query.get("task_id") or None,
            framework_id=query.get("framework_id") or None,
        )


@dataclass(frozen=True, slots=True)
class FileQuery:
    """A part of a file. `offset` None: nothing but its size is wanted."""

    path: str
    offset: int | None
    length: int

    @classmethod
    def read(cls, query: Mapping[str, str]) -> FileQuery:
        path = wanted_path(query)
        offset, length = number(query, "offset", -1), number(query, "length", -1)
        if not -1 <= offset <= OFFSET_LIMIT or length < -1:
            raise InvalidRequest(f"offset and length are -1 or more, and offset at most {OFFSET_LIMIT}")
        bounded = READ_LIMIT if length < 0 else min(length, READ_LIMIT)
        return cls(path, None if offset < 0 else offset, bounded)


def wanted_path(query: Mapping[str, str]) -> str:
    """The parameter `path`, which has to be there."""
    path = query.get("path")
    if not path:
        raise InvalidRequest("expecting 'path=VALUE' in the query")
    return path


def number(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number, with a sign or without."""
    text = query.get(name)
    if not text:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > NUMBER_LIMIT:
        raise InvalidRequest(f"{name} is a whole number, not {text[:40]!r}")
    return int(text)


def text_of(data: bytes, *, ends: bool) -> tuple[str, int]:
    """Bytes of a file as text, and how many of them: a character that is cut off at the end is left to the
    next read, unless the file `ends` there. What is no UTF-8 is replaced."""
    if not ends:
        for cut in range(1, min(4, len(data))):
            lead = data[-cut]
            if lead & 0xC0 == 0x80:
                continue
            if lead >= 0xC0 and cut < (2 if lead < 0xE0 else 3 if lead < 0xF0 else 4):
                data = data[:-cut]
            break
    return data.decode(errors="replace"), len(data)
