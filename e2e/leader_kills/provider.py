"""A simulated agent with one storage provider, as far as durable operations need it.

It makes and destroys volumes of a pool that is a number, at once, and keeps for good what it was asked and
did: that is what the test judges by. No sockets here, and none of the product's rooms but the messages.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

from msgspec import UNSET, structs

from api.wire.v1 import link, mesos, resource_provider

POOL_MB: Final = 10_000.0
PROFILE: Final = "simulated"
State = mesos.OperationState
Type = mesos.OfferOperationType
Source = mesos.ResourceDiskInfoSourceType


@dataclass
class SimulatedAgent:
    """Everything that an agent has survives its link. `wrong`: what it was told that nobody may say."""

    number: int
    agent_id: mesos.AgentID | None = None
    epoch: int = 0
    volumes: dict[str, mesos.Resource] = field(default_factory=dict)
    done: dict[bytes, mesos.OperationStatus] = field(default_factory=dict)
    """All operations ever, and how they ended."""
    unacknowledged: dict[bytes, mesos.OfferOperation] = field(default_factory=dict)
    asked: dict[str, set[bytes]] = field(default_factory=dict)
    """By the id that their framework gave them, what was done: one each, or it was done twice."""
    wrong: list[str] = field(default_factory=list)
    frameworks: dict[bytes, mesos.FrameworkID] = field(default_factory=dict)

    @property
    def provider_id(self) -> mesos.ResourceProviderID:
        return mesos.ResourceProviderID(value=f"provider-{self.number}")

    def register(self) -> link.AgentMessage:
        can = mesos.AgentInfoCapabilityType
        info = mesos.AgentInfo(hostname=f"host-{self.number}", port=5051)
        if self.agent_id is not None:
            info.id = self.agent_id
        register = link.AgentMessageRegister(
            agent_info=info,
            version="1",
            address=f"10.0.{self.number >> 8 & 255}.{self.number & 255}:5051",
            capabilities=[
                mesos.AgentInfoCapability(type=each)
                for each in (can.MULTI_ROLE, can.HIERARCHICAL_ROLE, can.RESERVATION_REFINEMENT)
            ],
        )
        if self.epoch:
            register.highest_epoch = self.epoch
        return link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register)

    def registered(self, message: link.OrchestratorMessageRegistered) -> list[link.AgentMessage]:
        """What it says to it: all that it has."""
        self.agent_id = message.agent_id
        cpus = mesos.Resource(name="cpus", type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=4.0))
        mem = mesos.Resource(name="mem", type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=4096.0))
        info = mesos.ResourceProviderInfo(id=self.provider_id, type="simulated", name="pool")
        has = [self._pool(), *self.volumes.values()]
        return [_update([cpus, mem], None, []), _update(has, info, self._told())]

    def applies(self, call: resource_provider.EventApplyOperation) -> link.AgentMessage:
        """Do it, unless it was done, and tell how it ended."""
        key = call.operation_uuid.value
        if key not in self.done:
            name = call.info.id.value if isinstance(call.info.id, mesos.OperationID) else key.hex()
            self.asked.setdefault(name, set()).add(key)
            if isinstance(call.framework_id, mesos.FrameworkID):
                self.frameworks[key] = call.framework_id
            self.done[key] = self._outcome(call.info)
            self.unacknowledged[key] = call.info
        elif key not in self.unacknowledged:
            self.wrong.append(f"operation {key.hex()} is asked for after its end was acknowledged")
        return self._status(key, self.done[key])

    def acknowledged(self, key: bytes) -> None:
        self.unacknowledged.pop(key, None)

    def reconciles(self, keys: list[bytes]) -> list[link.AgentMessage]:
        """How they ended; those that never came, never will."""
        dropped = mesos.OperationStatus(state=State.OPERATION_DROPPED)
        return [self._status(key, self.done.get(key, dropped)) for key in keys]

    def _status(self, key: bytes, status: mesos.OperationStatus) -> link.AgentMessage:
        update = resource_provider.CallUpdateOperationStatus(
            operation_uuid=mesos.UUID(value=key), status=status
        )
        told = link.AgentMessageUpdateOperationStatus(resource_provider_id=self.provider_id, update=update)
        return link.AgentMessage(
            type=link.AgentMessageType.UPDATE_OPERATION_STATUS, update_operation_status=told
        )

    def _outcome(self, info: mesos.OfferOperation) -> mesos.OperationStatus:
        status = mesos.OperationStatus(
            state=State.OPERATION_FINISHED, uuid=mesos.UUID(value=uuid.uuid4().bytes)
        )
        if isinstance(info.create_disk, mesos.OfferOperationCreateDisk):
            status.converted_resources = [self._make(info.create_disk.source)]
        elif isinstance(info.destroy_disk, mesos.OfferOperationDestroyDisk):
            status.converted_resources = [self._destroy(info.destroy_disk.source)]
        else:
            self.wrong.append(f"it was asked for a {info.type}")
        return status

    def _make(self, source: mesos.Resource) -> mesos.Resource:
        name = str(uuid.uuid4())
        assert isinstance(source.scalar, mesos.ValueScalar)
        if source.scalar.value > self._free():
            self.wrong.append(f"{source.scalar.value} MB of {self._free()} were asked for")
        self.volumes[name] = self._disk(source.scalar.value, Source.MOUNT, name)
        return self.volumes[name]

    def _destroy(self, source: mesos.Resource) -> mesos.Resource:
        assert isinstance(source.disk, mesos.ResourceDiskInfo)
        assert isinstance(source.disk.source, mesos.ResourceDiskInfoSource)
        volume = self.volumes.pop(str(source.disk.source.id), None)
        if volume is None:
            self.wrong.append(f"volume {source.disk.source.id} is destroyed, and there is none")
        assert isinstance(source.scalar, mesos.ValueScalar)
        return self._disk(source.scalar.value, Source.RAW)

    def _free(self) -> float:
        held = (each.scalar for each in self.volumes.values())
        return POOL_MB - sum(each.value for each in held if isinstance(each, mesos.ValueScalar))

    def _pool(self) -> mesos.Resource:
        return self._disk(self._free(), Source.RAW)

    def _disk(
        self, mb: float, kind: mesos.ResourceDiskInfoSourceType, name: str | None = None
    ) -> mesos.Resource:
        source = mesos.ResourceDiskInfoSource(type=kind, profile=PROFILE, vendor="simulated")
        if name is not None:
            source.id = name
            source.mount = mesos.ResourceDiskInfoSourceMount(root=f"/volumes/{name}")
        return mesos.Resource(
            name="disk",
            type=mesos.ValueType.SCALAR,
            scalar=mesos.ValueScalar(value=mb),
            disk=mesos.ResourceDiskInfo(source=source),
            provider_id=self.provider_id,
        )

    def _told(self) -> list[mesos.Operation]:
        return [
            mesos.Operation(
                info=info,
                framework_id=self.frameworks.get(key, UNSET),
                latest_status=structs.replace(self.done[key]),
                uuid=mesos.UUID(value=key),
            )
            for key, info in self.unacknowledged.items()
        ]


def _update(
    resources: list[mesos.Resource],
    info: mesos.ResourceProviderInfo | None,
    operations: list[mesos.Operation],
) -> link.AgentMessage:
    profiles = [] if info is None else [resource_provider.ProfileInfo(name=PROFILE, available=True)]
    update = resource_provider.CallUpdateState(
        resources=resources,
        operations=operations,
        resource_version_uuid=mesos.UUID(value=uuid.uuid4().bytes),
        profiles=profiles,
    )
    said = link.AgentMessageUpdateProvider(update_state=update)
    if info is not None:
        said.resource_provider_info = info
    return link.AgentMessage(type=link.AgentMessageType.UPDATE_PROVIDER, update_provider=said)
