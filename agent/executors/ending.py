"""Why an executor ends, decided from what is known of it. Pure: nothing is ended here, and no time passes."""

from __future__ import annotations

from agent.containerizer.interface import Exit
from agent.executors.record import End, ExecutorRecord
from agent.executors.spec import ExecutorLimits
from agent.executors.state import ExecutorPhase
from agent.tasks.status import Reason, describe_exit


def patience(
    phase: ExecutorPhase, limits: ExecutorLimits, since: float, lost_at: float | None
) -> tuple[float | None, End]:
    """Until when an executor that is waited for has to subscribe, and how it ends when it has not.

    `since`: when it took its phase; `lost_at`: when its subscription was lost, None while it has one. Times
    are of one clock; None: it is not waited for.
    """
    if phase is ExecutorPhase.REGISTERING:
        due, seconds = since + limits.registration_timeout, limits.registration_timeout
        reason, what = Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT, "did not subscribe"
    else:
        seconds = limits.reregistration_timeout
        due = max(since, lost_at or since) + seconds
        reason, what = Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT, "did not subscribe again"
    end = End(0.0, f"the executor {what} within {seconds:g} s", reason)
    waits = phase is ExecutorPhase.REGISTERING or lost_at is not None
    return due if waits else None, end


def end_of(record: ExecutorRecord, ended: Exit | None) -> End:
    """What its tasks are told of an executor whose container has ended, or is gone (None): somebody's wish
    for it, where there was one."""
    if record.end is not None:
        return End(0.0, record.end.message, record.end.reason)
    if ended is None:
        how = "its container is gone and nobody saw how it ended (was the host restarted?)"
    else:
        how = describe_exit(ended).replace("the command", "it", 1)
    out_of_memory = ended is not None and ended.oom
    reason = Reason.REASON_CONTAINER_LIMITATION_MEMORY if out_of_memory else Reason.REASON_EXECUTOR_TERMINATED
    return End(0.0, f"the executor ended: {how}", reason)
