"""Disks of a host that come and go while tasks run: real loop devices, attached, detached, attached under
other names, dying, with agents that are killed meanwhile.
"""

from __future__ import annotations

import os
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import CONTAINERIZERS, running
from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import Daemon, until
from provider.local_storage.device_contents import probe
from provider.local_storage.devices import attached_devices
from tests.devices.loops import MIB, Loops, run

DISK = 192 * MIB
SECONDS = 60.0
"""For a disk to come up or to go: a machine that does other things besides is slow with plugins."""

KILLS = int(os.environ.get("ORLOP_HOST_KILLS", "2"))
"""How often the agent is killed while its disks come and go; a soak gives more."""

RULES = """
[[device]]
name = "raw"
use = "disk"
kind = "loop"
paths = ["{folder}/bay/whole-*.img"]

[[device]]
name = "bay"
kind = "loop"
paths = ["{folder}/bay/*.img"]
"""


class Host(DaemonCluster):
    """A cluster whose one agent has nothing but the disks in a test's own bay."""

    def __init__(self, containerizer: str) -> None:
        super().__init__(containerizer, "--no-local-disk")
        self.bay = self.work_dir / "bay"
        self.bay.mkdir()
        rules = self.work_dir / "rules.toml"
        rules.write_text(RULES.format(folder=self.work_dir))
        self.agent_arguments += ["--devices", str(rules)]
        self.agent = Daemon("agent", self.agent_arguments, self.work_dir)
        self.loops = Loops(self.bay)
        self.first = ""

    def start(self) -> None:
        self.first = self.loops.attach(self.loops.file("first.img", DISK))
        super().start()

    def close(self, keep_logs: Path | None) -> None:
        super().close(keep_logs)
        self.loops.close()

    def devices(self) -> dict[str, dict[str, Any]]:
        """What the agent says of each device, by path; of one that is not attached, where it was.
        Nothing while the agent is away."""
        try:
            answer = http.post(self.agent_address, {"type": "GET_DEVICES"})
        except OSError:
            return {}
        found = answer.json["get_devices"]["devices"] if answer.status == 200 else []
        return {each["path"]: each for each in found}

    def is_in(self, path: str, state: str) -> bool:
        return self.devices().get(path, {}).get("state") == state

    def comes_up(self, path: str) -> str:
        """The name of the provider that serves the disk, once it does."""
        until(lambda: self.is_in(path, "USED"), SECONDS, f"{path} is used")
        name = str(self.devices()[path]["provider"])
        until(lambda: self.offered(name), SECONDS, f"{path} is on offer")
        return name

    def offered(self, provider: str) -> str:
        """What of the provider the orchestrator has; empty when nothing."""
        found = self.post({"type": "GET_RESOURCE_PROVIDERS"}).get("get_resource_providers", {})
        for each in found.get("resource_providers", []):
            if each["resource_provider_info"]["name"] == provider and each.get("total_resources"):
                return str(each["resource_provider_info"]["id"]["value"])
        return ""

    def elsewhere(self, file: Path) -> str:
        """The file attached under a name that it did not have: the next free one is taken first."""
        placeholder = self.loops.attach(self.loops.file("placeholder", MIB))
        path = self.loops.attach(file)
        self.loops.detach(placeholder)
        return path

    def message_of(self, name: str) -> str:
        """What the task of that name ended with."""
        (task,) = (each for each in self.tasks() if each["name"] == name)
        return " ".join(each.get("message", "") for each in task["statuses"])


@pytest.fixture(scope="module", params=CONTAINERIZERS)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    cluster = Host(request.param)
    with running(cluster, request.config):
        yield cluster


ONE_KIND = pytest.mark.parametrize("host", CONTAINERIZERS[1:], indirect=True)
"""What a disk does by itself is the same whatever runs its plugin."""


