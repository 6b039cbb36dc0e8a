"""Containers from an image that is on the host already: what runs of it, and what is refused."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.containerizer.image_store import ImageRefused
from agent.containerizer.interface import Bind, ContainerSpec, LaunchError, Limits
from agent.containerizer.late_volumes import LateMounts, Running
from agent.containerizer.podman import PodmanContainerizer
from tests.containerizer.conftest import Host
from tests.containerizer.registry import shell_root
from tests.containerizer.test_contract import until

pytestmark = [
    pytest.mark.needs("root", "podman"),
    pytest.mark.parametrize("host", ["podman"], indirect=True),
]


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    """An image whose entrypoint greets its first argument."""
    name = f"localhost/orlop-test-{uuid.uuid4().hex[:8]}:1"
    entrypoint = 'ENTRYPOINT ["/bin/sh", "-c", "echo $GREETING $0"]'
    changes = ["--change", entrypoint, "--change", "ENV GREETING=hello"]
    subprocess.run(
        ["podman", "import", *changes, "-", name], input=shell_root(), capture_output=True, check=True
    )
    yield name
    subprocess.run(["podman", "rmi", "--force", name], capture_output=True, check=True)


async def run(host: Host, spec: ContainerSpec) -> str:
    await host.containerizer.launch(spec)
    ended = await host.containerizer.wait(spec.id)
    assert ended.status == 0, host.output(spec.id, "stderr")
    return host.output(spec.id)


async def test_an_images_entrypoint_runs_with_the_arguments_and_its_own_environment(
    host: Host, image: str
) -> None:
    spec = ContainerSpec("a", ("world",), str(host.sandbox("a")), image=image, entrypoint=True)
    assert await run(host, spec) == "hello world\n"


async def test_a_command_runs_instead_of_the_images_entrypoint(host: Host, image: str) -> None:
    command = ("/bin/sh", "-c", "echo $OWN")
    spec = ContainerSpec("b", command, str(host.sandbox("b")), {"OWN": "mine"}, image=image)
    assert await run(host, spec) == "mine\n"


async def test_a_privileged_container_from_an_image_works_in_the_directory_that_its_image_names(
    host: Host,
) -> None:
    name = f"localhost/orlop-test-{uuid.uuid4().hex[:8]}:1"
    changes = ["--change", 'ENTRYPOINT ["./sh", "-c", "echo from $PWD"]', "--change", "WORKDIR /bin"]
    command = ["podman", "import", *changes, "-", name]
    subprocess.run(command, input=shell_root(), capture_output=True, check=True)
    try:
        spec = ContainerSpec("e", (), str(host.sandbox("e")), image=name, entrypoint=True, privileged=True)
        assert await run(host, spec) == "from /bin\n"
    finally:
        subprocess.run(["podman", "rmi", "--force", name], capture_output=True, check=True)


async def test_a_privileged_container_from_an_image_sees_what_is_bound_elsewhere(
    host: Host, image: str
) -> None:
    (host.directory("config") / "key").write_text("value\n")
    spec = ContainerSpec(
        "c",
        ("/bin/sh", "-c", "read -r line < /config/key; echo $line; echo no > /config/key"),
        str(host.sandbox("c")),
        binds=(Bind(str(host.work_dir / "config"), "/config", read_only=True),),
        limits=Limits(500, 64 * 2**20),
        image=image,
        privileged=True,
    )
    await host.containerizer.launch(spec)
    ended = await host.containerizer.wait("c")
    assert host.output("c") == "value\n" and ended.status != 0, "it cannot write there"


async def test_an_image_that_podman_does_not_give_up_keeps_its_names(host: Host, image: str) -> None:
    other = f"localhost:5000/orlop-test/{uuid.uuid4().hex[:8]}:2"
    subprocess.run(["podman", "tag", image, other], capture_output=True, check=True)
    images = podman_of(host).images
    outer = ContainerSpec("a", WAIT, str(host.sandbox("a")), image=image, stdin=True)
    await host.containerizer.launch(outer)
    (found,) = [each for each in await images.list() if image in each.names]
    with pytest.raises(ImageRefused):
        await images.remove(found)
    (left,) = [each for each in await images.list() if each.id == found.id]
    assert {image, other} <= set(left.names) == set(found.names)


async def test_an_image_that_is_not_on_the_host_is_refused_by_its_name(host: Host) -> None:
    spec = ContainerSpec("d", ("true",), str(host.sandbox("d")), image="localhost:9/nobody/made-this:1")
    with pytest.raises(LaunchError, match="made-this"):
        await host.containerizer.launch(spec)


def podman_of(host: Host) -> PodmanContainerizer:
    assert isinstance(host.containerizer, PodmanContainerizer)
    return host.containerizer


WAIT = ("/bin/sh", "-c", "echo $GREETING; pwd; [ -e /usr ] || echo bare; : > ready; read line")


async def test_a_nested_command_is_one_of_the_images_and_in_its_parents_namespaces(
    host: Host, image: str
) -> None:
    sandbox = str(host.sandbox("a"))
    outer = ContainerSpec("a", WAIT, sandbox, image=image, stdin=True)
    main = (await host.containerizer.launch(outer)).pid
    await until(host.sandbox("a") / "ready")
    (host.sandbox("a") / "ready").unlink()
    inner = ContainerSpec("b", WAIT, sandbox, output=str(host.sandbox("b")), parent="a", stdin=True)
    nested = (await host.containerizer.launch(inner)).pid
    await until(host.sandbox("a") / "ready")
    for name in ("mnt", "pid", "net", "ipc", "uts"):
        assert Path(f"/proc/{nested}/ns/{name}").readlink() == Path(f"/proc/{main}/ns/{name}").readlink()
    await (await host.containerizer.input("b")).close()
    await host.containerizer.wait("b")
    assert host.output("b").split() == ["hello", sandbox, "bare"]


async def test_a_nested_command_that_only_the_host_has_is_refused(host: Host, image: str) -> None:
    sandbox = str(host.sandbox("a"))
    await host.containerizer.launch(ContainerSpec("a", WAIT, sandbox, image=image, stdin=True))
    with pytest.raises(LaunchError, match="/bin/true"):
        await host.containerizer.launch(ContainerSpec("b", ("/bin/true",), sandbox, parent="a"))
    assert [state.id for state in await host.containerizer.list()] == ["a"]


async def test_a_volume_is_brought_into_a_container_of_an_image_that_runs_and_taken_again(
    host: Host, image: str
) -> None:
    """Below its sandbox, for its user, and what runs within it sees it too."""
    volume = host.directory("volume")
    (volume / "kept").write_text("precious\n")
    volume.chmod(0o777)
    sandbox = host.sandbox("late")
    sandbox.chmod(0o777)
    script = "read -r go; read -r word < data/deep/kept; echo $word; echo new > data/deep/made; read -r go"
    mark = {"MESOS_CONTAINER_ID": "late-1"}
    command = ("/bin/sh", "-c", script)
    own = {"user": "65534", "own_mounts": True, "stdin": True}
    spec = ContainerSpec("late", command, str(sandbox), mark, image=image, **own)  # type: ignore[arg-type]
    state = await host.containerizer.launch(spec)
    assert state.pid is not None
    running = Running(state.pid, "MESOS_CONTAINER_ID=late-1", str(sandbox))
    binds = [Bind(str(volume), "data/deep")]
    late = LateMounts()
    await late.bring(running, binds, (65534, 65534))
    await (await host.containerizer.input("late")).write(b"go\n")
    await until(volume / "made")
    assert not (sandbox / "data" / "deep" / "kept").exists(), "the host has nothing mounted"
    await host.containerizer.launch(
        host.nested("within", "late", "read -r word < data/deep/made; echo $word")
    )
    assert (await host.containerizer.wait("within")).status == 0
    assert host.output("within") == "new\n"
    await late.take(running, binds)
    await late.bring(running, [Bind(str(volume), "again", read_only=True)], (65534, 65534))
    within = "[ ! -e data/deep/kept ] && read -r word < again/kept && ! echo x > again/kept"
    await host.containerizer.launch(host.nested("then", "late", within))
    assert (await host.containerizer.wait("then")).status == 0, host.output("then", "stderr")
    await host.containerizer.kill("late", grace_period=0)
    assert (await host.containerizer.wait("late")).signal is not None
    assert host.output("late") == "precious\n"
    assert (volume / "kept").read_text() == "precious\n"
