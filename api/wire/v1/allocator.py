"""mesos.v1.allocator. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from api.wire.message import Message
from api.wire.v1 import mesos


class InverseOfferStatusStatus(StrEnum):
    """mesos.v1.allocator.InverseOfferStatus.Status"""

    UNKNOWN = "UNKNOWN"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"


class InverseOfferStatus(Message, kw_only=True):
    """mesos.v1.allocator.InverseOfferStatus"""

    status: InverseOfferStatusStatus
    framework_id: mesos.FrameworkID
    timestamp: mesos.TimeInfo
