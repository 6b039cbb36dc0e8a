"""What a command asks for arrives in its sandbox, and nothing that it asks for leads out of it."""

from __future__ import annotations

import asyncio
import gzip
import io
import lzma
import os
import stat
import tarfile
import threading
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from agent.fetch.directory import Directory
from agent.fetch.fetcher import Fetcher, FetchLimits
from agent.fetch.host_files import HostFiles
from agent.fetch.uris import FetchFailed
from api.wire.v1 import mesos

Add = Callable[[tarfile.TarFile], None]


class Host:
    """A directory of the host with a sandbox, an agent's work directory, and a web server's files."""

    def __init__(self, root: Path, limits: FetchLimits = FetchLimits()) -> None:
        root.chmod(0o755)
        self.root = root
        self.sandbox, self.work_dir = root / "sandbox", root / "work"
        for directory in (self.sandbox, self.work_dir):
            directory.mkdir()
        self.fetcher = Fetcher(HostFiles([self.work_dir], [root]), limits)
        self.told: list[str] = []

    def put(self, name: str, content: bytes) -> str:
        (self.root / name).write_bytes(content)
        return f"file://{self.root / name}"

    async def fetch(self, *uris: mesos.CommandInfoURI | str) -> None:
        asked = [mesos.CommandInfoURI(value=uri) if isinstance(uri, str) else uri for uri in uris]
        await self.fetcher.fetch(mesos.CommandInfo(uris=asked), self.sandbox, None, self.told.append)

    def outside(self) -> set[str]:
        return {path.name for path in self.root.iterdir()} - {"sandbox", "work"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"\0" * 65536)

    async def silent(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async def content(_: web.Request) -> web.Response:
        return web.Response(body=b"content")

    app = web.Application()
    app.router.add_get("/endless", endless)
    app.router.add_get("/silent", silent)
    app.router.add_get("/dir/content", content)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


def tar(*adds: Add, mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for add in adds:
            add(archive)
    return buffer.getvalue()


def member(name: str, content: bytes = b"x", **values: object) -> Add:
    def add(archive: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(content) if values.get("type", tarfile.REGTYPE) == tarfile.REGTYPE else 0
        for key, value in values.items():
            setattr(info, key, value)
        archive.addfile(info, io.BytesIO(content))

    return add


async def test_a_file_comes_over_http_under_its_own_name(host: Host, server: TestServer) -> None:
    await host.fetch(str(server.make_url("/dir/content?version=1")))
    assert (host.sandbox / "content").read_bytes() == b"content"
    assert "fetching" in host.told[0]


async def test_output_file_names_it_and_makes_directories(host: Host, server: TestServer) -> None:
    uri = str(server.make_url("/dir/content"))
    await host.fetch(mesos.CommandInfoURI(value=uri, output_file="a/b/name", executable=True))
    found = host.sandbox / "a" / "b" / "name"
    assert found.read_bytes() == b"content"
    assert stat.S_IMODE(found.stat().st_mode) == 0o755


async def test_a_second_fetch_does_all_again(host: Host, server: TestServer) -> None:
    archive = host.put(
        "a.tar.gz",
        tar(member("bin/tool", b"tool", mode=0o4755), member("l", type=tarfile.SYMTYPE, linkname="bin/tool")),
    )
    for _ in range(2):
        await host.fetch(archive, str(server.make_url("/dir/content")))
    assert (host.sandbox / "l").read_bytes() == b"tool"
    assert (host.sandbox / "bin" / "tool").stat().st_mode & 0o7777 == 0o755
    assert sorted(path.name for path in host.sandbox.iterdir()) == ["a.tar.gz", "bin", "content", "l"]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
async def test_tar_files_are_unpacked_however_they_are_compressed(host: Host, mode: str) -> None:
    await host.fetch(
        host.put(
            "a.tgz",
            tar(member("d/f", b"one"), member("d/g", type=tarfile.LNKTYPE, linkname="d/f"), mode=mode),
        )
    )
    assert (host.sandbox / "d" / "g").read_bytes() == b"one"


async def test_zip_and_gzip_files_are_unpacked(host: Host) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x/y", "zipped")
    await host.fetch(host.put("a.zip", buffer.getvalue()), host.put("b.txt.gz", gzip.compress(b"packed")))
    assert (host.sandbox / "x" / "y").read_text() == "zipped"
    assert (host.sandbox / "b.txt").read_bytes() == b"packed"


async def test_extract_false_keeps_an_archive_as_it_is(host: Host) -> None:
    uri = host.put("a.tar", tar(member("f"), mode="w"))
    await host.fetch(mesos.CommandInfoURI(value=uri, extract=False))
    assert [path.name for path in host.sandbox.iterdir()] == ["a.tar"]


@pytest.mark.parametrize(
    "adds",
    [
        [member("../out")],
        [member("a/../../out")],
        [member("/out")],
        [member("l", type=tarfile.SYMTYPE, linkname="..")],
        [member("l", type=tarfile.SYMTYPE, linkname="/etc")],
        [member("l", type=tarfile.SYMTYPE, linkname="d/../..")],
        [
            member("d/up", type=tarfile.SYMTYPE, linkname=".."),
            member("l", type=tarfile.SYMTYPE, linkname="d/up/.."),
        ],
        [member("l", type=tarfile.SYMTYPE, linkname="d"), member("l/out")],
        [member("h", type=tarfile.LNKTYPE, linkname="../secret")],
        [member("fifo", type=tarfile.FIFOTYPE)],
        [member("device", type=tarfile.CHRTYPE, devmajor=1, devminor=3)],
        [member("/".join(["d"] * 100))],
    ],
)
async def test_an_archive_that_leads_out_is_refused(host: Host, adds: list[Add]) -> None:
    (host.root / "secret").write_text("secret")
    uri = host.put("a.tar.gz", tar(*adds))
    with pytest.raises(FetchFailed, match=r"a\.tar\.gz"):
        await host.fetch(uri)
    assert host.outside() == {"secret", "a.tar.gz"}


async def test_a_zip_file_that_leads_out_is_refused(host: Host) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../out", "x")
    with pytest.raises(FetchFailed, match="sandbox"):
        await host.fetch(host.put("a.zip", buffer.getvalue()))
    assert host.outside() == {"a.zip"}


async def test_an_endless_archive_stops_at_the_limit(tmp_path: Path) -> None:
    host = Host(tmp_path, FetchLimits(max_bytes=2**20))
    bomb = host.put("bomb.tar.gz", tar(member("zeros", bytes(64 * 2**20))))
    with pytest.raises(FetchFailed, match="limit of a fetch"):
        await host.fetch(bomb)
    assert sum(path.stat().st_size for path in host.sandbox.iterdir()) <= 2**20


async def test_an_archive_of_too_many_entries_is_refused(tmp_path: Path) -> None:
    host = Host(tmp_path, FetchLimits(max_entries=50))
    with pytest.raises(FetchFailed, match="entries"):
        await host.fetch(host.put("a.tar", tar(*(member(f"f{n}") for n in range(60)), mode="w")))


async def test_a_header_that_wants_all_memory_is_refused(host: Host) -> None:
    with pytest.raises(FetchFailed, match="header"):
        await host.fetch(host.put("a.tgz", gzip.compress(_long_name_of(2**31))))


def _long_name_of(size: int) -> bytes:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, size
    return info.tobuf(format=tarfile.GNU_FORMAT) + bytes(2**20)


async def test_an_archive_that_asks_for_gigabytes_of_memory_is_refused(host: Host) -> None:
    packed = bytearray(lzma.compress(tar(member("f"), mode="w"), format=lzma.FORMAT_XZ))
    size = (packed[12] + 1) * 4  # of the block's header, behind the stream's of 12 bytes
    assert packed[14:16] == b"\x21\x01", "LZMA2, with one byte of properties"
    packed[16] = 39  # a dictionary of 3 GiB
    packed[12 + size - 4 : 12 + size] = zlib.crc32(packed[12 : 12 + size - 4]).to_bytes(4, "little")
    with pytest.raises(FetchFailed, match="Memory usage limit"):
        await host.fetch(host.put("a.tar.xz", bytes(packed)))


async def test_a_pipe_is_not_even_opened(host: Host) -> None:
    pipe = host.root / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FetchFailed, match="not a regular file"):
        await host.fetch(str(pipe))
    with pytest.raises(OSError, match="No such device"):  # nobody has ever read from it
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))


