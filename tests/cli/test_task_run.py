"""`orlop task run` against a scripted orchestrator, which is its own agent too."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ORLOP, Orlop
from tests.cli.fake_orchestrator import Document, FakeOrchestrator

AGENT = {"value": "A1"}
UUID = base64.b64encode(b"u" * 16).decode()


def scalar(name: str, value: float) -> Document:
    return {
        "name": name,
        "type": "SCALAR",
        "scalar": {"value": value},
        "allocation_info": {"role": "default"},
    }


def disk(volume: str) -> Document:
    source = {"type": "MOUNT", "id": "vol-1", "profile": "default", "mount": {"root": "/mnt/vol-1"}}
    return {
        **scalar("disk", 1024),
        "reservations": [{"type": "DYNAMIC", "role": "default"}],
        "provider_id": {"value": "P1"},
        "disk": {"source": source, "persistence": {"id": volume}},
    }


def offer(*resources: Document, number: int = 1) -> Document:
    one = {
        "id": {"value": f"O{number}"},
        "framework_id": {"value": "F1"},
        "agent_id": AGENT,
        "hostname": "host1",
        "resources": list(resources),
    }
    return {"type": "OFFERS", "offers": {"offers": [one]}}


def update(task_id: Document, state: str, **more: Any) -> Document:
    status = {"task_id": task_id, "state": state, "agent_id": AGENT, "uuid": UUID, **more}
    status.setdefault("container_status", {"container_id": {"value": "C1"}})
    return {"type": "UPDATE", "update": {"status": status}}


SUBSCRIBED = {"type": "SUBSCRIBED", "subscribed": {"framework_id": {"value": "F1"}}}
ENOUGH = (scalar("cpus", 2), scalar("mem", 512))


class Script:
    """One `orlop task run` from the orchestrator's side."""

    def __init__(self, fake: FakeOrchestrator) -> None:
        self.fake = fake
        self.files = {"stdout": b"", "stderr": b""}
        fake.answers["READ_FILE"] = self._read
        fake.answers["GET_AGENTS"] = {
            "type": "GET_AGENTS",
            "get_agents": {
                "agents": [
                    {
                        "agent_info": {"hostname": "host1", "id": AGENT},
                        "active": True,
                        "version": "1",
                        "pid": f"slave(1)@{fake.url.removeprefix('http://')}",
                    }
                ]
            },
        }

    def _read(self, call: Document) -> Document | tuple[int, str]:
        path = call["read_file"]["path"]
        assert path.startswith(f"/frameworks/F1/tasks/{self.task_id['value']}/runs/C1/")
        data = self.files[path.rpartition("/")[2]]
        offset = call["read_file"]["offset"]
        found = {"size": len(data), "data": base64.b64encode(data[offset:]).decode()}
        return {"type": "READ_FILE", "read_file": found}

    async def subscribed(self) -> None:
        self.stream = await asyncio.wait_for(self.fake.streams.get(), 10)
        await self.stream.put(SUBSCRIBED)

    async def launched(self, *resources: Document) -> Document:
        """Offer the resources until they are accepted; the task that was launched."""
        await self.stream.put(offer(*resources))
        await self.until(lambda: self.fake.asked("ACCEPT"))
        operation = self.fake.asked("ACCEPT")[-1]["accept"]["operations"][0]
        task: Document = operation["launch"]["task_infos"][0]
        self.task_id = task["task_id"]
        return task

    async def tell(self, state: str, **more: Any) -> None:
        await self.stream.put(update(self.task_id, state, **more))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - whatever the fake was asked
                await asyncio.sleep(0.01)


@pytest.fixture
def script(fake: FakeOrchestrator) -> Script:
    return Script(fake)


async def test_the_output_is_shown_and_the_status_passed_on(script: Script, orlop: Orlop) -> None:
    running = asyncio.create_task(orlop("task", "run", "--", "sh", "-c", "echo hello; exit 7"))
    await script.subscribed()
    task = await script.launched(*ENOUGH)
    assert task["command"] == {"shell": False, "value": "sh", "arguments": ["sh", "-c", "echo hello; exit 7"]}
    amounts = {each["name"]: each["scalar"]["value"] for each in task["resources"]}
    assert amounts == {"cpus": 0.1, "mem": 32.0}
    await script.tell("TASK_RUNNING")
    script.files["stdout"] = b"hello\n"
    script.files["stderr"] = b"and more\n"
    await script.tell(
        "TASK_FAILED", message="the command exited with status 7", reason="REASON_COMMAND_EXECUTOR_FAILED"
    )
    ended = await running
    assert (ended.status, ended.stdout, ended.stderr) == (7, "hello\n", "and more\n")
    assert len(script.fake.asked("ACKNOWLEDGE")) == 2
    assert script.fake.asked("TEARDOWN")
    assert set(script.fake.stream_ids) == {"stream-1"}