def test_a_disk_is_pulled_out_under_a_task_and_comes_back_under_another_name(host: Host) -> None:
    began = time.monotonic()
    file = host.loops.file("data.img", DISK)
    path = host.loops.attach(file)
    provider = host.comes_up(path)
    print(f"on offer after {time.monotonic() - began:.1f} s")
    provider_id, first = host.offered(provider), host.offered(str(host.devices()[host.first]["provider"]))
    volume = _volume_on(host, provider_id, "kept")
    host.done("task", "run", "--volume", f"{volume}:data", "--", "sh", "-c", "echo precious > data/f; sync")
    with host.task("--name", "user", "--volume", f"{volume}:data", "--", "sleep", "600") as task:
        host.running_task("user")
        host.loops.detach(path)  # it goes when nobody has it any more
        assert task.wait(SECONDS) != 0
    assert path in host.message_of("user") and "kept" in host.message_of("user")
    until(lambda: not host.offered(provider), SECONDS, "its capacity is gone")
    assert host.offered(str(host.devices()[host.first]["provider"])) == first, "the other disk has stayed"
    until(lambda: str(file) not in run("losetup", "--list"), SECONDS, "the kernel lets the disk go")
    (shown,) = (each for each in _volumes(host) if each["name"] == "kept")
    assert "attached" in shown["message"] or "detached" in shown["message"], shown
    again = host.elsewhere(file)
    assert host.comes_up(again) == provider
    assert host.offered(provider) == provider_id
    assert host.done("task", "run", "--volume", f"{volume}:data", "--", "cat", "data/f") == "precious\n"
    host.done("volume", "destroy", "kept")
    _leave(host, again, file)


@ONE_KIND
def test_a_disk_dies_under_a_task_and_a_copy_of_it_takes_its_place(host: Host) -> None:
    file = host.loops.file("dying.img", DISK)
    path = host.loops.attach(file)
    provider = host.comes_up(path)
    volume = _volume_on(host, host.offered(provider), "copied")
    host.done("task", "run", "--volume", f"{volume}:data", "--", "sh", "-c", "echo saved > data/f; sync")
    script = "while :; do cat data/f; sleep 0.2; done"
    with host.task("--name", "reader", "--volume", f"{volume}:data", "--", "sh", "-c", script) as task:
        host.running_task("reader")
        rescued = host.loops.die(path, file)
        assert task.wait(SECONDS) != 0
    assert "not attached" in host.message_of("reader")
    until(lambda: host.is_in(path, "ABSENT"), SECONDS, "it is shown as gone")
    again = host.elsewhere(rescued)
    assert host.comes_up(again) == provider
    assert host.done("task", "run", "--volume", f"{volume}:data", "--", "cat", "data/f") == "saved\n"
    host.done("volume", "destroy", "copied")
    host.loops.detach(path)
    _leave(host, again, rescued)


@ONE_KIND
def test_a_whole_disk_is_offered_as_it_is_used_raw_and_found_again(host: Host) -> None:
    file = host.loops.file("whole-1.img", DISK)
    path = host.loops.attach(file)
    provider = host.comes_up(path)
    identity = host.devices()[path]["identity"]
    assert identity in host.done("devices") and "offered whole" in host.done("devices")
    host.done("volume", "adopt", identity, "--name", "raw", "--profile", "whole-disk")
    raw = ("--volume", "raw:dev", "--")
    host.done("task", "run", *raw, "sh", "-c", "printf precious | dd of=dev conv=notrunc status=none; sync")
    assert file.read_bytes()[:9] == b"precious\0", "it is the disk itself"
    with host.task("--name", "holder", *raw, "sleep", "600") as task:
        host.running_task("holder")
        host.agent.kill()
        assert "another agent" in probe(path).busy, "its plugin has it still, so that no other agent takes it"
        host.agent.start()
        assert host.comes_up(path) == provider
        assert task.poll() is None
        host.loops.detach(path)
        assert task.wait(SECONDS) != 0
    assert path in host.message_of("holder") and "raw" in host.message_of("holder")
    until(lambda: _absent(host, provider), SECONDS, "it is missed")
    with file.open("r+b") as opened:  # a partition of its users' own
        opened.seek(446)
        opened.write(struct.pack("<4xB3xII48x2s", 0x83, 2048, 65536, b"\x55\xaa"))
    host.agent.kill()
    again = host.elsewhere(file)
    run("partx", "--add", again)
    try:
        host.agent.start()
        assert host.comes_up(again) == provider
    finally:
        run("partx", "--delete", again)
    assert host.done("task", "run", *raw, "head", "-c", "8", "dev") == "precious"
    host.agent.kill()
    host.loops.detach(again)  # its plugin has it open
    host.agent.start()
    gone = lambda: all(each.path != again for each in attached_devices())  # noqa: E731
    until(gone, SECONDS, "an agent that was away lets it go")
    again = host.elsewhere(file)
    assert host.comes_up(again) == provider
    host.done("volume", "destroy", "raw")
    assert file.read_bytes().count(0) == DISK, "who is offered it next finds nothing on it"
    _leave(host, again, file)


