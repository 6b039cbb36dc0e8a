"""What is shown of a command: everything but the values of its secrets.

Pure. Whoever shows executors, tasks or checks to operators passes them through here first.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, structs

from api.wire.v1 import mesos

Commanded = TypeVar("Commanded", mesos.ExecutorInfo, mesos.HealthCheck)


def without_secrets(info: Commanded) -> Commanded:
    """An executor or a health check, without the values of secrets of its command."""
    command = info.command
    if not isinstance(command, mesos.CommandInfo) or not isinstance(command.environment, mesos.Environment):
        return info
    variables = [
        structs.replace(each, secret=structs.replace(each.secret, value=UNSET)) if each.secret else each
        for each in command.environment.variables
    ]
    shown = structs.replace(command, environment=mesos.Environment(variables=variables))
    return structs.replace(info, command=shown)