async def test_a_volume_is_waited_for_and_bound_in(script: Script, orlop: Orlop) -> None:
    script.fake.answers["GET_VOLUMES"] = {
        "type": "GET_VOLUMES",
        "get_volumes": {
            "volumes": [
                {
                    "name": "data",
                    "profile": "p",
                    "size_bytes": 1,
                    "role": "default",
                    "state": "VOLUME_AVAILABLE",
                }
            ]
        },
    }
    running = asyncio.create_task(orlop("task", "run", "--volume", "data:/data:ro", "--", "true"))
    await script.subscribed()
    await script.stream.put(offer(*ENOUGH, number=7))
    await script.until(lambda: script.fake.asked("DECLINE"))
    task = await script.launched(*ENOUGH, disk("other"), disk("data"))
    bound = [each for each in task["resources"] if each["name"] == "disk"]
    assert [each["disk"]["persistence"]["id"] for each in bound] == ["data"]
    assert bound[0]["disk"]["volume"] == {"container_path": "/data", "mode": "RO"}
    await script.tell("TASK_FINISHED")
    assert (await running).status == 0


async def test_json_output_tells_how_the_task_ended(script: Script, orlop: Orlop) -> None:
    running = asyncio.create_task(orlop("task", "run", "--output", "json", "--", "true"))
    await script.subscribed()
    await script.launched(*ENOUGH)
    script.files["stdout"] = b"hello\n"
    await script.tell("TASK_RUNNING")
    await script.tell("TASK_FINISHED")
    ended = await running
    document = json.loads(ended.stdout)
    assert (ended.status, document["exit_status"], document["status"]["state"]) == (0, 0, "TASK_FINISHED")
    assert ended.stderr == "hello\n"


async def test_a_task_that_could_not_be_run_ends_with_125_and_the_reason(
    script: Script, orlop: Orlop
) -> None:
    running = asyncio.create_task(orlop("task", "run", "--", "true"))
    await script.subscribed()
    await script.launched(*ENOUGH)
    await script.tell("TASK_ERROR", message="there is no such image", container_status={})
    ended = await running
    assert ended.status == 125
    assert "TASK_ERROR, there is no such image" in ended.stderr


async def test_no_fitting_offer_ends_with_125_and_what_was_lacking(script: Script, orlop: Orlop) -> None:
    running = asyncio.create_task(orlop("task", "run", "--cpus", "4", "--wait", "1", "--", "true"))
    await script.subscribed()
    await script.stream.put(offer(*ENOUGH))
    ended = await running
    assert ended.status == 125
    assert "lacked cpus (2 of 4)" in ended.stderr
    assert script.fake.asked("DECLINE") and script.fake.asked("TEARDOWN")


async def test_no_offer_at_all_ends_with_125_and_why_the_orchestrator_makes_none(
    script: Script, orlop: Orlop
) -> None:
    why = {
        "role": "default",
        "agent_id": AGENT,
        "code": "LIMIT",
        "reason": "the limit of role default on cpus is reached",
    }
    script.fake.answers["EXPLAIN_OFFERS"] = {
        "type": "EXPLAIN_OFFERS",
        "explain_offers": {"withheld": [why], "total": 1},
    }
    running = asyncio.create_task(orlop("task", "run", "--wait", "0.5", "--", "true"))
    await script.subscribed()
    ended = await running
    assert (ended.status, why["reason"] in ended.stderr) == (125, True), ended.stderr
    (asked,) = script.fake.asked("EXPLAIN_OFFERS")
    assert asked["explain_offers"] == {"role": "default", "framework_id": {"value": "F1"}}


async def test_an_unknown_volume_ends_with_125_and_how_to_make_it(script: Script, orlop: Orlop) -> None:
    ended = await orlop("task", "run", "--volume", "data:/data", "--", "true")
    assert ended.status == 125
    assert "orlop volume create data" in ended.stderr


async def test_a_launch_whose_offer_had_gone_is_tried_again(script: Script, orlop: Orlop) -> None:
    running = asyncio.create_task(orlop("task", "run", "--", "true"))
    await script.subscribed()
    first = await script.launched(*ENOUGH)
    await script.tell("TASK_DROPPED", reason="REASON_INVALID_OFFERS")
    await script.until(lambda: script.fake.asked("REVIVE"))
    await script.stream.put(offer(*ENOUGH, number=2))
    await script.until(lambda: len(script.fake.asked("ACCEPT")) == 2)
    second = await script.launched(*ENOUGH)
    assert second["task_id"] != first["task_id"]
    await script.tell("TASK_FINISHED")
    assert (await running).status == 0


