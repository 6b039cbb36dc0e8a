"""Regular expressions in time that grows with the text alone, whatever the expression: strangers send them.

All ways through an expression are followed at once, one character of the text after another, so that none
is tried again. Served: characters, `.`, classes (`[a-z0-9]`, `[^x]`, `\\d \\w \\s` and their opposites),
groups (with or without `?:`), `|`, `* + ? {m,n}` (and their lazy forms, which accept the same texts), `^`
and `$`. What needs memory of what was matched (back references, looking around) is refused.

Pure. Must not: say where a text matches, only whether all of it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

MAX_LENGTH: Final = 1_000
"""Characters of an expression; a longer one is refused."""

MAX_STATES: Final = 1_000
"""Of an expression, its repetitions written out; one with more is refused."""

MAX_REMEMBERED: Final = 10_000
"""Steps that an expression remembers; beyond it, it forgets them all."""

MAX_DEPTH: Final = 50
"""Groups within groups; deeper ones are refused."""

Accepts = Callable[[str], bool]


class InvalidRegex(ValueError):
    """The expression cannot be used; the message says why."""


@dataclass(slots=True, eq=False)
class _State:
    """`accepts`: the character that leads on; None: it leads on without one, when `at` allows."""

    accepts: Accepts | None = None
    at: str = ""
    follow: list[_State] = field(default_factory=list)


_States = frozenset[_State]


class Regex:
    """An expression, understood. Raises InvalidRegex.

    What follows on which character is remembered, so that many texts that are alike take little time.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_LENGTH:
            raise InvalidRegex(f"the expression has more than {MAX_LENGTH} characters")
        first, self._last = _Parser(pattern).parse()
        self._begin = frozenset((first,))
        self._known: dict[tuple[_States, bool, str], _States] = {}

    def matches_all_of(self, text: str) -> bool:
        """Whether the whole text is one that the expression describes."""
        states = self._begin
        for index, character in enumerate(text):
            states = self._after(states, character, is_start=index == 0)
            if not states:
                return False
        return self._last in _through(states, is_start=not text, is_end=True)

    def _after(self, states: _States, character: str, *, is_start: bool) -> _States:
        key = (states, is_start, character)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            found = self._known[key] = frozenset(
                follow
                for state in _through(states, is_start=is_start, is_end=False)
                if state.accepts is not None and state.accepts(character)
                for follow in state.follow
            )
        return found


def _through(states: Iterable[_State], *, is_start: bool, is_end: bool) -> set[_State]:
    """These, and all that they lead to without a character."""
    found: set[_State] = set()
    waiting = list(states)
    while waiting:
        state = waiting.pop()
        if state in found:
            continue
        found.add(state)
        if state.accepts is None and (
            not state.at or (state.at == "^" and is_start) or (state.at == "$" and is_end)
        ):
            waiting += state.follow
    return found


Part = tuple[_State, _State]
"""The first and the last state of a part; the last leads nowhere yet."""

