"""What operators see of a task: all but what is secret."""

from __future__ import annotations

from api.model.resources import Resources
from api.wire.codec import encode
from api.wire.v1 import mesos
from orchestrator.messages import task_shown
from orchestrator.state import Task


def test_a_secret_of_a_health_check_is_not_shown() -> None:
    secret = mesos.Secret(type=mesos.SecretType.VALUE, value=mesos.SecretValue(data=b"hunter2"))
    kind = mesos.EnvironmentVariableType.SECRET
    variable = mesos.EnvironmentVariable(name="TOKEN", type=kind, secret=secret)
    command = mesos.CommandInfo(value="check", environment=mesos.Environment(variables=[variable]))
    check = mesos.HealthCheck(type=mesos.HealthCheckType.COMMAND, command=command)
    info = mesos.TaskInfo(
        name="t1",
        task_id=mesos.TaskID(value="t1"),
        agent_id=mesos.AgentID(value="a"),
        command=command,
        health_check=check,
    )
    task = Task(
        framework_id="f",
        task_id="t1",
        agent_id="a",
        role="*",
        name="t1",
        state=mesos.TaskState.TASK_RUNNING,
        resources=Resources(),
        info=info,
    )
    shown = encode(task_shown(task, []))
    assert b"TOKEN" in shown
    assert b"aHVudGVyMg" not in shown
    assert info.health_check is check, "what is launched keeps it"