async def test_a_group_whose_offer_had_gone_is_launched_again(
    script: Script, orlop: Orlop, tmp_path: Path
) -> None:
    tasks = [{"name": name, "command": {"value": "true"}} for name in ("a", "b")]
    (tmp_path / "group.json").write_text(json.dumps({"tasks": tasks}))
    running = asyncio.create_task(orlop("task", "run", "--group", str(tmp_path / "group.json")))
    await script.subscribed()
    for attempt, state in ((1, "TASK_DROPPED"), (2, "TASK_FINISHED")):
        await script.stream.put(offer(*ENOUGH, number=attempt))
        await script.until(lambda attempt=attempt: len(script.fake.asked("ACCEPT")) == attempt)
        operation = script.fake.asked("ACCEPT")[-1]["accept"]["operations"][0]
        more = {"reason": "REASON_INVALID_OFFERS"} if state == "TASK_DROPPED" else {}
        for task in operation["launch_group"]["task_group"]["tasks"]:
            await script.stream.put(update(task["task_id"], state, container_status={}, **more))
    assert (await running).status == 0


async def test_a_lost_stream_is_subscribed_to_again_and_reconciled(script: Script, orlop: Orlop) -> None:
    running = asyncio.create_task(orlop("task", "run", "--", "true"))
    await script.subscribed()
    await script.launched(*ENOUGH)
    await script.stream.put(None)
    await script.subscribed()
    assert script.fake.asked("SUBSCRIBE")[1]["framework_id"] == {"value": "F1"}
    await script.until(lambda: script.fake.asked("RECONCILE"))
    await script.tell("TASK_FINISHED")
    assert (await running).status == 0


@asynccontextmanager
async def _started(fake: FakeOrchestrator) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("orlop")),
        *("task", "run", "--url", fake.url, "--", "sleep", "600"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_an_interrupt_kills_the_task_and_passes_its_status_on(script: Script) -> None:
    async with _started(script.fake) as process:
        await script.subscribed()
        await script.launched(*ENOUGH)
        await script.tell("TASK_RUNNING")
        await script.until(lambda: script.fake.asked("READ_FILE"))
        process.send_signal(signal.SIGINT)
        await script.until(lambda: script.fake.asked("KILL"))
        await script.tell("TASK_KILLED", message="the command was ended by signal 15 (SIGTERM)")
        assert await process.wait() == 128 + signal.SIGTERM
    assert script.fake.asked("TEARDOWN")


async def test_an_interrupt_while_waiting_for_an_offer_leaves_nothing(script: Script) -> None:
    async with _started(script.fake) as process:
        await script.subscribed()
        await script.until(lambda: script.fake.asked("SUBSCRIBE"))
        await asyncio.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130
    assert script.fake.asked("TEARDOWN")


async def test_a_task_that_somebody_killed_is_said_to_be(script: Script, orlop: Orlop) -> None:
    running = asyncio.create_task(orlop("task", "run", "--", "sleep", "9"))
    await script.subscribed()
    await script.launched(*ENOUGH)
    await script.tell("TASK_RUNNING")
    message = "killed on request; the command was ended by signal 15 (SIGTERM)"
    await script.tell("TASK_KILLED", message=message)
    ended = await running
    assert ended.status == 128 + signal.SIGTERM
    assert f"TASK_KILLED, {message}" in ended.stderr


async def test_what_a_task_waits_for_is_shown_on_a_terminal(script: Script) -> None:
    screen, terminal = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        str(ORLOP),
        *("task", "run", "--", "true"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=terminal,
        env={"ORLOP_URL": script.fake.url, "PATH": "/usr/bin:/bin", "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(terminal)
    os.set_blocking(screen, False)
    shown = b""

    def look() -> bool:
        nonlocal shown
        with contextlib.suppress(BlockingIOError, OSError):
            shown += os.read(screen, 65_536)
        return b"pulling image web: 3 of 7 layers" in shown

    try:
        await script.subscribed()
        await script.launched(*ENOUGH)
        status = {
            "task_id": script.task_id,
            "state": "TASK_STARTING",
            "agent_id": AGENT,
            "message": "pulling image web: 3 of 7 layers",
        }
        await script.stream.put({"type": "UPDATE", "update": {"status": status}})
        await script.until(look)
        await script.tell("TASK_FINISHED")
        assert await asyncio.wait_for(process.wait(), 10) == 0
        acknowledged = [call["acknowledge"]["uuid"] for call in script.fake.asked("ACKNOWLEDGE")]
        assert acknowledged == [UUID], "news of progress wants no acknowledgement"
    finally:
        os.close(screen)
        if process.returncode is None:
            process.kill()
