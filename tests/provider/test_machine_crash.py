"""Stop after every instruction, come back from the checkpoint, expect the same end and nothing leaked."""

from __future__ import annotations

import pytest

from api.model.operation import OperationState
from provider.calls import CreateVolume
from provider.events import Publish, Unpublish
from provider.volume import Capabilities
from tests.provider.model_plugin import ALL, ModelPlugin
from tests.provider.resources import (
    MB,
    create,
    create_disk,
    destroy,
    destroy_disk,
    op,
    persistent,
    reserve,
    reserved,
    unreserve,
)
from tests.provider.world import Stopped, World, unknown_outcome

BARE = Capabilities(get_capacity=True, list_volumes=True)
USER = "container-1"


def tell_the_story(world: World, stop_after: int | None) -> int:
    """A volume's whole life, resumed after the stop wherever it was. Returns the instructions carried out."""
    world.stop_after = stop_after
    steps = iter(story(world))
    pending = None
    guard = 0
    while True:
        guard += 1
        assert guard < 100
        try:
            if world.starts == 0 or pending == "restart":
                pending = None
                world.start()
                world.run()
            for step in steps:
                step()
            return world.done
        except Stopped:
            world.stop_after = None
            pending = "restart"
            # The owner repeats what it was not told the end of, as the orchestrator does.
            steps = iter(story(world))


def story(world: World):
    def once(number, event):
        """Send it unless its end was told already (then the owner never sends it again)."""

        def send():
            if not any(r.state.is_terminal for r in world.told.get(op(number), ())):
                world.apply(event())
            assert world.last(op(number)).state is OperationState.FINISHED, world.last(op(number)).message

        return send

    def disk():
        return world.last(op(1)).converted[0]

    def volume():
        return persistent(reserved(disk()), "data")

    def use():
        if op(5) in world.told:
            return
        world.apply(Publish(op(100), (volume(),), USER))
        assert world.answers[op(100)].message is None
        (there,) = world.plugin.volumes.values()
        assert there.published == world.answers[op(100)].published[0].path
        there.data.append("x")

    def leave():
        if op(5) in world.told:
            return
        world.apply(Unpublish(USER))
        (there,) = world.plugin.volumes.values()
        assert not there.published and not there.staged and not there.attached
        assert there.data == ["x"] * len(there.data) and there.data

    yield once(1, lambda: create_disk(1, 64))
    yield once(2, lambda: reserve(2, reserved(disk())))
    yield once(3, lambda: create(3, volume()))
    yield use
    yield leave
    yield once(5, lambda: destroy(5, volume()))
    yield lambda: [_no_data(v) for v in world.plugin.volumes.values()]
    yield once(6, lambda: unreserve(6, reserved(disk())))
    yield once(7, lambda: destroy_disk(7, disk()))


def _no_data(volume):
    assert not volume.data, "DESTROY left data behind"


def check_the_end(world: World) -> None:
    world.refresh()
    assert not world.plugin.volumes, "the plugin holds a volume that nobody knows"
    assert not world.machine.driver.volumes
    assert not world.machine.operations.records, "an operation was never acknowledged"
    assert not world.machine.driver.holders
    assert world.totals == ["disk[RAW(default)]:1024"]
    for number in (1, 2, 3, 5, 6, 7):
        states = {r.state for r in world.told[op(number)]}
        assert states == {OperationState.FINISHED}, f"operation {number} was told {states}"
    assert not world.disk.checkpoint.volumes and not world.disk.checkpoint.operations


def lossy(every: int):
    """Loses each `every`-th answer, after the call was done."""
    count = 0

    def lose(request):
        nonlocal count
        count += 1
        return unknown_outcome() if count % every == 0 else None

    return lose


VARIANTS = {
    "all capabilities": (ALL, 0),
    "only create and publish": (BARE, 0),
    "every third answer lost": (ALL, 3),
}


def build(variant: str) -> World:
    capabilities, every = VARIANTS[variant]
    plugin = ModelPlugin(1024 * MB, capabilities)
    if every:
        plugin.lose = lossy(every)
    return World(plugin)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_volumes_life_ends_the_same_wherever_the_provider_is_stopped(variant):
    whole = build(variant)
    length = tell_the_story(whole, None)
    check_the_end(whole)
    assert length > 40
    for stop_after in range(1, length + 1):
        world = build(variant)
        tell_the_story(world, stop_after)
        assert world.starts == 2
        check_the_end(world)


def test_a_creation_that_was_sent_is_repeated_under_the_same_name_after_a_stop():
    world = World(ModelPlugin(1024 * MB))
    world.start()
    world.run()
    world.plugin.lose = lambda r: unknown_outcome() if isinstance(r, CreateVolume) else None
    world.feed(create_disk(1, 64))
    world.run(seconds=1)
    assert len(world.plugin.volumes) == 1 and op(1) not in world.told
    world.start()
    world.plugin.lose = lambda r: None
    world.run()
    assert world.last(op(1)).state is OperationState.FINISHED
    assert {r.name for r in world.plugin.requests if isinstance(r, CreateVolume)} == {str(op(1))}
    assert len(world.plugin.volumes) == 1