async def test_a_file_is_not_closed_under_the_thread_that_writes_it(
    host: Host, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    closed: list[bool] = []

    def slow(directory: Directory, file: int, data: bytes) -> None:
        entered.set()
        go_on.wait()
        closed.append(not Path(f"/proc/self/fd/{file}").exists())

    monkeypatch.setattr(Directory, "write", slow)
    fetching = asyncio.create_task(host.fetch(str(server.make_url("/endless"))))
    await asyncio.get_running_loop().run_in_executor(None, entered.wait)
    fetching.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert closed == [False]


async def test_a_damaged_archive_is_told_as_such(host: Host) -> None:
    with pytest.raises(FetchFailed, match="damaged"):
        await host.fetch(host.put("a.tar.gz", b"this is no archive"))


async def test_a_server_without_an_end_is_cut_off(tmp_path: Path, server: TestServer) -> None:
    host = Host(tmp_path, FetchLimits(max_bytes=2**20))
    with pytest.raises(FetchFailed, match="limit of a fetch"):
        await host.fetch(str(server.make_url("/endless")))


async def test_a_server_that_is_silent_is_given_up(tmp_path: Path, server: TestServer) -> None:
    host = Host(tmp_path, FetchLimits(silence_seconds=0.1))
    with pytest.raises(FetchFailed, match="cannot be fetched"):
        await host.fetch(str(server.make_url("/silent")))


async def test_what_the_server_does_not_have_is_told_with_its_status(host: Host, server: TestServer) -> None:
    with pytest.raises(FetchFailed, match="404"):
        await host.fetch(str(server.make_url("/nothing")))


async def test_nobody_at_the_address_is_told(host: Host, unused_tcp_port: int) -> None:
    with pytest.raises(FetchFailed, match="cannot be fetched"):
        await host.fetch(f"http://127.0.0.1:{unused_tcp_port}/x")


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("hdfs://a/b", "only http"),
        ("relative/path", "only http"),
        ("file://otherhost/etc/hosts", "own host"),
        ("http:///x", "names no host"),
        ("http://h/", "output_file"),
        ("http://h/..", "output_file"),
        ("http://[::1/x", "cannot be read"),
        ("file:///etc/host\ts", "cannot be printed"),
        ("/no/such/file", "No such file"),
        ("/etc", "not a regular file"),
        ("http://h/" + "x" * 5000, "characters"),
    ],
)
async def test_an_address_that_cannot_be_fetched_is_refused(host: Host, uri: str, why: str) -> None:
    with pytest.raises(FetchFailed, match=why):
        await host.fetch(uri)


