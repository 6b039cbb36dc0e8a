"""What the process containerizer cannot do is refused with who must act; what needs no root works."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.containerizer.interface import Bind, ContainerSpec, LaunchError, Who
from agent.containerizer.podman_host import default_socket
from agent.containerizer.process import ProcessContainerizer
from api.model.clock import SystemClock
from tests.containerizer.conftest import REPOSITORY

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


async def refusal(work_dir: Path, spec: ContainerSpec) -> LaunchError:
    containerizer = ProcessContainerizer(work_dir, SystemClock())
    await containerizer.start()
    try:
        with pytest.raises(LaunchError) as refused:
            await containerizer.launch(spec)
        assert await containerizer.list() == []
    finally:
        await containerizer.close()
    return refused.value


async def test_image_needs_podman(tmp_path: Path) -> None:
    error = await refusal(tmp_path, ContainerSpec("x", ("true",), str(tmp_path), image="busybox"))
    assert error.who is Who.OPERATOR
    assert "podman" in error.message


async def test_privileged_container_cannot_have_paths_of_its_own(tmp_path: Path) -> None:
    bind = Bind(str(tmp_path), "/elsewhere")
    spec = ContainerSpec("x", ("true",), str(tmp_path), binds=(bind,), privileged=True)
    error = await refusal(tmp_path, spec)
    assert (error.who, "/elsewhere" in error.message) == (Who.REQUEST, True)


async def test_unknown_user_is_refused(tmp_path: Path) -> None:
    error = await refusal(tmp_path, ContainerSpec("x", ("true",), str(tmp_path), user="no-such-user"))
    assert "no-such-user" in error.message


async def test_file_is_not_taken_for_a_device(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    bind = Bind(str(tmp_path / "file"), "/dev/disk", is_device=True)
    error = await refusal(tmp_path, ContainerSpec("x", ("true",), str(tmp_path), binds=(bind,)))
    assert "not a device" in error.message


@pytest.mark.parametrize(
    "target",
    ["/proc", "/sys/", "/dev", "//etc", "/./proc/self", "/var/box", "/var", "/var/./box/", "/srv/a/"],
)
def test_a_volume_does_not_take_the_place_of_what_the_container_needs(target: str) -> None:
    binds = (Bind("/volumes/a", "/srv/a"), Bind("/volumes/b", target))
    with pytest.raises(LaunchError, match="choose another path"):
        ContainerSpec("x", ("true",), "/var/box", binds=binds)


@pytest.mark.parametrize("target", ["/dev/disk", "/etc/app", "/variable", "data", "/var/box/data", "/srv"])
def test_a_volume_may_be_anywhere_else(target: str) -> None:
    assert ContainerSpec("x", ("true",), "/var/box", binds=(Bind("/volumes/b", target),))


@pytest.mark.parametrize("container_id", ["", ".", "..", "a/b", "a b", "x" * 121, "é"])
def test_ids_that_cannot_be_names_are_refused(container_id: str) -> None:
    with pytest.raises(LaunchError) as refused:
        ContainerSpec(container_id, ("true",), "/tmp")
    assert refused.value.who is Who.REQUEST


@pytest.mark.parametrize(
    "wrong",
    [
        {"argv": ()},
        {"argv": ("a\0b",)},
        {"sandbox": "relative"},
        {"environment": {"A=B": "c"}},
        {"grace_period": -1.0},
        {"output_limit_bytes": 0},
        {"binds": (Bind("relative", "/x"),)},
    ],
)
def test_malformed_specs_are_refused(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"id": "x", "argv": ("true",), "sandbox": "/tmp"}
    with pytest.raises(LaunchError):
        ContainerSpec(**{**good, **wrong})  # type: ignore[arg-type]


def test_socket_path_is_short_enough_for_a_unix_socket() -> None:
    assert len(os.fsencode(default_socket("0123456789ab"))) <= 100


def _python_for_everybody() -> str:
    """An interpreter that a user without rights can run: ours may be in root's home."""
    for python in (sys.executable, "/usr/bin/python3"):
        # By way of a shell: setpriv itself still has root's rights when it starts a program.
        script = f"{python} -c 'import sys; sys.exit(sys.version_info < (3, 11))'"
        check = [*NOBODY, "sh", "-c", script]
        if subprocess.run(check, capture_output=True, check=False).returncode == 0:
            return python
    raise AssertionError("no Python 3.11 that the user nobody can run: install python3 outside of /root")


