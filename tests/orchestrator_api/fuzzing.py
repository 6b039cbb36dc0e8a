"""Random calls to both APIs, almost right, from a seeded generator; and an agent that takes them seriously.

Everything random comes from the seed, so that a failing run can be repeated.
"""

from __future__ import annotations

import base64
import copy
from random import Random
from typing import Any

from api.model.operation import provider_of
from api.model.resources import NotContained
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import link, mesos, resource_provider
from tests.orchestrator.scripted import PROVIDER, ScriptedAgent

Json = dict[str, Any]

AMOUNTS = (0, -1, 0.0001, 0.001, 0.5, 1, 7, 100, 4000, 10_000, 10_001, 1e12, 1e18, 1e300, "1", None)
IDS = (*"abcdefg" * 3, "", ".", "..", "a/b", "x" * 300, "ä", "\x00", "\ud800")
ROLES = ("test", "other", "test/below", "*", "", "a/../b", "-x")
OPERATIONS = (
    "RESERVE", "UNRESERVE", "CREATE", "DESTROY", "CREATE_DISK", "DESTROY_DISK", "LAUNCH", "LAUNCH_GROUP",
)  # fmt: skip
OTHER_OPERATIONS = ("GROW_VOLUME", "SHRINK_VOLUME", "UNKNOWN", "NONSENSE")


class FuzzedAgent(ScriptedAgent):
    """Applies operations to its provider's and to its own totals, and drops what does not fit them."""

    def __init__(self) -> None:
        super().__init__()
        self._own_operations: set[bytes] = set()

    def apply(self, call: resource_provider.EventApplyOperation) -> None:
        is_own = provider_of(operation_from_wire(call.info)) is None
        if is_own:
            self._own_operations.add(call.operation_uuid.value)
            self.totals, self.own = self.own, self.totals
        try:
            outcome = self.ended.get(call.operation_uuid.value) or self._outcome(call.info)
        except NotContained:
            uuid = mesos.UUID(value=call.operation_uuid.value)
            outcome = mesos.OperationStatus(state=mesos.OperationState.OPERATION_DROPPED, uuid=uuid)
        finally:
            if is_own:
                self.totals, self.own = self.own, self.totals
        self.ended[call.operation_uuid.value] = outcome
        self.tell_status(call.operation_uuid.value)

    def ended_of(self, *, own: bool) -> dict[bytes, mesos.OperationStatus]:
        return {key: status for key, status in self.ended.items() if own is (key in self._own_operations)}

    def close(self, reason: str) -> None:
        """Its one session serves all its links."""

    def lose_provider(self) -> None:
        gone = link.AgentMessageProviderDisconnected(
            resource_provider_id=mesos.ResourceProviderID(value=PROVIDER), message="gone"
        )
        self.tell(
            link.AgentMessage(type=link.AgentMessageType.PROVIDER_DISCONNECTED, provider_disconnected=gone)
        )

    def send(self, message: link.OrchestratorMessage) -> None:
        super().send(message)
        for run in (message.run_task, message.run_task_group):
            if run and run.executor_info and run.launch_executor is True and not self.deaf:
                assert run.framework_info.id
                info = run.executor_info
                self.executors[run.framework_info.id.value + info.executor_id.value] = link.Executor(
                    framework_id=run.framework_info.id, executor_info=info, resources=info.resources
                )

    def exit(self, key: str, random: Random) -> None:
        """An executor is over, or says something; or one that never was."""
        executor = self.executors[key]
        info = executor.executor_info
        if random.random() < 0.3:
            said = link.ExecutorMessage(
                framework_id=executor.framework_id, executor_id=info.executor_id, data=random.randbytes(9)
            )
            kind = link.AgentMessageType.EXECUTOR_MESSAGE
            self.tell(link.AgentMessage(type=kind, executor_message=said))
            return
        if random.random() < 0.9:
            del self.executors[key]
        else:
            info = mesos.ExecutorInfo(executor_id=mesos.ExecutorID(value="nobody's"))
        exited = link.AgentMessageExecutorExited(
            framework_id=executor.framework_id, executor_id=info.executor_id, status=random.randrange(3)
        )
        self.tell(link.AgentMessage(type=link.AgentMessageType.EXECUTOR_EXITED, executor_exited=exited))

    def tell_task(self, key: tuple[str, str], state: mesos.TaskState, uuid: bytes) -> None:
        status = mesos.TaskStatus(task_id=mesos.TaskID(value=key[1]), state=state, uuid=uuid)
        update = link.AgentMessageUpdateTaskStatus(
            framework_id=mesos.FrameworkID(value=key[0]), status=status, latest_state=state
        )
        self.tell(link.AgentMessage(type=link.AgentMessageType.UPDATE_TASK_STATUS, update_task_status=update))


