"""What an agent's operator states, compared with its last start: before a start, and for `--check-config`."""

from __future__ import annotations

import asyncio
import logging
import random  # noqa: TID251 - composition root
import socket
from collections.abc import Iterable
from typing import Final

from msgspec import UNSET

from agent import schema
from agent.checkpoint import load_tasks
from agent.executors.checkpoint import load_executors
from agent.host.configuration import judged, remember
from agent.host.detection import Wanted, host_resources
from agent.host.displacement import losers
from agent.host.outcome import FIXED
from agent.host.reconfiguration import Policy
from agent.images.credentials import RegistryCredentials
from agent.tasks.record import TaskRecord
from api.model.ids import RandomIds
from api.model.quantity import InvalidQuantity, bytes_to_mb_down, to_milli
from api.model.resource import Resource
from api.model.resources import Resources
from api.model.values import Scalar
from api.wire.convert import resources_to_wire
from api.wire.fault_domain import fault_domain
from api.wire.v1 import mesos
from cli.agent_settings import AgentSettings
from cli.failures import FAILED, USAGE, CommandFailed
from provider.local_storage.device_rule_file import InvalidRules, read_rules
from provider.own import Planned, planned_start
from store.port import Store, StoreError
from store.sqlite import SqliteStore

log = logging.getLogger(__name__)


JUDGED: Final = frozenset({"hostname", "port", "fault_domain", "attributes", "cpus", "mem", "resources"})
"""Settings that the policy is for: others may have built on them."""


def wanted(settings: AgentSettings) -> Wanted:
    """What its operator says of the host's resources. Raises CommandFailed when an amount is given twice."""
    for name in ("cpus", "mem"):
        if getattr(settings, name) is not None and any(each.name == name for each in settings.resources):
            raise CommandFailed(f"--{name} and --resources both say how much {name}: give one", USAGE)
    return Wanted(cpus=settings.cpus, mem=settings.mem, stated=settings.resources)


def stated(settings: AgentSettings) -> mesos.AgentInfo:
    """What is configured: of resources those that the operator names, for the others are found out."""
    amounts = {
        "cpus": None if settings.cpus is None else to_milli(settings.cpus),
        "mem": None if settings.mem is None else to_milli(bytes_to_mb_down(settings.mem)),
    }
    flags = [Resource(name, Scalar(milli)) for name, milli in amounts.items() if milli is not None]
    return mesos.AgentInfo(
        hostname=settings.hostname or socket.gethostname(),
        port=settings.port,
        resources=resources_to_wire(Resources((*settings.resources, *flags))),
        attributes=list(settings.attributes),
        domain=fault_domain(*settings.fault_domain) if settings.fault_domain else UNSET,
    )


async def accepted(store: Store, settings: AgentSettings) -> None:
    """Nothing, when the agent may start as it is configured; that is remembered then.

    Raises CommandFailed, naming all that is in the way and the way on.
    """
    configured = stated(settings)
    judgement = judged(store, Policy(settings.reconfiguration_policy), configured)
    if judgement.refused:
        raise CommandFailed(f"the agent does not start: {judgement.advice}")
    for difference in judgement.differences:
        log.warning("reconfigured: %s", difference)
    await remember(store, configured)


def consequences(planned: Planned, losers: Iterable[tuple[TaskRecord, Resources]]) -> tuple[str, ...]:
    """What follows from a configuration, for people: what stays all the same, and which tasks end."""
    notes = []
    if planned.kept:
        notes.append(
            f"{planned.kept} is not configured any more and stays: it is reserved or in use. "
            "UNRESERVE it or destroy what is on it; it goes when the agent is configured the next time"
        )
    notes += [
        f"task {record.info.task_id.value} of framework {record.framework_id} finds no room and ends: "
        f"of what it holds {missing} goes"
        for record, missing in losers
    ]
    return tuple(notes)


def _consequences_of_a_start(store: Store, settings: AgentSettings) -> tuple[str, ...]:
    try:
        resources = host_resources(settings.work_dir.absolute(), wanted(settings))
    except InvalidQuantity as error:
        raise CommandFailed(str(error), USAGE) from error
    ids, rng = RandomIds(), random.Random()
    planned = planned_start(store, schema.own_resources, ids, rng, tuple(resources))
    tasks, executors = store.read(load_tasks), store.read(load_executors)
    return consequences(planned, losers(planned.totals, tasks, executors))


def _files(settings: AgentSettings) -> tuple[str, ...]:
    """What is wrong with files that settings name, and with which an agent starts all the same.

    Raises CommandFailed for those with which it does not.
    """
    if settings.devices is not None:
        try:
            read_rules(settings.devices)
        except InvalidRules as error:
            raise CommandFailed(f"--devices: {error}", USAGE) from error
    if settings.registry_credentials is None:
        return ()
    problem = RegistryCredentials(settings.registry_credentials).problem()
    return () if problem is None else (f"credentials for registries: {problem}",)


def check(settings: AgentSettings) -> int:
    """Print what a start would say and do; the exit status is 1 when it would be refused. Changes nothing.

    Raises CommandFailed where the start would.
    """
    database = settings.work_dir.absolute() / "agent.db"
    wanted(settings)
    of_files = _files(settings)
    if not database.exists():
        for note in of_files:
            print(f"note: {note}")
        print(f"{settings.work_dir} holds no agent: this would be its first start")
        return 0
    try:
        store = SqliteStore.open(database, schema.metadata, schema.SCHEMA_VERSION)
    except StoreError as error:
        raise CommandFailed(str(error)) from error
    judgement = judged(store, Policy(settings.reconfiguration_policy), stated(settings))
    refused = set(judgement.refused)
    notes = () if refused else _consequences_of_a_start(store, settings)
    asyncio.run(store.close())
    for difference in judgement.differences:
        print(f"{'refused' if difference in refused else 'allowed'}: {difference}")
    for note in (*notes, *of_files):
        print(f"note: {note}")
    print(judgement.advice if refused else "the agent can start like this")
    if judgement.differences and not refused and not {each.what for each in judgement.differences} & FIXED:
        print("one that runs takes this on without a restart: orlop agents reconfigure")
    return FAILED if refused else 0
