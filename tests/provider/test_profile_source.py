"""Where profiles come from: files and addresses, looked at again and again, bounded in size and time."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from provider import profile_source
from provider.local_storage.profile_watch import ProfileWatch
from provider.profile_document import MAX_DOCUMENT_BYTES
from provider.profile_source import FileSource, HttpSource, source_of
from provider.profiles import Identity, InvalidProfiles

HERE = Identity("type", "name", "plugin")


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)
    stamp = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(stamp, stamp))


async def test_a_missing_file_is_named_once(tmp_path):
    source = FileSource(tmp_path / "nothing-here.toml")
    with pytest.raises(InvalidProfiles, match="nothing-here"):
        await source.fetch()
    assert await source.fetch() is None


async def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path):
    path = tmp_path / "profiles.toml"
    path.write_text("one")
    source = FileSource(path)
    assert await source.fetch() == "one"
    assert await source.fetch() is None
    rewrite(path, "two")
    assert await source.fetch() == "two"


async def test_a_file_that_could_not_be_read_is_read_once_it_can_be(tmp_path, monkeypatch):
    path = tmp_path / "profiles.toml"
    path.write_text("one")
    source = FileSource(path)
    with monkeypatch.context() as locked:
        locked.setattr(Path, "open", refuse)  # root may read everything
        with pytest.raises(InvalidProfiles, match="Permission denied"):
            await source.fetch()
        assert await source.fetch() is None, "said once"
    await asyncio.sleep(0.02)  # a file system's clock may tick this slowly
    path.chmod(0o644)
    assert await source.fetch() == "one"


def refuse(*_, **__):
    raise PermissionError("Permission denied")


async def test_a_pipe_is_not_waited_for_and_a_large_file_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidProfiles, match="not a regular file"):
        await FileSource(tmp_path / "pipe").fetch()
    (tmp_path / "large").write_bytes(b"x" * (MAX_DOCUMENT_BYTES + 1))
    with pytest.raises(InvalidProfiles, match="larger"):
        await FileSource(tmp_path / "large").fetch()


def test_what_a_source_is_shows_in_its_name(tmp_path):
    assert isinstance(source_of("http://host/profiles"), HttpSource)
    assert str(source_of("file:///etc/a%20b.toml")) == "file /etc/a b.toml"
    assert str(source_of("profiles.toml")) == f"file {Path.cwd() / 'profiles.toml'}"
    for wrong in ("ftp://host/x", "file://elsewhere/x", "http:///x"):
        with pytest.raises(InvalidProfiles):
            source_of(wrong)


@asynccontextmanager
async def serving(answer):
    """A server on loopback whose every request is answered by `answer(request)`."""
    app = web.Application()
    app.router.add_get("/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def test_an_address_is_asked_again_and_only_a_change_counts():
    said, asked = ["one", "one", "two"], []

    async def answer(request):
        asked.append(request.headers.get("If-None-Match"))
        text = said.pop(0)
        return web.Response(text=text, headers={"ETag": f'"{text}"'})

    async with serving(answer) as url:
        source = HttpSource(f"{url}/profiles")
        assert [await source.fetch() for _ in range(3)] == ["one", None, "two"]
        assert asked == [None, '"one"', '"one"']


async def test_an_address_that_fails_is_said_once_and_its_next_answer_is_taken():
    answers = [500, 500, 200]

    async def answer(request):
        return web.Response(status=answers.pop(0), text="one")

    async with serving(answer) as url:
        source = HttpSource(url)
        with pytest.raises(InvalidProfiles, match="500"):
            await source.fetch()
        assert await source.fetch() is None
        assert await source.fetch() == "one"


async def test_nothing_that_is_said_of_an_address_holds_its_secrets():
    async def answer(request):
        raise web.HTTPFound(f"/again?token={request.query.get('token')}")

    async with serving(answer) as url:
        secret = url.replace("://", "://me:pass@word@") + "/profiles?token=t0ken"
        with pytest.raises(InvalidProfiles, match=f"{url}/profiles") as caught:
            await HttpSource(secret).fetch()
        assert not any(part in str(caught.value) for part in ("me:", "pass", "word", "t0ken"))


async def test_a_redirect_to_a_file_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")

    async def answer(request):
        raise web.HTTPFound(f"file://{tmp_path}/secret")

    async with serving(answer) as url:
        with pytest.raises(InvalidProfiles):
            await HttpSource(url).fetch()


async def test_an_endless_answer_and_a_silent_server_end(monkeypatch):
    monkeypatch.setattr(profile_source, "FETCH_SECONDS", 0.3)

    async def answer(request):
        if request.path == "/silent":
            await asyncio.sleep(5)
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)

    async with serving(answer) as url:
        with pytest.raises(InvalidProfiles, match=r"larger|no answer"):
            await HttpSource(f"{url}/endless").fetch()
        with pytest.raises(InvalidProfiles, match="no answer"):
            await HttpSource(f"{url}/silent").fetch()


# The watch


def watched(path: Path) -> tuple[ProfileWatch, list[list[str]]]:
    seen: list[list[str]] = []
    watch = ProfileWatch(FileSource(path), HERE, 0.05, lambda found: seen.append(sorted(found)), lambda: None)
    return watch, seen


async def until(condition) -> None:
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_a_changed_file_becomes_new_profiles_and_a_mistake_leaves_the_last(tmp_path):
    path = tmp_path / "profiles.toml"
    path.write_text("[profiles.a]")
    watch, seen = watched(path)
    await watch.first(known=False)
    looking = asyncio.create_task(watch.run())
    try:
        rewrite(path, "[profiles.a]\nwrong = 1")
        await until(lambda: watch.problem is not None)
        assert "wrong" in watch.problem and seen == [["a"]]
        rewrite(path, "[profiles.b]")
        await until(lambda: seen == [["a"], ["b"]])
        assert watch.problem is None
    finally:
        looking.cancel()


async def test_without_a_good_document_a_start_needs_known_profiles(tmp_path):
    watch, seen = watched(tmp_path / "nothing")
    with pytest.raises(InvalidProfiles):
        await watch.first(known=False)
    watch, seen = watched(tmp_path / "nothing")
    await watch.first(known=True)
    assert watch.problem is not None and seen == []