_CLASSES: Final[dict[str, Accepts]] = {
    "d": lambda character: character in "0123456789",
    "w": lambda character: character == "_" or (character.isascii() and character.isalnum()),
    "s": lambda character: character in "\t\n\f\r ",
}
_CONTROL: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_REPEATS: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class _Parser:
    """Reads an expression from left to right, once for each repetition that is written out."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._depth = 0
        self._states = 0

    def parse(self) -> Part:
        part = self._alternatives()
        if self._at < len(self._pattern):
            raise InvalidRegex(f"')' at {self._at} closes nothing")
        return part

    def _state(self, accepts: Accepts | None = None, at: str = "") -> _State:
        self._states += 1
        if self._states > MAX_STATES:
            raise InvalidRegex("its repetitions make too much of it: use smaller numbers")
        return _State(accepts, at)

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise InvalidRegex("it ends too early")
        self._at += 1
        return character

    def _alternatives(self) -> Part:
        first, last = self._state(), self._state()
        while True:
            begin, end = self._sequence()
            first.follow.append(begin)
            end.follow.append(last)
            if self._peek() != "|":
                return first, last
            self._next()

    def _sequence(self) -> Part:
        first = last = self._state()
        while self._peek() not in ("", "|", ")"):
            begin, end = self._repeated()
            last.follow.append(begin)
            last = end
        return first, last

    def _repeated(self) -> Part:
        start = self._at
        part = self._atom()
        least, most = self._repetition()
        if (least, most) == (1, 1):
            return part
        end = self._at
        first = last = self._state()
        for number in range(max(least, most or 0) if most is not None else max(least, 1)):
            self._at = start
            begin, close = part if number == 0 else self._atom()
            if number >= least:
                leave = self._state()
                last.follow += [begin, leave]
                close.follow.append(leave)
                last = leave
            else:
                last.follow.append(begin)
                last = close
            if most is None and number == max(least, 1) - 1:
                close.follow.append(begin)
        self._at = end
        return first, last

    def _repetition(self) -> tuple[int, int | None]:
        character = self._peek()
        if character in _REPEATS:
            self._next()
            found: tuple[int, int | None] = _REPEATS[character]
        elif character == "{" and (counted := self._counted()) is not None:
            found = counted
        else:
            return 1, 1
        if self._peek() == "?":
            self._next()
        if self._peek() in _REPEATS or (self._peek() == "{" and self._counted() is not None):
            raise InvalidRegex(f"what repeats a repetition at {self._at} has to stand behind a group")
        return found

    def _counted(self) -> tuple[int, int | None] | None:
        """`{2}`, `{2,}`, `{2,5}`; None for a brace that is none of these, and so is itself."""
        close = self._pattern.find("}", self._at)
        least, comma, most = self._pattern[self._at + 1 : max(close, self._at + 1)].partition(",")
        if close < 0 or not _is_count(least) or (most and not _is_count(most)):
            return None
        self._at = close + 1
        if not comma:
            return int(least), int(least)
        if most and int(most) < int(least):
            raise InvalidRegex(f"{{{least},{most}}} is no range")
        return int(least), int(most) if most else None

    def _atom(self) -> Part:
        character = self._next()
        if character == "(":
            return self._group()
        if character in "*+?":
            raise InvalidRegex(f"{character!r} at {self._at - 1} repeats nothing")
        if character in "^$":
            return self._single(None, character)
        if character == ".":
            return self._single(lambda found: found != "\n")
        if character == "[":
            return self._single(self._set())
        return self._single(self._escape() if character == "\\" else _is(character))

    def _single(self, accepts: Accepts | None, at: str = "") -> Part:
        first, last = self._state(accepts, at), self._state()
        first.follow.append(last)
        return first, last

    def _group(self) -> Part:
        if self._peek() == "?":
            if self._pattern[self._at : self._at + 2] != "?:":
                raise InvalidRegex(f"'(?' at {self._at - 1}: only '(?:' is served")
            self._at += 2
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InvalidRegex(f"more than {MAX_DEPTH} groups are within one another")
        part = self._alternatives()
        self._depth -= 1
        if self._peek() != ")":
            raise InvalidRegex("a '(' is not closed")
        self._next()
        return part

    def _escape(self) -> Accepts:
        character = self._next()
        if character.lower() in _CLASSES:
            accepts = _CLASSES[character.lower()]
            return accepts if character.islower() else _not(accepts)
        if character in _CONTROL:
            return _is(_CONTROL[character])
        if character.isalnum():
            raise InvalidRegex(f"'\\{character}' is not served")
        return _is(character)

    def _set(self) -> Accepts:
        is_negated = self._peek() == "^"
        if is_negated:
            self._next()
        members: list[Accepts] = []
        while not members or self._peek() != "]":
            low = self._next()
            if low == "\\":
                members.append(self._escape())
            elif self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._next()
                high = self._next()
                if high == "\\":
                    high = self._next()
                if high < low:
                    raise InvalidRegex(f"[{low}-{high}] is no range")
                members.append(_between(low, high))
            else:
                members.append(_is(low))
        self._next()
        accepts = _any_of(members)
        return _not(accepts) if is_negated else accepts


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _is(character: str) -> Accepts:
    return lambda found: found == character


def _between(low: str, high: str) -> Accepts:
    return lambda found: low <= found <= high


def _any_of(members: list[Accepts]) -> Accepts:
    return lambda found: any(accepts(found) for accepts in members)


def _not(accepts: Accepts) -> Accepts:
    return lambda found: not accepts(found)
