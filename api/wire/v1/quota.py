"""mesos.v1.quota. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from api.wire.message import Message
from api.wire.v1 import mesos


class QuotaConfig(Message, kw_only=True):
    """mesos.v1.quota.QuotaConfig"""

    role: str
    guarantees: dict[str, mesos.ValueScalar] = {}
    limits: dict[str, mesos.ValueScalar] = {}


class QuotaInfo(Message, kw_only=True):
    """mesos.v1.quota.QuotaInfo"""

    role: str | UnsetType = UNSET
    principal: str | UnsetType = UNSET
    guarantee: list[mesos.Resource] = []


class QuotaRequest(Message, kw_only=True):
    """mesos.v1.quota.QuotaRequest"""

    force: bool | UnsetType = UNSET
    role: str | UnsetType = UNSET
    guarantee: list[mesos.Resource] = []


class QuotaStatus(Message, kw_only=True):
    """mesos.v1.quota.QuotaStatus"""

    infos: list[QuotaInfo] = []  # deprecated
    configs: list[QuotaConfig] = []
