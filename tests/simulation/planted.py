"""Bugs to plant: each breaks one rule of the house, and the simulation must notice.

Each function takes a monkeypatch and leaves the product with one bug.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from msgspec import structs

from agent.daemon import Agent
from agent.executors.executors import Executors as AgentExecutors
from agent.link import Link
from agent.tasks.tasks import Tasks as AgentTasks
from agent.tasks.watch import TaskWatch
from api.wire.v1 import link
from orchestrator.drain_waits import DrainWaits
from orchestrator.journal import Journal, Transaction
from orchestrator.lease import Lease
from orchestrator.ledger import Ledger
from orchestrator.tasks import Tasks
from orchestrator.term import Term
from provider.attempts import Turn
from provider.disks import Disks
from provider.executor import Executor
from provider.operations import Operations
from provider.records import ForgetOperation
from provider.remembered import Remembered

Plant = Callable[[pytest.MonkeyPatch], None]


def an_answer_before_it_is_durable(patch: pytest.MonkeyPatch) -> None:
    """Rule 7: accepted means durable."""

    async def commit(self: Journal, transaction: Transaction) -> None:
        transaction.carry_out()
        self.commit_soon(_without_actions(transaction))

    patch.setattr(Journal, "commit", commit)


def _without_actions(transaction: Transaction) -> Transaction:
    bare = Transaction()
    bare.changes = transaction.changes
    return bare


def a_provider_that_forgets_what_it_has_told(patch: pytest.MonkeyPatch) -> None:
    """Rule 8: an ended operation is remembered until it is acknowledged."""
    send_due = Operations.send_due

    def send_and_forget(self: Operations, turn: Turn) -> None:
        send_due(self, turn)
        for uuid, record in list(self.records.items()):
            if record.state.is_terminal:
                assert record.status_uuid is not None
                self.streams.acknowledge(uuid, record.status_uuid, turn.at.monotonic)
                del self.records[uuid]
                turn.persist(ForgetOperation(uuid))

    patch.setattr(Operations, "send_due", send_and_forget)


def a_launch_that_is_sent_again(patch: pytest.MonkeyPatch) -> None:
    """Rule 7: a launch is never sent twice. (The agent's own guard is taken away as well.)"""
    registered = Tasks.agent_registered

    def resend(self: Tasks, transaction: Transaction, agent: Any, reported: Any, more: Any = ()) -> None:
        owed = [
            record
            for record in self._ledger.launches.values()
            if record.agent_id == agent.agent_id and not record.info.executor
        ]
        registered(self, transaction, agent, reported, more)
        for record in owed:
            framework = self._state.frameworks[record.framework_id]
            self._ledger.launches[record.framework_id, record.task_id] = record
            transaction.afterwards(
                lambda f=framework, r=record: self._send_run(f, [r], None, False)  # type: ignore[misc]
            )

    run = AgentTasks.run

    def run_again(self: AgentTasks, message: Any) -> None:
        self._runs.pop((message.framework_info.id.value, message.task_info.task_id.value), None)
        run(self, message)

    patch.setattr(Tasks, "agent_registered", resend)
    patch.setattr(AgentTasks, "run", run_again)


def volumes_given_back_under_a_running_task(patch: pytest.MonkeyPatch) -> None:
    """What a task uses stays published until its container has ended."""
    kill = TaskWatch._kill

    async def too_early(self: TaskWatch) -> None:
        await self._parts.publisher.unpublish(self._record)
        await asyncio.sleep(1.0)
        await kill(self)

    patch.setattr(TaskWatch, "_kill", too_early)


def a_call_before_its_intent_is_durable(patch: pytest.MonkeyPatch) -> None:
    """Rule 4, at the provider."""
    submit = Executor._submit

    def hasty(self: Executor, instructions: list[Any]) -> None:
        for instruction in instructions[1:]:
            submit(self, [instruction])
        submit(self, instructions[:1])

    patch.setattr(Executor, "_submit", hasty)


def a_refused_repeat_taken_for_an_outcome(patch: pytest.MonkeyPatch) -> None:
    """Rule 5: a refusal of a repeat does not prove that the first attempt did nothing."""
    not_created = Disks._not_created

    def definite(self: Disks, turn: Turn, creation: Any, attempt: Any, failure: Any) -> None:
        creation.repeated = False
        not_created(self, turn, creation, attempt, failure)

    patch.setattr(Disks, "_not_created", definite)


def an_operation_accepted_again_when_it_is_repeated(patch: pytest.MonkeyPatch) -> None:
    """Rule 7: repeats are recognised by their id."""
    patch.setattr(Ledger, "find", lambda self, framework_id, operation_id: None)


def an_executor_that_is_charged_after_its_end(patch: pytest.MonkeyPatch) -> None:
    """What an executor held is free once it has exited, also when nobody could say so at the time."""
    patch.setattr(AgentExecutors, "owe", lambda self: None)


def a_drain_that_is_over_at_once(patch: pytest.MonkeyPatch) -> None:
    """An agent is DRAINED when nothing is left on it, as it says itself."""
    patch.setattr(DrainWaits, "lines", lambda self, agent, report: ())


def a_write_without_its_epoch(patch: pytest.MonkeyPatch) -> None:
    """Rule 9, at the database: who was deposed and does not know it yet writes all the same."""
    patch.setattr("orchestrator.daemon.fence", lambda epoch: lambda connection: None)


def an_agent_that_obeys_whoever_speaks(patch: pytest.MonkeyPatch) -> None:
    """Rule 9, at the agent: it neither tells which epoch it has seen, nor looks at that of a message."""
    registration = Agent.registration

    def forgetful(self: Agent) -> link.AgentMessageRegister:
        return structs.replace(registration(self), highest_epoch=0)

    patch.setattr(Agent, "registration", forgetful)
    patch.setattr(Link, "_check_epoch", lambda self, message: None)
    # Else a leader that was deposed has nothing to say any more: its clock has to stand still as well.
    patch.setattr(Term, "seconds_left", property(lambda self: float("inf")))
    patch.setattr(Lease, "renew", _never_fails)


async def _never_fails(self: Lease, epoch: int) -> None:
    pass


def a_leader_that_does_not_step_down(patch: pytest.MonkeyPatch) -> None:
    """Rule 9: a leader stops itself before its lease can be taken, and takes nothing in after it lost it."""
    patch.setattr(Term, "seconds_left", property(lambda self: float("inf")))
    patch.setattr(Lease, "renew", _never_fails)
    patch.setattr("orchestrator.daemon.fence", lambda epoch: lambda connection: None)


def a_new_leader_that_reads_nothing(patch: pytest.MonkeyPatch) -> None:
    """What was accepted is the next leader's, too."""
    patch.setattr(Ledger, "load", lambda self, found: iter(()))


def a_provider_that_forgets_what_was_acknowledged(patch: pytest.MonkeyPatch) -> None:
    """A registry that is restored from a backup asks what became of what it has without an end."""
    patch.setattr(Remembered, "revive", lambda self, uuid: None)


PLANTS: Mapping[str, Plant] = MappingProxyType(
    {
        plant.__name__: plant
        for plant in (
            an_answer_before_it_is_durable,
            a_provider_that_forgets_what_it_has_told,
            a_launch_that_is_sent_again,
            volumes_given_back_under_a_running_task,
            a_call_before_its_intent_is_durable,
            a_refused_repeat_taken_for_an_outcome,
            an_operation_accepted_again_when_it_is_repeated,
            an_executor_that_is_charged_after_its_end,
            a_drain_that_is_over_at_once,
            a_write_without_its_epoch,
            an_agent_that_obeys_whoever_speaks,
            a_leader_that_does_not_step_down,
            a_new_leader_that_reads_nothing,
            a_provider_that_forgets_what_was_acknowledged,
        )
    }
)