class Calls:
    """Makes calls out of what was offered, what was told, and nonsense."""

    def __init__(self, random: Random, role: str) -> None:
        self.random = random
        self.role = role
        self.offers: list[Json] = []
        self.statuses: list[Json] = []
        self.task_statuses: list[Json] = []

    def scheduler(self) -> tuple[str, Json | None]:
        """A call's type and its body, None for no body."""
        random = self.random
        kind = random.choice(
            ("ACCEPT",) * 20
            + ("DECLINE", "REVIVE", "REVIVE", "KILL", "ACKNOWLEDGE", "ACKNOWLEDGE_OPERATION_STATUS")
            + ("RECONCILE", "RECONCILE_OPERATIONS", "REQUEST", "MESSAGE", "SHUTDOWN", "SUPPRESS", "NONSENSE")
        )
        made: Json = getattr(self, f"_{kind.lower()}", dict)()
        return kind, self._spoilt(made) if random.random() < 0.05 else made

    def operator(self) -> tuple[str, Json | None]:
        random = self.random
        kind = random.choice(("PROVISION_VOLUME", "DEPROVISION_VOLUME", "GET_STATE", "GET_VOLUMES"))
        body: Json = {"name": random.choice(("a", "b", "c", "v", *IDS))}
        if kind == "PROVISION_VOLUME":
            sizes = (0, -1, 1, 2**20, 3 * 2**20 + 1, 4000 * 2**20, 2**63 - 1, 2**63)
            body |= {"profile": random.choice(("default", "default", "none", "")), "block": False}
            body |= {"size_bytes": random.choice(sizes), "role": random.choice(ROLES)}
        return kind, body if kind != "GET_STATE" else None

    def _accept(self) -> Json:
        random = self.random
        offers = random.sample(
            self.offers[-3:], min(random.choice((0, *(1,) * 20, 2)), len(self.offers[-3:]))
        )
        held = [resource for offer in offers for resource in offer["resources"]]
        held += [resource for resource in held if "disk" in resource] * 3
        made = [self._operation(offers, held) for _ in range(random.choice((0, 1, 1, 2, 3)))]
        if made and random.random() < 0.2:
            made.append(copy.deepcopy(random.choice(made)))
        ids = [offer["id"] for offer in offers] + ([{"value": "nobody's"}] if random.random() < 0.05 else [])
        return {"offer_ids": ids, "operations": made, "filters": self._filters()}

    def _filters(self) -> Json:
        return {"refuse_seconds": self.random.choice((*(0,) * 20, 0.01, -1, 1e300))}

    def _operation(self, offers: list[Json], held: list[Json]) -> Json:
        random = self.random
        kind = random.choice(OPERATIONS if random.random() < 0.97 else OTHER_OPERATIONS)
        if random.random() < 0.9:  # something that may be done to what is on offer
            kinds = [each for each in OPERATIONS if any(_suits(resource, each) for resource in held)]
            kind = random.choice(kinds or OPERATIONS)
            held = [resource for resource in held if _suits(resource, kind)] or held
        made: Json = {"type": kind}
        if random.random() < (0.1 if kind.startswith("LAUNCH") else 0.9):
            made["id"] = {"value": random.choice("ab") + str(random.randint(0, 300))}
        named = [self._resource(held) for _ in range(random.choice((0, *(1,) * 10, 2)))]
        if kind in ("RESERVE", "UNRESERVE"):
            if kind == "RESERVE":
                named = [self._reserved(resource) for resource in named]
            made[kind.lower()] = {"resources": named}
        elif kind in ("CREATE", "DESTROY"):
            if kind == "CREATE":
                named = [self._persistent(resource) for resource in named]
            made[kind.lower()] = {"volumes": named}
        elif kind == "CREATE_DISK":
            target = random.choice(("MOUNT",) * 8 + ("BLOCK", "RAW", "PATH", "UNKNOWN"))
            made["create_disk"] = {"source": self._resource(held), "target_type": target}
        elif kind == "DESTROY_DISK":
            made["destroy_disk"] = {"source": self._resource(held)}
        elif kind == "LAUNCH":
            tasks = [self._task(offers, held) for _ in range(random.choice((0, 1, 1, 2)))]
            made["launch"] = {"task_infos": tasks + (tasks[:1] if random.random() < 0.2 else [])}
        elif kind == "LAUNCH_GROUP":
            tasks = [self._task(offers, held) for _ in range(random.choice((0, 1, 1, 2, 2, 3)))]
            made["launch_group"] = {"executor": self._executor(held), "task_group": {"tasks": tasks}}
        if random.random() < 0.03:
            made["type"] = random.choice(OPERATIONS)  # not what its body says
        if random.random() < 0.03:
            made.pop(kind.lower(), None)
        return made

    def _task(self, offers: list[Json], held: list[Json]) -> Json:
        random = self.random
        agent = offers[0]["agent_id"] if offers and random.random() < 0.9 else {"value": "nowhere"}
        made: Json = {
            "name": "t",
            "task_id": {"value": random.choice((*IDS, *"defghij"))},
            "agent_id": agent,
            "resources": self._used(held),
            **({"command": {"value": "true"}} if random.random() < 0.9 else {}),
        }
        if random.random() < 0.1:
            made |= {"executor": self._executor(held)}
            made.pop("command", None)
        return made

    def _used(self, held: list[Json]) -> list[Json]:
        """Mostly a little that is there."""
        if self.random.random() < 0.6:
            return [{"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.01}}]
        return [self._resource(held) for _ in range(self.random.choice((0, 1, 1, 2)))]

    def _executor(self, held: list[Json]) -> Json:
        random = self.random
        made: Json = {"executor_id": {"value": random.choice(("e", "e", "e", *IDS))}}
        made["type"] = random.choice((*("DEFAULT", "CUSTOM") * 5, "UNKNOWN", None))
        if made["type"] == "CUSTOM" or random.random() < 0.1:
            made["command"] = {"value": "x"}
        if random.random() < 0.7:
            made["resources"] = self._used(held)
        if random.random() < 0.05:
            made["framework_id"] = {"value": random.choice(IDS)}
        return made

    def _resource(self, held: list[Json]) -> Json:
        """One that is on offer, whole, in part, or changed; or one that never was."""
        random = self.random
        if not held or random.random() < 0.05:
            return {"name": random.choice(("cpus", "disk", "gpus", "")), "type": "SCALAR",
                    "scalar": {"value": random.choice(AMOUNTS)}}  # fmt: skip
        made: Json = copy.deepcopy(random.choice(held))
        if "scalar" in made and random.random() < 0.5:
            made["scalar"] = {"value": random.choice((0.5, 1, 7, 100) * 5 + AMOUNTS)}
        if random.random() < 0.1:
            random.choice(
                (
                    lambda: made.update(provider_id={"value": random.choice(("provider-2", "", PROVIDER))}),
                    lambda: made.pop("provider_id", None),
                    lambda: made.update(allocation_info={"role": random.choice(ROLES)}),
                    lambda: made.update(shared={}),
                    lambda: made.update(revocable={}),
                    lambda: made.update(type=random.choice(("RANGES", "SET", "TEXT"))),
                    lambda: made.update(type="RANGES", ranges={"range": [{"begin": 9, "end": 3}]}),
                    lambda: made.update(type="RANGES", ranges={"range": [{"begin": 0, "end": 2**64 - 1}]}),
                    lambda: made.update(type="SET", set={"item": ["a", "a"]}),
                    lambda: made.update(role=random.choice(ROLES)),
                )
            )()
        return made

    def _reserved(self, resource: Json) -> Json:
        role = self.random.choice((*(self.role,) * 20, *ROLES))
        kind = "DYNAMIC" if self.random.random() < 0.9 else "STATIC"
        resource.setdefault("reservations", []).append({"type": kind, "role": role})
        return resource

    def _persistent(self, resource: Json) -> Json:
        disk = resource.setdefault("disk", {})
        disk["persistence"] = {"id": self.random.choice(("p", "q", "v", *IDS))}
        if self.random.random() < 0.7:
            disk["volume"] = {"container_path": self.random.choice(("data", "/x", "")), "mode": "RW"}
        return resource

    def _decline(self) -> Json:
        random = self.random
        ids = [offer["id"] for offer in random.sample(self.offers[-3:], min(1, len(self.offers)))]
        return {"offer_ids": ids + ids[:1], "filters": self._filters()}

    def _revive(self) -> Json:
        return {"roles": self.random.sample(ROLES, self.random.choice((0, 0, 0, 2)))}

    def _suppress(self) -> Json:
        return {"roles": [self.random.choice(ROLES)]}

    def _kill(self) -> Json:
        return {"task_id": {"value": self.random.choice((*IDS, *"defghij"))}}

    def _message(self) -> Json:
        return self._to_executor() | {"data": _uuid(self.random)}

    def _shutdown(self) -> Json:
        return self._to_executor()

    def _to_executor(self) -> Json:
        agents = [offer["agent_id"] for offer in self.offers[-1:]] or [{"value": "nowhere"}]
        return {"agent_id": agents[0], "executor_id": {"value": self.random.choice(("e", "e", *IDS))}}

    def _acknowledge(self) -> Json:
        told = self.random.choice(self.task_statuses or [{}])
        task_id = told.get("task_id", {"value": "a"})
        return {"agent_id": {"value": "x"}, "task_id": task_id, "uuid": told.get("uuid", _uuid(self.random))}

    def _acknowledge_operation_status(self) -> Json:
        told = self.random.choice(self.statuses or [{}])
        uuid = told.get("uuid", {}).get("value", _uuid(self.random))
        return {"operation_id": told.get("operation_id", {"value": "a0"}), "uuid": uuid}

    def _reconcile(self) -> Json:
        named = [{"task_id": {"value": id}} for id in self.random.sample(IDS, self.random.randint(0, 3))]
        return {"tasks": named}

    def _reconcile_operations(self) -> Json:
        provider = {"resource_provider_id": {"value": PROVIDER}} if self.random.random() < 0.5 else {}
        named = [{"operation_id": {"value": f"a{n}"}, **provider} for n in range(self.random.randint(0, 3))]
        return {"operations": named}

    def _spoilt(self, body: Json) -> Json | None:
        """The same with one field gone, of another type, or said twice; or nothing at all."""
        random = self.random
        if not body or random.random() < 0.2:
            return None
        name = random.choice(sorted(body))
        others: tuple[object, ...] = (None, [], {}, 0, "x", [body[name]], [{}], [[]], [None])
        value = random.choice(others)
        return {**body, name: value}


def _suits(resource: Json, kind: str) -> bool:
    """Whether an operation of this kind may be done to the resource, more or less."""
    disk = resource.get("disk", {})
    is_raw = disk.get("source", {}).get("type") == "RAW"
    is_reserved = "reservations" in resource or "reservation" in resource
    suits: dict[str, bool] = {
        "UNRESERVE": is_reserved and "persistence" not in disk,
        "CREATE": is_reserved and bool(disk) and not is_raw and "persistence" not in disk,
        "DESTROY": "persistence" in disk,
        "CREATE_DISK": is_raw,
        "DESTROY_DISK": bool(disk) and not is_raw and "persistence" not in disk,
    }
    return suits.get(kind, True)


def _uuid(random: Random) -> str:
    return base64.b64encode(random.randbytes(random.choice((0, 15, 16, 16, 16)))).decode()
