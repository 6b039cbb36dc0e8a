"""What happens to tasks while no agent looks after them."""

from __future__ import annotations

from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from e2e.harness.http import Subscription
from tests.census import processes

FRAMEWORK = {
    "user": "root",
    "name": "agent-down",
    "roles": ["default"],
    "failover_timeout": 600.0,
    "capabilities": [{"type": "MULTI_ROLE"}, {"type": "RESERVATION_REFINEMENT"}, {"type": "PARTITION_AWARE"}],
}


def launch(framework: Subscription, task_id: str, command: str) -> None:
    offer = framework.until("offers")["offers"][0]
    resources = [
        {
            "name": name,
            "type": "SCALAR",
            "scalar": {"value": value},
            "allocation_info": {"role": "default"},
        }
        for name, value in (("cpus", 0.1), ("mem", 32))
    ]
    task = {
        "name": task_id,
        "task_id": {"value": task_id},
        "agent_id": offer["agent_id"],
        "resources": resources,
        "command": {"shell": True, "value": command},
    }
    launch = {"type": "LAUNCH", "launch": {"task_infos": [task]}}
    answer = framework.call("ACCEPT", accept={"offer_ids": [offer["id"]], "operations": [launch]})
    assert answer.status == 202, answer.text


def status_of(framework: Subscription, task_id: str, state: str) -> dict:
    def wanted(content: dict) -> bool:
        status = content["status"]
        if status["task_id"]["value"] != task_id:
            return False
        if "uuid" in status:
            known = {key: status[key] for key in ("agent_id", "task_id", "uuid")}
            assert framework.call("ACKNOWLEDGE", acknowledge=known).status == 202
        return status["state"] == state

    return framework.until("update", wanted)["status"]


def is_running(marker: str) -> bool:
    return any(marker in process for process in processes(marker))


def test_a_task_that_ends_while_the_agent_is_dead_is_reported_with_its_status(
    standing: DaemonCluster,
) -> None:
    framework = Subscription(standing.address, FRAMEWORK)
    marker = f"mark-{standing.work_dir.name}"
    try:
        launch(framework, "seven", f": {marker}; sleep 3; exit 7")
        status_of(framework, "seven", "TASK_RUNNING")
        standing.agent.kill()
        assert is_running(marker), "the task did not outlive its agent"
        until(lambda: not is_running(marker), 20, "the task ends")
        standing.agent.start()
        status = status_of(framework, "seven", "TASK_FAILED")
        assert "7" in status["message"], status
        assert framework.call("TEARDOWN").status == 202
    finally:
        framework.close()


def test_a_task_goes_on_while_agent_and_orchestrator_are_away(standing: DaemonCluster) -> None:
    standing.done("volume", "create", "kept", "--profile", "default", "--size", "64MiB")
    script = "for i in $(seq 60); do echo $i > /data/n; sleep 0.1; done; echo done"
    with standing.task("--name", "on", "--volume", "kept:/data", "--", "sh", "-c", script) as run:
        standing.running_task("on")
        standing.agent.kill()
        standing.orchestrator.kill()
        standing.orchestrator.start()
        standing.agent.start()
        out, err = run.communicate(timeout=60)
        assert (run.returncode, out) == (0, "done\n"), err
    assert standing.done("task", "run", "--volume", "kept:/data", "--", "cat", "/data/n") == "60\n"
    standing.done("volume", "destroy", "kept")
