"""How an agent was configured at its last start, kept to compare the next one with.

Rows and messages on one side, the judgement's values on the other. What the host was found to have, because
its operator did not say, is no configuration: it is taken as it is found, under every policy.
"""

from __future__ import annotations

import logging

from msgspec import UNSET
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from agent.host.reconfiguration import Attribute, Configuration, Judgement, Policy, judge
from agent.schema import agent_configuration
from api.model.quantity import to_milli
from api.model.resources import Resources
from api.model.values import Items, Ranges, Scalar, Value
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.convert import resources_from_wire
from api.wire.fault_domain import region_of, zone_of
from api.wire.v1 import mesos
from store.port import Change, Store

log = logging.getLogger(__name__)


def judged(store: Store, policy: Policy, wanted: mesos.AgentInfo) -> Judgement:
    """What `policy` says of a start as `wanted`; of a first start nothing."""
    before = store.read(_load)
    if before is None:
        return Judgement(policy)
    return judge(policy, configuration_of(before), configuration_of(wanted))


async def remember(store: Store, wanted: mesos.AgentInfo) -> None:
    """The agent starts like this; the next start is compared with it. Raises StoreFailed."""
    await store.write(_save(wanted))


def configuration_of(info: mesos.AgentInfo) -> Configuration:
    """The message as values. Raises WireError for resources that cannot be."""
    return Configuration(
        hostname=info.hostname,
        port=info.port,
        resources=Resources(resources_from_wire(info.resources)),
        attributes=tuple(Attribute(each.name, _value(each)) for each in info.attributes),
        region=region_of(info.domain),
        zone=zone_of(info.domain),
    )


def _value(attribute: mesos.Attribute) -> Value | str:
    if attribute.scalar is not UNSET:
        return Scalar(to_milli(attribute.scalar.value))
    if attribute.ranges is not UNSET:
        return Ranges(tuple((each.begin, each.end) for each in attribute.ranges.range))
    if attribute.set is not UNSET:
        return Items(tuple(attribute.set.item))
    return "" if attribute.text is UNSET else attribute.text.value


def _load(connection: Connection) -> mesos.AgentInfo | None:
    row = connection.execute(select(agent_configuration.c.info)).first()
    return None if row is None else decode_msgpack(mesos.AgentInfo, row.info)


def _save(info: mesos.AgentInfo) -> Change:
    encoded = encode_msgpack(info)
    statement = insert(agent_configuration).values(row=1, info=encoded)
    statement = statement.on_conflict_do_update(index_elements=["row"], set_={"info": encoded})
    return lambda connection: connection.execute(statement)