UNPRIVILEGED = """
import asyncio, os, sys
from pathlib import Path
from agent.containerizer.interface import Bind, ContainerSpec
from agent.containerizer.process import ProcessContainerizer
from api.model.clock import SystemClock

async def main(work_dir):
    python = os.path.realpath("/proc/self/exe")
    containerizer = ProcessContainerizer(work_dir, SystemClock(), python=python)
    await containerizer.start()
    (work_dir / "sandbox").mkdir()
    (work_dir / "volume").mkdir()
    (work_dir / "output").mkdir()
    until_told = "touch ready; while [ ! -e go ]; do sleep 0.05; done"
    script = f"id -u; echo hello > /orlop-test-data/x; (setsid sleep 77 &); {until_told}; exit 7"
    bind = Bind(str(work_dir / "volume"), "/orlop-test-data")
    spec = ContainerSpec("a", ("/bin/sh", "-c", script), str(work_dir / "sandbox"), binds=(bind,))
    await containerizer.launch(spec)
    while not (work_dir / "sandbox" / "ready").exists():
        await asyncio.sleep(0.02)
    argv = ("/bin/sh", "-c", "id -u; cat /orlop-test-data/x; touch go; exit 6")
    inner = ContainerSpec("b", argv, spec.sandbox, output=str(work_dir / "output"), parent="a")
    await containerizer.launch(inner)
    print((await containerizer.wait("b")).status)
    await containerizer.remove("b")
    print((await containerizer.wait("a")).status, containerizer.isolation.volumes)
    await containerizer.remove("a")
    await containerizer.close()

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.needs("another-user", "userns")
def test_volumes_work_without_root_in_a_user_namespace(short_dir: Path, missing_on_host: str) -> None:
    work_dir = short_dir / "w"
    work_dir.mkdir()
    short_dir.chmod(0o755)
    short_dir.parent.chmod(0o755)
    os.chown(work_dir, 65534, 65534)
    command = [*NOBODY, _python_for_everybody(), "-c", UNPRIVILEGED, str(work_dir)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.split() == ["6", "7", "True"], done.stderr
    assert (work_dir / "output" / "stdout").read_text() == "65534\nhello\n"
    assert (work_dir / "volume" / "x").read_text() == "hello\n"
    assert (work_dir / "sandbox" / "stdout").read_text() == "65534\n"
    assert list((work_dir / "containers" / "process").iterdir()) == []


@pytest.mark.needs("root", "mount")
async def test_on_a_full_disk_an_exit_is_kept_until_there_is_room_to_record_it(short_dir: Path) -> None:
    work_dir, sandbox = short_dir / "w", short_dir / "box"
    work_dir.mkdir()
    sandbox.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", work_dir], check=True)
    containerizer = ProcessContainerizer(work_dir, SystemClock())
    try:
        await containerizer.start()
        script = "while [ ! -e go ]; do sleep 0.05; done; exit 7"
        await containerizer.launch(ContainerSpec("x", ("/bin/sh", "-c", script), str(sandbox)))
        subprocess.run(["dd", "if=/dev/zero", f"of={work_dir}/fill", "bs=4k"], check=False)
        with pytest.raises(LaunchError, match="make room"):
            await containerizer.launch(ContainerSpec("y", ("true",), str(sandbox)))
        (sandbox / "go").touch()
        waiting = asyncio.create_task(containerizer.wait("x"))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        (work_dir / "fill").unlink()
        assert (await waiting).status == 7
        await containerizer.remove("x")
    finally:
        await containerizer.close()
        subprocess.run(["umount", work_dir], check=True)
