"""Which images are about to be used, and which are to be pulled anew, from what tasks and others ask for."""

from __future__ import annotations

import pytest

from agent.containers.record import ContainerRecord
from agent.containers.state import ContainerPhase
from agent.executors.record import ExecutorRecord
from agent.executors.state import ExecutorPhase
from agent.images.asked import image_in, pulls_anew
from agent.images.pending import Pending
from agent.tasks.record import TaskRecord
from agent.tasks.spec import container_spec
from agent.tasks.state import TaskPhase
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos

FRAMEWORK = mesos.FrameworkInfo(user="root", name="f", id=mesos.FrameworkID(value="f"))


def of_docker(image: str, **fields: bool) -> mesos.ContainerInfo:
    docker = mesos.ContainerInfoDockerInfo(image=image, **fields)
    return mesos.ContainerInfo(type=mesos.ContainerInfoType.DOCKER, docker=docker)


def of_mesos(image: str, **fields: bool) -> mesos.ContainerInfo:
    named = mesos.Image(type=mesos.ImageType.DOCKER, docker=mesos.ImageDocker(name=image), **fields)
    return mesos.ContainerInfo(
        type=mesos.ContainerInfoType.MESOS, mesos=mesos.ContainerInfoMesosInfo(image=named)
    )


def task(container: mesos.ContainerInfo, phase: TaskPhase = TaskPhase.RECEIVED) -> TaskRecord:
    info = mesos.TaskInfo(
        name="web",
        task_id=mesos.TaskID(value="web"),
        agent_id=mesos.AgentID(value="a"),
        command=mesos.CommandInfo(value="true"),
        container=container,
    )
    return TaskRecord(FRAMEWORK, info, "c", 0.0, phase=phase)


@pytest.mark.parametrize(
    ("container", "anew"),
    [
        (of_docker("app:1"), False),
        (of_docker("app:1", force_pull_image=False), False),
        (of_docker("app:1", force_pull_image=True), True),
        (of_mesos("app:1"), False),
        (of_mesos("app:1", cached=True), False),
        (of_mesos("app:1", cached=False), True),
    ],
)
def test_a_tasks_image_is_pulled_anew_only_when_it_says_so(
    container: mesos.ContainerInfo, anew: bool
) -> None:
    assert image_in(container) == "app:1" and pulls_anew(container) is anew
    spec = container_spec(task(container), "a", "/tmp", (), 1000)
    assert (spec.image, spec.pull_anew) == ("app:1", anew)


def test_whoever_waits_to_start_wants_its_image_and_nobody_else_does() -> None:
    executor = mesos.ExecutorInfo(
        executor_id=mesos.ExecutorID(value="e"),
        container=of_mesos("executor:1"),
        type=mesos.ExecutorInfoType.CUSTOM,
    )
    call = wire.CallLaunchContainer(container_id=mesos.ContainerID(value="job"), container=of_docker("job:1"))
    container = ContainerRecord(("job",), "r", None, call, False, 0.0, "boot")
    records = [task(of_docker("waits:1")), task(of_docker("runs:1"), TaskPhase.RUNNING)]
    waiting = ExecutorRecord(FRAMEWORK, executor, "c", 0.0)
    plugin = mesos.CSIPluginContainerInfo(container=of_docker("plugin:1"))
    storage = mesos.ResourceProviderInfoStorage(
        plugin=mesos.CSIPluginInfo(type="t", name="n", containers=[plugin, mesos.CSIPluginContainerInfo()])
    )
    providers = [
        mesos.ResourceProviderInfo(type="t", name="disks", storage=storage),
        mesos.ResourceProviderInfo(type="t", name="other"),
    ]
    pending = Pending(lambda: records, lambda: [waiting], lambda: [container], lambda: providers)
    assert pending() == {
        "waits:1": "task web waits to start",
        "executor:1": "executor e waits to start",
        "job:1": "container job waits to start",
        "plugin:1": "provider disks has it for its plugin",
    }
    records[0].phase, waiting.phase = TaskPhase.RUNNING, ExecutorPhase.RUNNING
    container.phase = ContainerPhase.RUNNING
    assert set(pending()) == {"plugin:1"}
