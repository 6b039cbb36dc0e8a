"""Archives unpacked into a directory. Blocking; runs in a thread.

Entry by entry, so that an endless archive stops at the budget and not at the end of the disk. Files,
directories and links that stay inside are made; devices, fifos and everything that names a place outside is
refused, and with it the archive: half of one is worse than none.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Final, cast

from agent.fetch.directory import Budget, Directory
from agent.fetch.uris import GZIP_ENDS, FetchFailed

CHUNK = 1 << 18

MAX_READ = 8 * 2**20
"""Bytes that a library may want at once: of a header or an index that says it is larger than that, none."""

MAX_DICTIONARY = 128 * 2**20
"""Bytes of memory that unpacking xz may take: what `xz -9` needs, and not what a file may ask for."""

_DAMAGED: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # a zip file that wants a password
)


def unpack(kind: str, directory: Directory, name: tuple[str, ...]) -> None:
    """Unpack the file `name` of the directory beside itself. Raises FetchFailed, OSError."""
    try:
        with directory.open_file(name) as packed:
            _UNPACKERS[kind](packed, directory, name)
    except _DAMAGED as error:
        text = f"{'/'.join(name)} cannot be unpacked: it is damaged, or of another kind than its name says"
        raise FetchFailed(f"{text} ({error})") from error


class _Watched:
    """A stream that libraries read from: bounded in what is read at once, ended when nobody wants it."""

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int = -1) -> bytes:
        if size > MAX_READ:
            raise FetchFailed(f"an archive has a header or an index of {size} bytes: that is no honest one")
        self._budget.take(0)
        return self._stream.read(size if size >= 0 else MAX_READ)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Forward by reading, where that is what seeking in a compressed stream comes to anyway."""
        if whence == os.SEEK_SET and not self._stream_seeks:
            while (missing := offset - self.tell()) > 0 and self.read(min(missing, CHUNK)):
                pass
            if offset >= self.tell():
                return self.tell()
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    @property
    def _stream_seeks(self) -> bool:
        return not isinstance(self._stream, _COMPRESSED)


class _Xz:
    """Reads an xz stream within a bound of memory, which LZMAFile does not know. Forward only."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._decompressor = self._new()
        self._at = 0

    def read(self, size: int) -> bytes:
        data = b""
        while not data:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data or self._packed.read(CHUNK)
                if not rest.strip(b"\0"):
                    return b""
                self._decompressor = self._new()
                data = self._decompressor.decompress(rest, size)
            else:
                more = self._packed.read(CHUNK) if self._decompressor.needs_input else b""
                if self._decompressor.needs_input and not more:
                    raise EOFError("the file ends too early")
                data = self._decompressor.decompress(more, size)
        self._at += len(data)
        return data

    def tell(self) -> int:
        return self._at

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MAX_DICTIONARY)


_COMPRESSED: Final = (gzip.GzipFile, bz2.BZ2File, _Xz)


def _tar(packed: IO[bytes], directory: Directory, name: tuple[str, ...]) -> None:
    below = name[:-1]
    stream = cast(IO[bytes], _Watched(_unpacked(packed), directory.budget))
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # it would keep all that it has read
            _tar_member(archive, member, directory, below)


def _tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, directory: Directory, below: tuple[str, ...]
) -> None:
    parts = (*below, *_parts(member.name))
    if parts == below:
        return  # the archive's own top
    if member.isdir():
        directory.make_directory(parts, member.mode)
    elif member.issym():
        directory.link(parts, member.linkname)
    elif member.islnk():
        directory.second_name(parts, (*below, *_parts(member.linkname)))
    elif member.isreg() and (content := archive.extractfile(member)) is not None:
        with content:
            _put(content, directory, parts, member.mode)
    else:
        raise FetchFailed(f"an archive holds {member.name!r}, no file, directory or link")


def _unpacked(packed: IO[bytes]) -> IO[bytes]:
    """What a tar file holds, however it is compressed: told by how it begins."""
    start = packed.read(8)
    packed.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=packed))
    if start.startswith(b"BZh"):
        return cast(IO[bytes], bz2.BZ2File(packed))
    if start.startswith(b"\xfd7zXZ"):
        return cast(IO[bytes], _Xz(packed))
    return packed


def _zip(packed: IO[bytes], directory: Directory, name: tuple[str, ...]) -> None:
    below = name[:-1]
    with zipfile.ZipFile(cast(IO[bytes], _Watched(packed, directory.budget))) as archive:
        for member in archive.infolist():
            parts = (*below, *_parts(member.filename))
            mode = member.external_attr >> 16
            if parts == below:
                continue
            if member.is_dir():
                directory.make_directory(parts, mode or 0o755)
                continue
            if member.compress_type == zipfile.ZIP_LZMA:
                raise FetchFailed(f"{member.filename!r} is packed with LZMA, which is not unpacked here")
            with archive.open(member) as content:
                if stat.S_ISLNK(mode):
                    directory.link(parts, os.fsdecode(content.read(4096)))
                else:
                    _put(content, directory, parts, mode or 0o644)


def _gzip(packed: IO[bytes], directory: Directory, name: tuple[str, ...]) -> None:
    bare = name[-1][: -len(GZIP_ENDS[0])]
    if not bare:
        raise FetchFailed(f"{'/'.join(name)!r} has no name without its ending: set output_file")
    with gzip.GzipFile(fileobj=packed) as content:
        _put(cast(IO[bytes], content), directory, (*name[:-1], bare), 0o644)


_UNPACKERS: Final[dict[str, Callable[[IO[bytes], Directory, tuple[str, ...]], None]]] = {
    "tar": _tar,
    "zip": _zip,
    "gzip": _gzip,
}


def _put(content: IO[bytes], directory: Directory, name: tuple[str, ...], mode: int) -> None:
    with directory.new_file(name, mode) as file:
        while data := content.read(CHUNK):
            directory.write(file, data)


def _parts(name: str) -> tuple[str, ...]:
    if name.startswith("/"):
        raise FetchFailed(f"an archive holds the absolute path {name!r}")
    return tuple(part for part in name.split("/") if part not in ("", "."))
