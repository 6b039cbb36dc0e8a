"""One call to a plugin: begun in its place, which it gives back as soon as the plugin has answered."""

from __future__ import annotations

import asyncio

import pytest

from api.model.clock import SystemClock
from provider.calls import DeleteVolume, PluginError
from provider.plugins.call import Call
from provider.plugins.slots import CallSlots


class Client:
    """A plugin that is told when it answers: `made` are the volumes whose calls it got, in order."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.refuses: dict[str, Exception] = {}
        self.answers: dict[str, asyncio.Future[None]] = {}
        self.answered: dict[str, object] = {}

    def call(self, request, answered):
        if request.volume_id in self.refuses:
            raise self.refuses[request.volume_id]
        self.made.append(request.volume_id)
        self.answered[request.volume_id] = answered
        self.answers[request.volume_id] = asyncio.get_running_loop().create_future()
        return self.answers[request.volume_id]


class Story:
    def __init__(self) -> None:
        self.client = Client()
        self.slots = CallSlots(1, SystemClock())
        self.gate = asyncio.Event()
        self.gate.set()

    def call(self, volume_id: str) -> Call[None]:
        return Call(DeleteVolume(volume_id), self.client, self.slots, SystemClock(), self.gate)

    async def made(self, volume_id: str) -> Call[None]:
        call = self.call(volume_id)
        await call.made()
        return call

    async def waits(self, volume_id: str) -> asyncio.Task[Call[None]]:
        task = asyncio.create_task(self.made(volume_id))
        await asyncio.sleep(0)
        return task


@pytest.fixture
def story():
    return Story()


async def test_the_next_call_is_with_the_plugin_before_the_answer_is_with_who_waits_for_it(story):
    first = await story.made("a")
    second = await story.waits("b")
    story.client.answered["a"]()
    assert story.client.made == ["a", "b"], "in the same moment"
    story.client.answers["a"].set_result(None)
    await first.answer()
    first.ended("OK")
    assert story.slots.in_flight == 1, "its place was given back once"
    (await second).ended("OK")
    assert story.slots.in_flight == 0


async def test_a_call_that_is_cancelled_when_it_was_just_made_gives_its_place_back(story):
    first = await story.made("a")
    call = story.call("b")

    async def work():
        try:
            await call.made()
        except asyncio.CancelledError:
            call.give_up()
            raise

    waits = asyncio.create_task(work())
    await asyncio.sleep(0)
    first.ended("OK")
    waits.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    assert story.client.made == ["a", "b"]
    assert story.slots.in_flight == 0


async def test_a_call_that_cannot_be_made_fails_for_who_asked_for_it_and_for_nobody_else(story):
    story.client.refuses["b"] = PluginError("FAILED_PRECONDITION", "no container serves it")
    first = await story.made("a")
    second, third = await story.waits("b"), await story.waits("c")
    first.ended("OK")
    with pytest.raises(PluginError, match="no container serves it"):
        await (await second).answer()
    await third
    assert story.client.made == ["a", "c"] and story.slots.in_flight == 1


async def test_calls_wait_for_a_plugin_that_went_down_while_they_waited_for_their_turn(story):
    first = await story.made("a")
    second = await story.waits("b")
    story.gate.clear()
    first.ended("UNAVAILABLE")
    await asyncio.sleep(0)
    assert story.client.made == ["a"] and story.slots.in_flight == 0
    story.gate.set()
    await asyncio.wait_for(second, 5)
    assert story.client.made == ["a", "b"]
