"""What tasks see of volumes, devices and the host, and as whom, on a real agent."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.harness.cluster import DevCluster
from e2e.harness.tasks import TaskFramework, shell

NOBODY = 65534
READS = "until grep -q word common/file; do sleep 0.1; done"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory of the host that every user can read: the tests' own are root's alone."""
    path = Path(tempfile.mkdtemp(prefix="orlop-shared-"))
    path.chmod(0o777)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def test_a_user_that_is_not_there_is_named(tasks: TaskFramework) -> None:
    tasks.launch("who", command=shell("id", user="nobody-of-this-name"))
    end = tasks.the_end("who")
    assert end["state"] == "TASK_FAILED"
    assert "no user 'nobody-of-this-name'" in end["message"]


def test_another_user_owns_its_sandbox_and_its_volumes(
    dev: DevCluster, tasks: TaskFramework, shared: Path
) -> None:
    dev.done("volume", "create", "mine", "--profile", "default", "--size", "64MiB")
    disk = tasks.find("mine")
    disk["disk"]["volume"] = {"container_path": "data", "mode": "RW"}
    inner = {"type": "SANDBOX_PATH", "sandbox_path": {"type": "SELF", "path": "inner/cache"}}
    volumes = [
        {"container_path": "/orlop-test/shared", "host_path": str(shared), "mode": "RW"},
        {"container_path": "cache", "mode": "RW", "source": inner},
    ]
    script = (
        "echo own > file && echo data > data/file && echo cache > cache/file"
        " && id -u > /orlop-test/shared/who && test -e inner/cache/file"
    )
    tasks.launch(
        "nobody",
        [disk],
        command=shell(script, user="nobody"),
        container={"type": "MESOS", "volumes": volumes},
    )
    end = tasks.the_end("nobody")
    assert end["state"] == "TASK_FINISHED", end
    assert (shared / "who").read_text() == f"{NOBODY}\n"
    assert (shared / "who").stat().st_uid == NOBODY
    dev.done("volume", "destroy", "mine")


def test_a_read_only_volume_cannot_be_written(tasks: TaskFramework, shared: Path) -> None:
    volumes = [{"container_path": "/orlop-test/shared", "host_path": str(shared), "mode": "RO"}]
    script = "touch /orlop-test/shared/file"
    tasks.launch("reads", command=shell(script), container={"type": "MESOS", "volumes": volumes})
    assert tasks.the_end("reads")["state"] == "TASK_FAILED"
    assert list(shared.iterdir()) == []


def test_a_raw_device_can_be_used_by_another_user(dev: DevCluster, tasks: TaskFramework) -> None:
    dev.done("volume", "create", "raw", "--profile", "block", "--size", "64MiB", "--block")
    for name, user in (("first", "nobody"), ("second", "daemon")):
        disk = tasks.find("raw")
        disk["disk"]["volume"] = {"container_path": "dev", "mode": "RW"}
        script = f"printf {name} > dev && head -c {len(name)} dev | grep {name}"
        tasks.launch(name, [disk], command=shell(script, user=user))
        end = tasks.the_end(name)
        assert end["state"] == "TASK_FINISHED", end
    dev.done("volume", "destroy", "raw")


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        ({"host_path": "/no/such/place"}, "on the agent's host: No such file"),
        ({"host_path": "{work_dir}"}, "the agent's own files"),
    ],
)
def test_a_host_path_that_cannot_be_had_fails_the_task(
    dev: DevCluster, tasks: TaskFramework, volume: dict[str, str], words: str
) -> None:
    agent = str(dev.place.agents[0])
    wanted = {name: text.replace("{work_dir}", agent) for name, text in volume.items()}
    wanted |= {"container_path": "/x", "mode": "RW"}
    tasks.launch("host", command=shell("true"), container={"type": "MESOS", "volumes": [wanted]})
    end = tasks.the_end("host")
    assert (end["state"], end["reason"]) == ("TASK_FAILED", "REASON_CONTAINER_LAUNCH_FAILED")
    assert "a volume cannot be had" in end["message"]
    assert words in end["message"]


def test_a_link_out_of_the_sandbox_is_no_volume(tasks: TaskFramework, shared: Path) -> None:
    """The link comes with an archive, which is the only way to have one before the task starts."""
    archive = shared / "evil.tar"
    link = shared / "etc"
    link.symlink_to("/etc")
    subprocess.run(["tar", "-C", str(shared), "-cf", str(archive), "etc"], check=True)
    source = {"type": "SANDBOX_PATH", "sandbox_path": {"type": "SELF", "path": "etc"}}
    volume = {"container_path": "/orlop-test/x", "mode": "RW", "source": source}
    tasks.launch(
        "link",
        command=shell("true", uris=[{"value": archive.as_uri()}]),
        container={"type": "MESOS", "volumes": [volume]},
    )
    end = tasks.the_end("link")
    assert end["state"] == "TASK_FAILED"


def test_tasks_of_a_group_share_what_is_in_their_parents_sandbox(tasks: TaskFramework) -> None:
    source = {"type": "SANDBOX_PATH", "sandbox_path": {"type": "PARENT", "path": "shared"}}
    volume = {"container_path": "common", "mode": "RW", "source": source}
    container = {"type": "MESOS", "volumes": [volume]}
    tasks.launch_group(
        {"writes": "echo word > common/file; sleep 300", "reads": READS},
        container=container,
    )
    assert tasks.the_end("reads")["state"] == "TASK_FINISHED"
    tasks.kill("writes")
    assert tasks.the_end("writes")["state"] == "TASK_KILLED"
