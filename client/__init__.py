"""A library for schedulers and operators: typed, asynchronous, over the public HTTP APIs.

Nothing here is privileged: whatever it does can be done with curl. It knows no daemon's code.
"""

from client.agent import AgentClient
from client.errors import ClientError, FrameworkEnded, Refused, Unreachable
from client.framework import Framework, OperationFailed
from client.operator import OperatorClient
from client.scheduler import SchedulerClient

__all__ = [
    "AgentClient",
    "ClientError",
    "Framework",
    "FrameworkEnded",
    "OperationFailed",
    "OperatorClient",
    "Refused",
    "SchedulerClient",
    "Unreachable",
]
