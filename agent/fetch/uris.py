"""What a command may ask to be fetched, and how it is called in the sandbox. Pure: nothing is looked up.

The rules are Mesos's: an archive is told by the end of its name and unpacked beside itself, unless `extract`
is false; an executable is never unpacked; `output_file` names the file, below the sandbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import UNSET

from api.wire.v1 import mesos

MAX_URIS = 100
"""Files that one command may ask for; more are refused."""

MAX_URI = 4_096
"""Characters of an address."""

SCHEMES: Final = ("http", "https", "file")

TAR_ENDS: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
ZIP_ENDS: Final = (".zip",)
GZIP_ENDS: Final = (".gz",)


class FetchFailed(Exception):
    """A file could not be brought into the sandbox. The text says which one, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to fetch.

    `source` is an http(s) address, or the absolute path of a file on the host. `name` is the relative path
    that the file gets in the sandbox. `unpack` is `tar`, `zip`, `gzip` or None.
    """

    uri: str
    source: str
    remote: bool
    name: tuple[str, ...]
    executable: bool
    unpack: str | None


def wanted(uris: list[mesos.CommandInfoURI]) -> list[Wanted]:
    """What is asked for. Raises FetchFailed for what no agent can fetch: the command has to change."""
    if len(uris) > MAX_URIS:
        raise FetchFailed(f"the command asks for {len(uris)} URIs, {MAX_URIS} are allowed: use an archive")
    found = [_wanted(uri) for uri in uris]
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise FetchFailed(f"two URIs would both become {'/'.join(name)!r}: set output_file")
    return found


def _wanted(uri: mesos.CommandInfoURI) -> Wanted:
    text = uri.value
    if len(text) > MAX_URI or not text.isprintable():
        raise FetchFailed(f"URI {text[:60]!r}… has over {MAX_URI} characters, or ones that cannot be printed")
    scheme, source = _source(text)
    executable = uri.executable is True
    name = _output_name(uri.output_file, text) if uri.output_file is not UNSET else _own_name(source, text)
    unpack = None if executable or not uri.extract else _archive_kind(name[-1])
    return Wanted(text, source, scheme != "file", name, executable, unpack)


def _source(text: str) -> tuple[str, str]:
    """The scheme, and the address or the host's path."""
    if text.startswith("/"):
        return "file", text
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise FetchFailed(f"URI {text!r} cannot be read: {error}") from error
    if parts.scheme.lower() not in SCHEMES:
        raise FetchFailed(f"URI {text!r}: only http, https and file can be fetched, or an absolute path")
    if parts.scheme.lower() != "file":
        if not parts.hostname:
            raise FetchFailed(f"URI {text!r} names no host")
        return parts.scheme.lower(), text
    if parts.netloc not in ("", "localhost"):
        raise FetchFailed(f"URI {text!r}: a file is read on the agent's own host, write file:///PATH")
    return "file", unquote(parts.path)


def _own_name(source: str, uri: str) -> tuple[str, ...]:
    last = unquote(urlsplit(source).path if "://" in source else source).rpartition("/")[2]
    if last in ("", ".", "..") or "\0" in last or "/" in last:
        raise FetchFailed(f"URI {uri!r} does not end in the name of a file: set output_file")
    return (last,)


def _output_name(output_file: str, uri: str) -> tuple[str, ...]:
    parts = tuple(part for part in output_file.split("/") if part not in ("", "."))
    if output_file.startswith("/") or ".." in parts or not parts or "\0" in output_file:
        raise FetchFailed(f"URI {uri!r}: output_file {output_file!r} is not a path below the sandbox")
    return parts


def _archive_kind(name: str) -> str | None:
    lowered = name.lower()
    for kind, ends in (("tar", TAR_ENDS), ("zip", ZIP_ENDS), ("gzip", GZIP_ENDS)):
        if lowered.endswith(ends):
            return kind
    return None
