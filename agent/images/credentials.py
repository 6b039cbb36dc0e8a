"""What registries want to see before they give an image, from a file as Docker's config.json is.

The file is read at each pull, so that new credentials need no restart. What is in it is told to Podman for
that pull, and to nobody else: no message and no log has any of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.containerizer.interface import LaunchError, Who

MAX_BYTES = 256 * 1024
"""Of the file; a longer one is refused."""

HELPERS = ("credHelpers", "credsStore")
PASSED_ON = ("username", "password", "identitytoken", "registrytoken")


class CredentialsUnusable(Exception):
    """The file cannot be used; the text says why, and has nothing of what is in it."""


class RegistryCredentials:
    """The credentials in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, image: str) -> str | None:
        """What X-Registry-Auth is to be; None: none are known. Raises LaunchError (Who.OPERATOR)."""
        try:
            return self._header()
        except CredentialsUnusable as error:
            raise LaunchError(f"image {image} cannot be pulled: {error}", Who.OPERATOR, "image") from error

    def problem(self) -> str | None:
        """What is wrong with the file as it is now; None: nothing."""
        try:
            self._header()
            mode = self._path.stat().st_mode
        except CredentialsUnusable as error:
            return str(error)
        except OSError as error:
            return f"{self._path}: {error.strerror}"
        if mode & (stat.S_IRGRP | stat.S_IROTH):
            return f"{self._path} can be read by others than its owner: chmod 600 it"
        return None

    def _header(self) -> str | None:
        found = {registry: self._entry(registry, entry) for registry, entry in self._read().items()}
        if not found:
            return None
        return base64.urlsafe_b64encode(json.dumps(found).encode()).decode()

    def _read(self) -> Mapping[str, Any]:
        try:
            with self._path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise CredentialsUnusable(f"{self._path} cannot be read: {error.strerror}") from None
        if len(content) > MAX_BYTES:
            raise CredentialsUnusable(f"{self._path} is longer than {MAX_BYTES} bytes")
        try:
            document = json.loads(content)
        except ValueError:
            raise CredentialsUnusable(f"{self._path} is not JSON, as Docker's config.json is") from None
        auths = document.get("auths", {}) if isinstance(document, dict) else None
        if not isinstance(auths, dict):
            raise CredentialsUnusable(f"{self._path} has no object `auths`, as Docker's config.json has")
        if used := [name for name in HELPERS if document.get(name)]:
            raise CredentialsUnusable(
                f"{self._path} names helpers ({', '.join(used)}), which are not run: put what they give into"
                " `auths`"
            )
        return auths

    def _entry(self, registry: str, entry: object) -> dict[str, str]:
        if not isinstance(entry, dict):
            raise CredentialsUnusable(f"{self._path}: what stands under {registry!r} is no object")
        found = {name: entry[name] for name in PASSED_ON if isinstance(entry.get(name), str)}
        if isinstance(auth := entry.get("auth"), str) and auth:
            try:
                user, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                colon = ""
            if not colon:
                raise CredentialsUnusable(
                    f"{self._path}: `auth` of {registry!r} is not USER:PASSWORD in base64"
                ) from None
            found |= {"username": user, "password": password}
        return found
