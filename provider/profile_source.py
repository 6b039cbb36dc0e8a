"""Where a profiles document is: a file, or an http(s) address. Fetched when asked, bounded in size and time.

Only fetches text and says whether it changed; what it means is the business of `profile_document`. An
address is followed over redirects to http and https alone, never to a file.
"""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiohttp

from api.model.address import without_secrets
from provider.profile_document import MAX_DOCUMENT_BYTES
from provider.profiles import InvalidProfiles

FETCH_SECONDS = 10.0
"""How long an address may take to answer; then the last document stays in force until the next try."""

MAX_REDIRECTS = 5
"""Redirects that are followed for one fetch; one more is an error."""

CHUNK_BYTES = 64 * 1024


class ProfileSource(Protocol):
    """A document that may change. `str(source)` names it for people, without secrets."""

    @property
    def is_local(self) -> bool:
        """Whether it is on this host, so that a fault of it is the operator's to mend before a start."""

    async def fetch(self) -> str | None:
        """The document if it may have changed since it was fetched last, else None.

        Raises InvalidProfiles when it cannot be fetched; the same fault again is None.
        """


def source_of(text: str) -> ProfileSource:
    """The source that an operator names: a path, `file:///PATH`, or an http or https address.

    Raises InvalidProfiles.
    """
    parts = urlsplit(text)
    if parts.scheme in ("http", "https"):
        if not parts.hostname:
            raise InvalidProfiles(text, "the address names no host")
        return HttpSource(text)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost"):
            raise InvalidProfiles(text, "a file on another host: give a path on this one")
        return FileSource(Path(unquote(parts.path)))
    if "://" in text:
        raise InvalidProfiles(text, f"scheme {parts.scheme!r} is not read: give a path, http:// or https://")
    return FileSource(Path(text).absolute())


class FileSource:
    """A file, looked at whenever it is asked for and read when it is another than before."""

    is_local = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = ()

    def __str__(self) -> str:
        return f"file {self._path}"

    async def fetch(self) -> str | None:
        """See `ProfileSource.fetch`."""
        try:
            status = self._path.stat()
            if self._seen == _version(status):
                return None
            self._seen = _version(status)
            return self._read(status)
        except FileNotFoundError as error:
            if self._seen is None:
                return None  # said once already
            self._seen = None
            raise InvalidProfiles(self, str(error)) from error
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidProfiles(self, str(error)) from error

    def _read(self, status: os.stat_result) -> str:
        if not stat.S_ISREG(status.st_mode):  # reading a pipe could wait for ever
            raise InvalidProfiles(self, "it is not a regular file")
        with self._path.open("rb") as file:
            content = file.read(MAX_DOCUMENT_BYTES + 1)
        if len(content) > MAX_DOCUMENT_BYTES:
            raise InvalidProfiles(self, f"it is larger than {MAX_DOCUMENT_BYTES} bytes")
        return content.decode("utf-8")


def _version(status: os.stat_result) -> tuple[int, ...]:
    """Another one after every change, also of who may read the file."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


class HttpSource:
    """An address, asked each time; one that answers with the same as before has not changed."""

    is_local = False

    def __init__(self, url: str) -> None:
        self._url = url
        self._content: str | None = None
        self._validators: dict[str, str] = {}
        self._fault: str | None = None

    def __str__(self) -> str:
        return without_secrets(self._url)

    async def fetch(self) -> str | None:
        """See `ProfileSource.fetch`."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                content = await self._get()
        except TimeoutError:
            self._failed(f"no answer within {FETCH_SECONDS:g} s")
            return None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            self._failed(without_secrets(str(error)) or type(error).__name__)
            return None
        self._fault = None
        if content is None or content == self._content:
            return None
        self._content = content
        return content

    def _failed(self, reason: str) -> None:
        if reason == self._fault:
            return
        self._fault = reason
        self._content, self._validators = None, {}  # so that the next good answer clears the fault
        raise InvalidProfiles(self, reason)

    async def _get(self) -> str | None:
        """The document; None when the server says that it has not changed."""
        async with (
            aiohttp.ClientSession(trust_env=True) as session,
            session.get(self._url, headers=self._validators, max_redirects=MAX_REDIRECTS) as answer,
        ):
            if answer.status == 304:
                return None
            if answer.status != 200:
                raise ValueError(f"it answers {answer.status} {answer.reason or ''}".rstrip())
            content = bytearray()
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > MAX_DOCUMENT_BYTES:
                    raise ValueError(f"it is larger than {MAX_DOCUMENT_BYTES} bytes")
            self._validators = {
                ours: answer.headers[theirs]
                for ours, theirs in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
                if theirs in answer.headers
            }
            return content.decode("utf-8")
