"""Images that are not on the host: pulled when a container needs them, from a registry on loopback."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.containerizer.image_needs import ImagePorts
from agent.containerizer.interface import ContainerSpec, LaunchError, Who
from agent.images.credentials import RegistryCredentials
from tests.containerizer.conftest import Host
from tests.containerizer.registry import Registry, registry, shell_root

pytestmark = [
    pytest.mark.needs("root", "podman", "docker-registry"),
    pytest.mark.parametrize("host", ["podman"], indirect=True),
]


@pytest.fixture(scope="module")
def served(guarded_dir: Path) -> Iterator[Registry]:
    folder = guarded_dir / "registry"
    folder.mkdir()
    with registry(folder) as served, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTAINERS_REGISTRIES_CONF", str(served.settings))
        yield served


@pytest.fixture(autouse=True)
def forgotten(served: Registry) -> Iterator[None]:
    """What a test pulled is gone when its containers are."""
    yield
    served.forget()


def spec_of(host: Host, container_id: str, image: str, script: str = "echo it runs") -> ContainerSpec:
    argv = ("/bin/sh", "-c", script)
    return ContainerSpec(container_id, argv, str(host.sandbox(container_id)), image=image)


async def refusal(host: Host, image: str) -> LaunchError:
    with pytest.raises(LaunchError) as refused:
        await host.containerizer.launch(spec_of(host, "refused", image))
    assert refused.value.about == "image" and image in str(refused.value)
    assert await host.containerizer.list() == []
    return refused.value


async def test_an_image_is_pulled_when_it_is_missing_and_progress_is_told(
    served: Registry, host: Host
) -> None:
    image = served.push("team/shell:1", shell_root())
    told: list[str] = []
    await host.containerizer.launch(spec_of(host, "a", image), told.append)
    assert (await host.containerizer.wait("a")).status == 0
    assert host.output("a") == "it runs\n"
    assert told[0] == f"pulling image {image}" and told[-1] == f"pulling image {image}: 2 of 2 layers", told
    told.clear()
    await host.containerizer.launch(spec_of(host, "b", image), told.append)
    assert told == [], "it was there"


async def test_many_that_wait_for_one_image_pull_it_once(served: Registry, host: Host) -> None:
    image = served.push("team/many:1", shell_root(("large", os.urandom(8_000_000))))
    words = "/v2/team/many/blobs/"
    before = served.asked_for(words)
    specs = [spec_of(host, f"m{number}", image) for number in range(5)]
    await asyncio.gather(*(host.containerizer.launch(spec) for spec in specs))
    together = served.asked_for(words) - before
    assert [(await host.containerizer.wait(spec.id)).status for spec in specs] == [0] * 5
    await host.remove_all()
    served.forget()
    await host.containerizer.launch(spec_of(host, "alone", image))
    assert together == served.asked_for(words) - before - together > 0


async def test_who_gives_up_waiting_leaves_the_pull_to_the_others(served: Registry, host: Host) -> None:
    image = served.push("team/left:1", shell_root(("large", os.urandom(30_000_000))))
    told = asyncio.Event()
    impatient = asyncio.create_task(
        host.containerizer.launch(spec_of(host, "impatient", image), lambda _: told.set())
    )
    async with asyncio.timeout(20):
        await told.wait()
    patient = asyncio.create_task(host.containerizer.launch(spec_of(host, "patient", image)))
    await asyncio.sleep(0.1)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    assert (await patient).id == "patient"
    assert (await host.containerizer.wait("patient")).status == 0
    await host.containerizer.remove("impatient")
    assert [state.id for state in await host.containerizer.list()] == ["patient"]


async def test_an_image_that_the_registry_does_not_have_is_refused_for_good(
    served: Registry, host: Host
) -> None:
    refused = await refusal(host, f"{served.address}/team/nothing:7")
    assert refused.who is Who.REQUEST and "no such image" in refused.message


async def test_a_registry_that_is_not_there_may_be_there_later(host: Host) -> None:
    refused = await refusal(host, "127.0.0.1:9/team/shell:1")
    assert refused.who is Who.RETRY and "cannot be reached" in refused.message


@pytest.mark.parametrize("image", ["no blanks allowed", "UPPER/::", "a/../../b", "x" * 300])
async def test_what_is_no_reference_is_refused_as_that(host: Host, image: str) -> None:
    refused = await refusal(host, image)
    assert refused.who is Who.REQUEST and "no reference" in refused.message


async def test_a_registry_that_denies_the_image_needs_an_operator(host: Host, served: Registry) -> None:
    async def deny(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=x\r\n"
        writer.write(head + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(deny, "127.0.0.1", 0)
    address = "127.0.0.1:{1}".format(*server.sockets[0].getsockname())
    with served.settings.open("a") as settings:
        settings.write(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n')
    async with server:
        await host.restart()
        refused = await refusal(host, f"{address}/team/secret:1")
    assert refused.who is Who.OPERATOR and "podman login" in refused.message


async def test_a_registry_that_is_not_trusted_needs_an_operator(host: Host) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    address = "127.0.0.1:{1}".format(*server.sockets[0].getsockname())
    async with server:
        refused = await refusal(host, f"{address}/team/plain:1")
    assert refused.who is Who.OPERATOR and "registries.conf" in refused.message


SECRETS = "jo:$2b$04$QSe5tsHA4y36x3ze.LM6/..h59PnBFjkEaleQnDvsdubWrKUz94/6\n"
PASSWORD = "geheim"
READ = "read -r line < /word; echo $line"


def saying(word: str) -> bytes:
    return shell_root(("word", f"{word}\n".encode()))


async def said(host: Host, container_id: str, image: str, *, anew: bool = False) -> str:
    spec = replace(spec_of(host, container_id, image, READ), pull_anew=anew)
    await host.containerizer.launch(spec)
    assert (await host.containerizer.wait(container_id)).status == 0
    return host.output(container_id)


async def test_an_image_by_its_digest_stays_the_same_when_its_tag_moves(served: Registry, host: Host) -> None:
    image = served.push("team/moves:1", saying("one"))
    fixed = f"{served.address}/team/moves@{served.digest('team/moves:1')}"
    both = image + "@" + served.digest("team/moves:1")
    served.push("team/moves:1", saying("two"))
    assert await said(host, "fixed", fixed) == "one\n"
    assert await said(host, "both", both) == "one\n", "beside a digest a tag does not count"
    assert await said(host, "moved", image) == "two\n"
    await host.remove_all()
    refused = await refusal(host, f"{served.address}/team/moves@sha256:{'0' * 64}")
    assert refused.who is Who.REQUEST and "no such image" in refused.message


async def test_a_tag_that_has_moved_is_followed_only_by_who_has_its_image_pulled_anew(
    served: Registry, host: Host
) -> None:
    image = served.push("team/follows:1", saying("one"))
    assert await said(host, "first", image) == "one\n"
    served.push("team/follows:1", saying("two"))
    assert await said(host, "stays", image) == "one\n"
    assert await said(host, "follows", image, anew=True) == "two\n"
    assert await said(host, "later", image) == "two\n"


async def test_credentials_are_read_at_each_pull(served: Registry, host: Host, short_dir: Path) -> None:
    served.push("team/secret:1", shell_root())
    file = short_dir / "credentials.json"
    with registry(served.log.parent, SECRETS) as guarded:
        image = f"{guarded.address}/team/secret:1"
        await host.restart(ImagePorts(credentials=RegistryCredentials(file)))
        missing = await refusal(host, image)
        assert missing.who is Who.OPERATOR and str(file) in missing.message
        for password in ("wrong", PASSWORD):
            entry = {"username": "jo", "password": password}
            file.write_text(json.dumps({"auths": {guarded.address: entry}}))
            if password != PASSWORD:
                denied = await refusal(host, image)
                assert denied.who is Who.OPERATOR and "--registry-credentials" in denied.message
        await host.containerizer.launch(spec_of(host, "a", image))
        assert (await host.containerizer.wait("a")).status == 0
        await host.remove_all()
        assert PASSWORD not in guarded.log.read_text()
