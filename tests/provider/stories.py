"""What stories of the machine begin with: a world that is up, disks and volumes in it."""

from __future__ import annotations

from api.model.operation import OperationState
from provider.calls import (
    PluginError,
)
from provider.events import (
    ApplyOperation,
)
from tests.provider.model_plugin import ModelPlugin
from tests.provider.resources import (
    MB,
    create,
    create_disk,
    op,
    persistent,
    reserve,
    reserved,
)
from tests.provider.world import DEFAULT, World

FINISHED, FAILED, DROPPED = OperationState.FINISHED, OperationState.FAILED, OperationState.DROPPED


def world(capacity=1024, profiles=(DEFAULT,), **plugin) -> World:
    made = World(ModelPlugin(capacity * MB, **plugin), profiles)
    made.start()
    made.run()
    return made


def refusing(kind, code, message):
    """The plugin answers every request of `kind` with this error, and does nothing."""
    return lambda request: PluginError(code, message) if isinstance(request, kind) else None


def end_of(made: World, event: ApplyOperation) -> OperationState:
    made.apply(event)
    return made.last(event.uuid).state


def disk_of(made: World, mb=64, number=1):
    assert end_of(made, create_disk(number, mb)) is FINISHED
    return made.last(op(number)).converted[0]


def volume_of(made: World, name="data", number=1):
    """A reserved, persistent volume; uses operations number to number + 2."""
    disk = reserved(disk_of(made, number=number))
    assert end_of(made, reserve(number + 1, disk)) is FINISHED
    assert end_of(made, create(number + 2, persistent(disk, name))) is FINISHED
    return persistent(disk, name)
