"""A library for schedulers and operators: typed, asynchronous, over the public HTTP APIs.

Nothing here is privileged: whatever it does can be done with curl. It knows no daemon's code.
"""

from client.agent import AgentClient
from client.errors import ClientError, Refused, Unreachable
from client.operator import OperatorClient
from client.scheduler import SchedulerClient

__all__ = ["AgentClient", "ClientError", "OperatorClient", "Refused", "SchedulerClient", "Unreachable"]
