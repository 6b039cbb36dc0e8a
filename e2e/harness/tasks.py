"""A framework of a test that launches what a test describes, and keeps all that it is told.

JSON by hand, as somebody with curl would write it. Acknowledges everything.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from e2e.harness.cluster import Cluster
from e2e.harness.http import Subscription

FRAMEWORK = {
    "user": "root",
    "name": "tasks",
    "roles": ["default"],
    "failover_timeout": 60.0,
    "capabilities": [{"type": kind} for kind in ("MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE")],
}
SECONDS = 60.0
"""For a status to come; heartbeats of the stream wake the waiting up."""
TERMINAL = ("TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR", "TASK_DROPPED", "TASK_GONE")
ALLOCATED = {"allocation_info": {"role": "default"}}
Status = dict[str, Any]


class TaskFramework:
    """Launches tasks by their descriptions."""

    def __init__(self, cluster: Cluster) -> None:
        self.stream = Subscription(cluster.address, FRAMEWORK)
        self.told: dict[str, list[Status]] = {}
        self.offer: dict[str, Any] = {}

    def launch(self, name: str, resources: list[dict[str, Any]] | None = None, **fields: Any) -> None:
        """Launch a task under that id on the next offer; `resources` come besides a little cpus and mem."""
        offer = self._take_offer()
        info = _task(name, offer, resources or [], fields)
        self._accept(offer, {"type": "LAUNCH", "launch": {"task_infos": [info]}})

    def launch_group(
        self, commands: dict[str, str], of_group: dict[str, Any] | None = None, **fields: Any
    ) -> None:
        """Launch tasks with these shell commands by their names, as one group, whose container
        is `of_group`; `fields` are each task's."""
        offer = self._take_offer()
        infos = [
            _task(name, offer, [], {"command": shell(text), **fields}) for name, text in commands.items()
        ]
        executor = {
            "type": "DEFAULT",
            "executor_id": {"value": "group-" + "-".join(commands)},
            "framework_id": self.stream.framework_id,
            "resources": _amounts(0.1, 32),
        }
        if of_group is not None:
            executor["container"] = of_group
        group = {"executor": executor, "task_group": {"tasks": infos}}
        self._accept(offer, {"type": "LAUNCH_GROUP", "launch_group": group})

    def _accept(self, offer: dict[str, Any], operation: dict[str, Any]) -> None:
        accept = {"offer_ids": [offer["id"]], "operations": [operation], "filters": {"refuse_seconds": 0}}
        answer = self.stream.call("ACCEPT", accept=accept)
        assert answer.status == 202, answer.text

    def until(self, name: str, wanted: Callable[[Status], object]) -> Status:
        """The first status of the task that `wanted` finds good, told already or still to come."""
        seen, patience = 0, time.monotonic() + SECONDS
        while True:
            for status in self.told.get(name, [])[seen:]:
                seen += 1
                if wanted(status):
                    return status
            assert time.monotonic() < patience, f"{name} was told only {self.told.get(name)}"
            self._hear()

    def the_end(self, name: str) -> Status:
        """The task's terminal status."""
        return self.until(name, lambda status: status["state"] in TERMINAL)

    def running(self, name: str) -> Status:
        """Its first TASK_RUNNING; an end instead is shown."""
        status = self.until(name, lambda status: status["state"] in ("TASK_RUNNING", *TERMINAL))
        assert status["state"] == "TASK_RUNNING", status
        return status

    def kill(self, name: str) -> None:
        self.stream.call("KILL", kill={"task_id": {"value": name}})

    def states(self, name: str) -> list[str]:
        return [status["state"] for status in self.told.get(name, []) if "uuid" in status]

    def find(self, volume: str) -> dict[str, Any]:
        """The disk of that name, as an offer has it that has room for a task, too: what is declined of the
        rest may come a moment later, in another one."""
        while True:
            offer = self._take_offer()
            room = {"cpus", "mem"} <= {resource["name"] for resource in offer["resources"]}
            for resource in offer["resources"]:
                if room and resource.get("disk", {}).get("persistence", {}).get("id") == volume:
                    self.offer = offer
                    return dict(resource)
            self._decline(offer)

    def _take_offer(self) -> dict[str, Any]:
        while not self.offer:
            self._hear()
        taken, self.offer = self.offer, {}
        return taken

    def _hear(self) -> None:
        event = self.stream.next()
        if "offers" in event:
            for offer in event["offers"]["offers"]:
                if self.offer:
                    self._decline(offer)
                else:
                    self.offer = offer
        elif "rescind" in event and self.offer.get("id") == event["rescind"]["offer_id"]:
            self.offer = {}
        elif "update" in event:
            self._take(event["update"]["status"])

    def _take(self, status: Status) -> None:
        self.told.setdefault(status["task_id"]["value"], []).append(status)
        if "uuid" in status:
            acknowledge = {name: status[name] for name in ("task_id", "agent_id", "uuid")}
            self.stream.call("ACKNOWLEDGE", acknowledge=acknowledge)

    def _decline(self, offer: dict[str, Any]) -> None:
        decline = {"offer_ids": [offer["id"]], "filters": {"refuse_seconds": 0.1}}
        self.stream.call("DECLINE", decline=decline)


@contextlib.contextmanager
def framework(cluster: Cluster) -> Iterator[TaskFramework]:
    """One that is torn down at the end."""
    made = TaskFramework(cluster)
    try:
        yield made
    finally:
        made.stream.call("TEARDOWN")
        made.stream.close()


def scalar(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}}


def shell(text: str, **fields: Any) -> dict[str, Any]:
    """A CommandInfo of a shell."""
    return {"value": text, **fields}


def _amounts(cpus: float, mem: float) -> list[dict[str, Any]]:
    return [{**scalar("cpus", cpus), **ALLOCATED}, {**scalar("mem", mem), **ALLOCATED}]


def _task(
    name: str, offer: dict[str, Any], resources: list[dict[str, Any]], fields: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "task_id": {"value": name},
        "agent_id": offer["agent_id"],
        "resources": _amounts(0.1, 64) + [{**resource, **ALLOCATED} for resource in resources],
        **fields,
    }
