"""What is left on a host of former lives: seen, kept until it is settled, told with what to do."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent import schema
from agent.containerizer.shim.cgroups import Hierarchies
from agent.host import findings, remains
from agent.host.history import HostHistory, Life
from agent.host.mount_table import Mount
from agent.host.remains import Places, Remains
from agent.sandboxes.root_volumes import RootVolumes
from store.sqlite import SqliteStore


@dataclass
class Host:
    """A host that is a folder: loop devices, mounts and control groups as the kernel would show them."""

    root: Path
    mounts: list[Mount] = field(default_factory=list)
    boot_id: str = "boot-1"
    tasks: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    providers: set[str] = field(default_factory=set)
    adopted: set[str] = field(default_factory=set)
    known: set[tuple[str, str]] = field(default_factory=set)
    told: int = 0

    def loop(self, number: int, file: str, *points: str) -> None:
        at = self.root / "block" / f"loop{number}"
        (at / "loop").mkdir(parents=True)
        (at / "loop" / "backing_file").write_text(f"{file}\n")
        (at / "dev").write_text(f"7:{number}\n")
        self.mounts += [Mount(point, (7, number)) for point in points]

    def detach(self, number: int) -> None:
        (self.root / "block" / f"loop{number}" / "loop" / "backing_file").unlink()

    def group(self, name: str, *pids: int) -> None:
        at = self.root / "cgroup" / "orlop-me" / name
        at.mkdir(parents=True, exist_ok=True)
        (at / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))

    def history(self, store: SqliteStore) -> HostHistory:
        places = Places("/pool", "/work/mounts", self.root / "volumes" / "roles", "orlop-me")
        seen = Remains(
            places,
            lambda role, name: (role, name) in self.known,
            lambda: Hierarchies(2, {"all": str(self.root / "cgroup")}),
            self.root / "block",
        )
        life = Life(self.boot_id, self.tasks, (), (), self.orphans, self.providers)
        return HostHistory(store, seen, lambda: life, lambda: self.adopted, self._changed, self._failed)

    def _changed(self) -> None:
        self.told += 1

    def _failed(self, error: BaseException) -> None:
        raise AssertionError(error)


@pytest.fixture
async def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Host, SqliteStore]]:
    host = Host(tmp_path)
    monkeypatch.setattr(remains, "mounts", lambda: host.mounts)
    names = tmp_path / "cgroup" / "orlop-me"
    monkeypatch.setattr(
        remains, "names_below", lambda _: {each.name for each in names.iterdir()} if names.is_dir() else set()
    )
    store = SqliteStore.open(tmp_path / "agent.db", schema.metadata, schema.SCHEMA_VERSION)
    yield host, store
    await store.close()


async def life(host: Host, store: SqliteStore) -> list[tuple[str, str, str]]:
    """What is told in a life from its start to its end."""
    history = host.history(store)
    await history.start()
    await history.stop()
    return [(each.kind, each.what, each.advice) for each in history.told]


POINT = "/work/mounts/local-disk/v1/staging"


async def test_a_first_start_on_a_host_that_is_free_of_former_lives_tells_nothing(
    host: tuple[Host, SqliteStore],
) -> None:
    there, store = host
    there.loop(1, "/elsewhere/x.image", "/elsewhere/mnt")
    there.mounts.append(Mount("/work/mounts/local-disk", (8, 1)))
    assert await life(*host) == [] and await life(there, store) == []


async def test_what_a_former_agent_left_is_told_at_every_start_until_it_is_settled(
    host: tuple[Host, SqliteStore],
) -> None:
    there, store = host
    there.loop(1, "/pool/volumes/v1.image", POINT)
    there.mounts.append(Mount("/work/mounts/other/v9/target", (8, 2)))
    there.group("task-1", 12, 13)
    there.orphans = ["c1", "c2"]
    first = {kind: (what, advice) for kind, what, advice in await life(there, store)}
    assert first.keys() == {"CONTAINER", "LOOP_DEVICE", "MOUNT", "PROCESSES"}
    assert "c1, c2" in first["CONTAINER"][0]
    assert "volume adopt v1" in first["LOOP_DEVICE"][1]
    assert f"umount {POINT}; losetup -d /dev/loop1" in first["LOOP_DEVICE"][1]
    assert "kill 12 13" in first["PROCESSES"][1]
    there.orphans = []
    there.group("task-1", 13, 99)  # 99 is of a container that came later
    second = {kind: what for kind, what, _ in await life(there, store)}
    assert second.keys() == {"LOOP_DEVICE", "MOUNT", "PROCESSES"}
    assert second["PROCESSES"].endswith(": 13")
    there.group("task-1", 99)
    there.mounts.clear()
    there.adopted.add("v1")
    assert await life(there, store) == []


async def test_of_a_file_under_two_devices_one_is_told_after_the_other(
    host: tuple[Host, SqliteStore],
) -> None:
    there, store = host
    there.loop(1, "/pool/volumes/v1.image", POINT)
    there.loop(2, "/pool/volumes/v1.image", "/mnt")
    ((_, first, _),) = await life(there, store)
    there.detach(1)
    ((_, second, _),) = await life(there, store)
    assert "/dev/loop1" in first and "/dev/loop2" in second


async def test_what_is_settled_while_the_agent_runs_is_told_once_and_forgotten(
    host: tuple[Host, SqliteStore],
) -> None:
    there, store = host
    there.loop(1, "/pool/volumes/v1.image", POINT)
    history = there.history(store)
    await history.start()
    await history.look()
    assert there.told == 0 and len(history.told) == 1
    there.detach(1)
    await history.look()
    await history.look()
    assert there.told == 1 and history.told == []
    await history.stop()
    there.loop(2, "/pool/volumes/v2.image")
    assert await life(there, store) == [], "what this agent made itself is no finding"


async def test_a_provider_that_still_knows_its_volumes_looks_after_their_mounts_itself(
    host: tuple[Host, SqliteStore],
) -> None:
    there, store = host
    there.loop(1, "/pool/volumes/v1.image", POINT)
    there.mounts.append(Mount("/work/mounts/nfs/v2/target", (8, 2)))
    there.providers = {"local-disk", "nfs"}
    assert await life(there, store) == []


async def test_of_a_device_whose_file_is_deleted_it_is_said_that_the_data_are_about_to_go(
    host: tuple[Host, SqliteStore],
) -> None:
    there, store = host
    there.loop(3, f"/pool/volumes/v3.image{findings.DELETED}", POINT)
    ((_, what, advice),) = await life(there, store)
    assert "/dev/loop3" in what and "Copy what you want" in advice and "adopt" not in advice


async def test_after_a_reboot_it_is_told_what_ended_until_the_next_start(
    host: tuple[Host, SqliteStore],
) -> None:
    there, store = host
    assert await life(there, store) == []
    there.boot_id, there.tasks = "boot-2", [f"task-{number}" for number in range(7)]
    ((kind, what, _),) = await life(there, store)
    assert kind == "REBOOT" and "task-0" in what and "and 2 more" in what
    there.tasks = []
    assert await life(there, store) == []


async def test_data_of_a_volume_that_nobody_knows_are_named_and_never_given_to_a_new_one(
    host: tuple[Host, SqliteStore], tmp_path: Path
) -> None:
    there, store = host
    volumes = RootVolumes(tmp_path)
    place = Path(volumes.make("eng/dev", "data"))
    (place / "x").write_text("somebody's")
    history = there.history(store)
    await history.start()
    await history.look()
    (told,) = history.told
    assert told.kind == "VOLUME" and "'eng/dev'" in told.what and f"mv {place}" in told.advice
    with pytest.raises(OSError, match="not known any more"):
        volumes.make("eng/dev", "data")
    place.rename(tmp_path / "aside")  # noqa: ASYNC240
    await history.look()
    assert history.told == []
    assert volumes.make("eng/dev", "data") == volumes.make("eng/dev", "data"), "after a crash it is repeated"
    there.known.add(("eng/dev", "data"))
    (place / "y").write_text("its user's")
    await history.look()
    assert history.told == []
    await history.stop()


async def test_what_is_told_to_be_typed_means_that_one_directory_whatever_its_name(
    host: tuple[Host, SqliteStore], tmp_path: Path
) -> None:
    there, store = host
    place = Path(RootVolumes(tmp_path).make("eng", "data *"))
    (place / "x").write_text("somebody's")
    there.loop(1, "/pool/volumes/v1.image", "/work/mounts/a b/staging")
    history = there.history(store)
    await history.start()
    await history.look()
    loop, volume = history.told
    await history.stop()
    assert shlex.split(volume.advice.partition("mv ")[2]) == [str(place), "ELSEWHERE"]
    assert "umount '/work/mounts/a b/staging'; losetup" in loop.advice
