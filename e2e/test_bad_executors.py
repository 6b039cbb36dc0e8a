"""Executors that do not do as they should, under a real agent: a clear word each, and nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from e2e.test_example_executor import Scheduler, connected, pids, pids_of_ours

REGISTRATION_SECONDS = "3"

LIAR = """
import asyncio, base64, json, os, aiohttp
API = f"http://{os.environ['MESOS_AGENT_ENDPOINT']}/api/v1/executor"
ME = {"framework_id": {"value": os.environ["MESOS_FRAMEWORK_ID"]},
      "executor_id": {"value": os.environ["MESOS_EXECUTOR_ID"]}}

def update(task, state, size=16, **more):
    uuid = base64.b64encode(os.urandom(size)).decode()
    status = {"task_id": {"value": task}, "state": state, "uuid": uuid, **more}
    return {**ME, "type": "UPDATE", "update": {"status": status}}

async def main():
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http:
        async def say(body):
            async with http.post(API, json=body) as answer:
                print(answer.status, (await answer.text()).strip(), flush=True)
        async with http.post(API, json={**ME, "type": "SUBSCRIBE", "subscribe": {}}) as stream:
            while True:
                length = int(await stream.content.readuntil(b"\\n"))
                event = json.loads(await stream.content.readexactly(length))
                if event["type"] == "LAUNCH":
                    break
            other = {**update("honest", "TASK_FAILED"), "executor_id": {"value": "never"}}
            for body in (update("honest", "TASK_FAILED"), update("nobody", "TASK_RUNNING"), other,
                         update("mine", "TASK_STAGING"), update("mine", "TASK_RUNNING", size=3),
                         update("mine", "TASK_RUNNING", message="x" * 2_000_000),
                         {**ME, "type": "MESSAGE", "message": {"data": "x" * 6_000_000}}):
                await say(body)
            await say(update("mine", "TASK_RUNNING"))
            await say(update("mine", "TASK_STARTING"))
            await say(update("mine", "TASK_FINISHED"))
            await asyncio.sleep(600)

asyncio.run(main())
"""
ANSWERS = [400, 400, 400, 400, 400, 400, 413, 202, 400, 202]


@pytest.fixture(scope="module")
def fetched_from(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fetched")


@pytest.fixture(scope="module")
def agent_arguments(fetched_from: Path) -> tuple[str, ...]:
    return ("--executor-registration", REGISTRATION_SECONDS, "--fetch-from", str(fetched_from))


@pytest.fixture
def scheduler(standing: DaemonCluster) -> Iterator[Scheduler]:
    with connected(standing) as made:
        yield made


def ends_clean(scheduler: Scheduler) -> None:
    assert scheduler.stream.call("TEARDOWN").status == 202
    until(lambda: not scheduler.executors(), 20, "its executors are gone")


def test_an_executor_that_never_subscribes_is_ended_and_its_task_says_why(scheduler: Scheduler) -> None:
    marker = f"never-{scheduler.cluster.work_dir.name}"
    scheduler.launch("waiting", "true", scheduler.executor("mute", f"exec sh -c 'sleep 600' {marker}"))
    status = scheduler.status_of("waiting", "TASK_FAILED")
    assert status["reason"] == "REASON_EXECUTOR_REGISTRATION_TIMEOUT", status
    assert f"did not subscribe within {REGISTRATION_SECONDS} s" in status["message"]
    failure = scheduler.stream.until("failure")
    assert failure["executor_id"] == {"value": "mute"}
    until(lambda: not pids(marker), 10, "its processes are gone")
    ends_clean(scheduler)


def test_an_executor_that_cannot_be_started_is_told_by_its_task(scheduler: Scheduler) -> None:
    broken = scheduler.executor("broken")
    broken["command"] = {"shell": False, "value": "/no/such/program", "arguments": ["program"]}
    scheduler.launch("waiting", "true", broken)
    status = scheduler.status_of("waiting", "TASK_FAILED")
    assert "/no/such/program" in status["message"], status
    ends_clean(scheduler)


def test_an_executor_that_lies_is_refused_and_harms_nobody(scheduler: Scheduler, fetched_from: Path) -> None:
    scheduler.launch("honest", "sleep 600", scheduler.executor("honest"))
    scheduler.status_of("honest", "TASK_RUNNING")
    script = fetched_from / "liar.py"
    script.write_text(LIAR)
    liar = scheduler.executor("liar", f"exec {sys.executable} liar.py")
    liar["command"]["uris"] = [{"value": script.as_uri()}]
    scheduler.launch("mine", "", liar)
    scheduler.status_of("mine", "TASK_FINISHED")

    def answers() -> list[int]:
        return [int(line.split()[0]) for line in scheduler.output("liar").splitlines()]

    until(lambda: len(answers()) == len(ANSWERS), 10, "every answer is in its output")
    assert answers() == ANSWERS, scheduler.output("liar")
    (pid,) = [pid for pid in pids("liar.py") if pids_of_ours(pid, scheduler.cluster)]
    os.kill(pid, signal.SIGKILL)
    assert scheduler.stream.until("failure")["executor_id"] == {"value": "liar"}
    states = {task["name"]: task["state"] for task in scheduler.cluster.tasks()}
    assert states["honest"] == "TASK_RUNNING" and states["mine"] == "TASK_FINISHED"
    ends_clean(scheduler)