@ONE_KIND
def test_disks_that_carry_something_stay_as_they_are_and_it_is_said_why(host: Host) -> None:
    theirs, small = host.loops.file("theirs.img", DISK), host.loops.file("small.img", 8 * MIB)
    run("mkfs.ext4", "-q", "-F", "-L", "photos", str(theirs))
    before = theirs.read_bytes()
    # On another filesystem: here it may get the inode number of a file that was a pool, and be looked at.
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="orlop-outside-") as outside:
        outside.truncate(DISK)
        paths = [host.loops.attach(each) for each in (theirs, small, Path(outside.name))]
        found = host.devices()
        assert [found[path]["state"] for path in paths] == ["REFUSED", "REFUSED", "UNUSED"]
        assert "photos" in found[paths[0]]["message"] and "wipefs" in found[paths[0]]["message"]
        assert "smaller" in found[paths[1]]["message"]
        assert "contents" not in found[paths[2]], "a device that no rule means is not opened"
        assert "no rule" in host.done("devices")
        for path in paths:
            host.loops.detach(path)
        assert Path(outside.name).read_bytes() == bytes(DISK)
    assert theirs.read_bytes() == before


@ONE_KIND
def test_a_pool_whose_filesystem_fails_is_shown_as_failing(host: Host) -> None:
    file = host.loops.file("failing.img", DISK)
    path = host.loops.attach(file)
    host.comes_up(path)
    Path("/sys/fs/ext4", path.rpartition("/")[2], "trigger_fs_error").write_text("a test's")
    until(lambda: host.is_in(path, "FAILING"), SECONDS, "it is shown as failing")
    assert "1 errors" in host.devices()[path]["message"]
    _leave(host, path, file)


def test_an_agent_that_is_killed_meanwhile_finds_its_disks_again(host: Host) -> None:
    file = host.loops.file("restless.img", DISK)
    path = host.loops.attach(file)
    provider = host.comes_up(path)
    for number in range(KILLS):
        host.agent.kill()
        host.loops.detach(path)
        if number % 2:  # it comes back before its agent, else after it
            path = host.elsewhere(file)
        host.agent.start()
        if not number % 2:
            until(lambda: _absent(host, provider), SECONDS, "it is missed")
            path = host.elsewhere(file)
        assert host.comes_up(path) == provider
    fresh = host.loops.file("fresh.img", DISK)
    second = host.loops.attach(fresh)
    time.sleep(0.1)
    host.agent.kill()  # while a pool is made of it, or just before
    host.agent.start()
    host.comes_up(second)
    pools = [each for each in host.devices().values() if each.get("rule") == "bay" and "pool" in each]
    assert len({each["pool"] for each in pools}) == len(pools)
    _leave(host, second, fresh)
    _leave(host, path, file)


def _absent(host: Host, provider: str) -> bool:
    return any(
        each.get("provider") == provider and each["state"] == "ABSENT" for each in host.devices().values()
    )


def _volumes(host: Host) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = host.post({"type": "GET_VOLUMES"})["get_volumes"]["volumes"]
    return found


def _volume_on(host: Host, provider_id: str, name: str) -> str:
    """A volume on that disk: others are filled first where they come first."""
    fillers = []
    while True:
        host.done("volume", "create", name, "--profile", "default", "--size", "64MiB")
        (made,) = (each for each in _volumes(host) if each["name"] == name)
        if made["resource_provider_id"]["value"] == provider_id:
            for filler in fillers:
                host.done("volume", "destroy", filler)
            return name
        host.done("volume", "destroy", name)
        fillers.append(f"filler-{name}-{len(fillers)}")
        host.done("volume", "create", fillers[-1], "--profile", "default", "--size", "64MiB")


def _leave(host: Host, path: str, file: Path) -> None:
    """The disk goes for good, and its provider is given up."""
    provider = str(host.devices()[path]["provider"])
    provider_id = host.offered(provider)
    host.loops.detach(path)
    until(lambda: not host.offered(provider), SECONDS, f"{path} is let go")
    said: list[str] = []

    def is_given_up() -> bool:
        given_up = host.orlop("providers", "gone", provider_id)
        said[:] = [given_up.stderr]
        return given_up.returncode == 0

    try:
        until(is_given_up, SECONDS, "it is given up")
    except AssertionError as error:
        raise AssertionError(f"{error}: {said}") from None
    file.unlink()
