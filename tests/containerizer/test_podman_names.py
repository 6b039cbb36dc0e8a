"""A container's name is given again while somebody still looks at the one that had it before."""

from __future__ import annotations

import asyncio

import pytest

from agent.containerizer.libpod import Inspected
from agent.containerizer.podman_calls import PodmanCalls
from tests.containerizer.conftest import Host

pytestmark = [
    pytest.mark.needs("root", "podman"),
    pytest.mark.parametrize("host", ["podman"], indirect=True),
]


@pytest.mark.parametrize("again", [False, True], ids=["removed", "made anew"])
async def test_end_of_a_removed_container_is_not_told_of_the_next_one(
    host: Host, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    """`list` has seen a container that ended; before it goes on that one is removed, or removed and anew."""
    containers = host.containerizer
    seen, go_on = asyncio.Event(), asyncio.Event()
    everything = PodmanCalls.all

    async def late(calls: PodmanCalls) -> tuple[Inspected, ...]:
        found = await everything(calls)
        seen.set()
        await go_on.wait()
        return found

    await containers.launch(host.spec("name", "exit 3"))
    assert (await containers.wait("name")).status == 3
    with monkeypatch.context() as patch:
        patch.setattr(PodmanCalls, "all", late)
        listing = asyncio.create_task(containers.list())
        await asyncio.wait_for(seen.wait(), 20)
    await containers.remove("name")
    if again:
        await containers.launch(host.spec("name", "sleep 100"))
    go_on.set()
    assert [(each.id, each.running) for each in await listing] == ([("name", True)] if again else [])
    assert len(await containers.list()) == int(again)
    await containers.launch(host.spec("name", "sleep 100"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(containers.wait("name"), 0.5)
    await containers.kill("name", grace_period=0)
    assert (await containers.wait("name")).signal in (9, 15)