@pytest.mark.parametrize("name", ["/abs", "../x", "a/../b", "", "."])
async def test_an_output_file_stays_below_the_sandbox(host: Host, name: str) -> None:
    with pytest.raises(FetchFailed, match="output_file"):
        await host.fetch(mesos.CommandInfoURI(value="/etc/hosts", output_file=name))


async def test_two_files_of_one_name_are_refused(host: Host) -> None:
    with pytest.raises(FetchFailed, match="output_file"):
        await host.fetch("/etc/hosts", "http://h/hosts")


async def test_the_agents_own_files_are_never_given_away(host: Host) -> None:
    (host.work_dir / "agent.db").write_text("secret")
    (host.root / "link").symlink_to(host.work_dir / "agent.db")
    for path in (host.work_dir / "agent.db", host.root / "link"):
        with pytest.raises(FetchFailed, match="agent's own"):
            await host.fetch(str(path))
    assert list(host.sandbox.iterdir()) == []


@pytest.mark.needs("root")
async def test_a_file_that_not_everybody_may_read_is_private(tmp_path: Path) -> None:
    host = Host(tmp_path)
    fetcher = Fetcher(HostFiles([host.work_dir]))
    private = host.root / "private"
    private.write_text("mine")
    command = mesos.CommandInfo(uris=[mesos.CommandInfoURI(value=str(private))])
    for mode, owner, allowed in (
        (0o600, None, False),
        (0o600, (0, 0), False),
        (0o600, (1234, 1234), False),
        (0o644, None, True),
        (0o600, (4321, 4321), True),
    ):
        private.chmod(mode)
        os.chown(private, 4321, 4321)
        _open_way(host.root)
        if allowed:
            await fetcher.fetch(command, host.sandbox, owner, host.told.append)
        else:
            with pytest.raises(FetchFailed, match="private"):
                await fetcher.fetch(command, host.sandbox, owner, host.told.append)


def _open_way(path: Path) -> None:
    """pytest's own directories are for their user alone."""
    for place in (path, *path.parents):
        if not place.stat().st_mode & 0o001:
            place.chmod(place.stat().st_mode | 0o001)
