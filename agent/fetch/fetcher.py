"""Brings the files that a command asks for into its sandbox: http, https, and files of the host.

Everything is fetched anew each time, under a name of its own first, so that a fetch that a crash interrupted
is simply done again. Bounded in bytes, entries and time; a container that is no longer wanted ends it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiohttp

from agent.fetch.archives import unpack
from agent.fetch.directory import Budget, Directory
from agent.fetch.host_files import HostFiles
from agent.fetch.uris import FetchFailed, Wanted, wanted
from api.wire.v1 import mesos

T = TypeVar("T")
Progress = Callable[[str], None]
Owner = tuple[int, int]

CHUNK = 1 << 18
HEADERS = {"Accept-Encoding": "identity"}
"""A file is wanted as it is, not packed for the way."""

PART = ".part"
"""End of the name that a file has while it is fetched."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What happens beyond each: the fetch fails, and with it what it was for."""

    max_bytes: int = 16 * 2**30
    """All that one command's files come to, packed and unpacked."""
    max_entries: int = 200_000
    """Files, directories and links of all its archives."""
    connect_seconds: float = 10.0
    silence_seconds: float = 60.0
    """A server that sends nothing for so long is given up."""
    total_seconds: float = 1_800.0
    redirects: int = 5


class Fetcher:
    """Fetches for all containers of an agent."""

    def __init__(self, files: HostFiles, limits: FetchLimits = FetchLimits()) -> None:
        self._files = files
        self._limits = limits

    async def fetch(
        self,
        command: mesos.CommandInfo,
        sandbox: Path,
        owner: Owner | None,
        progress: Progress,
    ) -> None:
        """See `task_parts.Fetcher`."""
        if not command.uris:
            return
        budget = Budget(self._limits.max_bytes, self._limits.max_entries)
        directory = Directory(str(sandbox), owner, budget)
        try:
            async with asyncio.timeout(self._limits.total_seconds):
                for each in wanted(command.uris):
                    progress(f"fetching {each.uri}")
                    await self._fetch(each, directory, owner, progress)
        except TimeoutError as error:
            raise FetchFailed(f"fetching took over {self._limits.total_seconds:.0f} s: given up") from error

    async def _fetch(
        self, each: Wanted, directory: Directory, owner: Owner | None, progress: Progress
    ) -> None:
        part = (*each.name[:-1], f"{each.name[-1]}{PART}")
        try:
            if each.remote:
                await self._download(each, directory, part, progress)
            else:
                await _in_thread(partial(self._copy, each, directory, part, owner), directory.budget)
            await _in_thread(partial(_finish, each, directory, part), directory.budget)
        except OSError as error:
            raise FetchFailed(f"{each.uri}: {error.strerror or error}") from error
        except FetchFailed as error:
            if each.uri in str(error):
                raise
            raise FetchFailed(f"{each.uri}: {error}") from error

    async def _download(
        self, each: Wanted, directory: Directory, part: tuple[str, ...], progress: Progress
    ) -> None:
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=self._limits.connect_seconds, sock_read=self._limits.silence_seconds
        )
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, auto_decompress=False, headers=HEADERS) as session,
                session.get(each.source, max_redirects=self._limits.redirects) as answer,
            ):
                if answer.status != 200:
                    raise FetchFailed(f"{each.uri}: the server answers {answer.status} {answer.reason}")
                told = partial(progress_of, each.uri, progress)
                await self._receive(answer, directory, part, _mode(each), told)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            what = str(error) or type(error).__name__
            raise FetchFailed(f"{each.uri} cannot be fetched: {what}") from error

    async def _receive(
        self,
        answer: aiohttp.ClientResponse,
        directory: Directory,
        part: tuple[str, ...],
        mode: int,
        told: Callable[[int, int | None], None],
    ) -> None:
        expected, received = answer.content_length, 0
        with directory.new_file(part, mode) as file:
            async for data in _chunks(answer):
                await _in_thread(partial(directory.write, file, data), directory.budget)
                received += len(data)
                told(received, expected)
        if expected is not None and received != expected:
            raise FetchFailed(f"the server said {expected} bytes and sent {received}")

    def _copy(self, each: Wanted, directory: Directory, part: tuple[str, ...], owner: Owner | None) -> None:
        source = self._files.open(each.source, owner)
        try:
            with directory.new_file(part, _mode(each)) as file:
                while data := os.read(source, CHUNK):
                    directory.write(file, data)
        finally:
            os.close(source)


def progress_of(uri: str, progress: Progress, received: int, expected: int | None) -> None:
    """Tell how far a download is."""
    of = "" if expected is None else f" of {expected / 2**20:.0f}"
    progress(f"fetching {uri}: {received / 2**20:.0f}{of} MB")


def _mode(each: Wanted) -> int:
    return 0o755 if each.executable else 0o644


def _finish(each: Wanted, directory: Directory, part: tuple[str, ...]) -> None:
    directory.rename(part, each.name)
    if each.unpack is not None:
        unpack(each.unpack, directory, each.name)


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The body in pieces that are worth a turn of a thread."""
    async for data in answer.content.iter_chunked(CHUNK):
        yield data


async def _in_thread(work: Callable[[], T], budget: Budget) -> T:
    """What `work` returns. Who is cancelled waits for the thread to stop, as it does at its next write: a
    file must not be closed under it, and its number given to another."""
    job = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        budget.given_up.set()
        await asyncio.wait((job,))
        raise
