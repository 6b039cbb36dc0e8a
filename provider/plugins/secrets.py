"""Secrets for a plugin's calls, by reference: files that are read when a call is made, and kept nowhere.

So a secret can be changed by changing its file. What was read is remembered in this object alone, to take it
out of whatever the plugin says or prints: a value must not reach a log, a record, a report or an error.
Nothing here knows gRPC. The files are small and local: they are read in the event loop.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from provider.calls import PluginError, Request
from provider.plugins.config import SecretFile
from provider.plugins.methods import CARRY_SECRETS, METHODS

MAX_SECRET_BYTES = 64 * 1024
"""A larger file is refused: gRPC messages carry it whole."""

MAX_REMEMBERED = 1000
"""Values that are taken out of what is said, also after their file changed: the newest ones."""

MIN_LINE = 8
"""Characters of a line of a secret (a key in PEM, say) from which on it counts as one by itself."""

UNREADABLE = "SECRET"
"""Code of the PluginError for a secret that cannot be read: the call was not made, and is repeated."""

HIDDEN = "***"


class SecretFiles:
    """Where one plugin's secrets are. A profile's go before the plugin's own with the same key."""

    def __init__(self) -> None:
        self._plugin: tuple[SecretFile, ...] = ()
        self._profiles: Mapping[str, Mapping[str, str]] = {}
        self._remembered: dict[str, None] = {}
        self._forms: tuple[str, ...] = ()

    def of_plugin(self, files: Iterable[SecretFile]) -> None:
        """The secrets that go with the plugin's calls, whatever the profile."""
        self._plugin = tuple(files)

    def of_profiles(self, files: Mapping[str, Mapping[str, str]]) -> None:
        """By profile: key and path of the secrets that go with calls about its volumes."""
        self._profiles = files

    def of(self, request: Request[Any]) -> Mapping[str, str]:
        """What goes with this call, read now; nothing for calls that carry no secrets.

        Raises PluginError with the code UNREADABLE: repeat it, the operator has to put the file right.
        """
        method = METHODS[type(request)]
        if method not in CARRY_SECRETS or not (self._plugin or self._profiles):
            return {}
        paths = {each.key: each.path for each in self._plugin if not each.calls or method in each.calls}
        profile = getattr(request, "profile", None)
        if profile is not None:
            paths.update(self._profiles.get(profile, {}))
        return {key: self._value(key, path) for key, path in paths.items()}

    def learn(self) -> None:
        """Read what is in the files now, for `scrub`: before anything that this process did not cause."""
        for path in self._paths():
            try:
                self._remember(_read(path))
            except (OSError, ValueError):
                continue

    def scrub(self, text: str) -> str:
        """`text` without any secret that was read."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def _value(self, key: str, path: str) -> str:
        try:
            value = _read(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise PluginError(
                UNREADABLE,
                f"the secret {key!r} cannot be read from {path}: {reason}; the call is made once it can",
            ) from None
        self._remember(value)
        return value

    def _paths(self) -> set[str]:
        own = {each.path for each in self._plugin}
        return own.union(*(files.values() for files in self._profiles.values()))

    def _remember(self, value: str) -> None:
        if not value or value in self._remembered:
            return
        self._remembered[value] = None
        if len(self._remembered) > MAX_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        found = {form for each in self._remembered for form in _forms(each)}
        self._forms = tuple(sorted(found, key=lambda form: (-len(form), form)))  # the longest first


def _read(path: str) -> str:
    """The text of a regular file, less one newline at its end. Raises OSError, or ValueError with why."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ValueError("it is not a regular file")
        content = os.read(file, MAX_SECRET_BYTES + 1)
    finally:
        os.close(file)
    if len(content) > MAX_SECRET_BYTES:
        raise ValueError(f"it is larger than {MAX_SECRET_BYTES} bytes")
    try:
        return content.decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None


def _forms(value: str) -> Iterable[str]:
    """A secret as programs may print it: as it is, quoted, encoded, and line by line."""
    yield value
    yield value.strip() or value
    yield json.dumps(value)[1:-1]
    yield repr(value)[1:-1]
    yield urllib.parse.quote(value, safe="")
    yield urllib.parse.quote_plus(value)
    yield base64.b64encode(value.encode()).decode()
    yield from (line for line in value.splitlines() if len(line) >= MIN_LINE)
