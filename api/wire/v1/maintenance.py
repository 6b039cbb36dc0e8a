"""mesos.v1.maintenance. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from api.wire.message import Message
from api.wire.v1 import allocator, mesos


class ClusterStatus(Message, kw_only=True):
    """mesos.v1.maintenance.ClusterStatus"""

    draining_machines: list[ClusterStatusDrainingMachine] = []
    down_machines: list[mesos.MachineID] = []


class ClusterStatusDrainingMachine(Message, kw_only=True):
    """mesos.v1.maintenance.ClusterStatus.DrainingMachine"""

    id: mesos.MachineID
    statuses: list[allocator.InverseOfferStatus] = []


class Schedule(Message, kw_only=True):
    """mesos.v1.maintenance.Schedule"""

    windows: list[Window] = []


class Window(Message, kw_only=True):
    """mesos.v1.maintenance.Window"""

    machine_ids: list[mesos.MachineID] = []
    unavailability: mesos.Unavailability
