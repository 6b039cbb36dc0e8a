"""Somebody else's CSI driver (the CSI mock driver) as a vendor's plugin, by configuration alone."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import CONTAINERIZERS, running
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from e2e.third_party.mock_driver import (
    Config,
    Plugin,
    add,
    agent_call,
    documented,
    example,
    profiles,
    remove,
    update,
    vendor,
)
from tests.requirements import MOCK_DRIVER

pytestmark = pytest.mark.needs("mock-driver")

VENDORS = ("imaged", "pair", "hooked", "killed", "changed", "broken", "filed", "grown")
LOCAL = '[profiles.local]\nplugin_type = "local-disk.orlop"\n'
SECRET = f"token-{uuid.uuid4().hex}"
READY_SECONDS = 20.0
IDENTITY = {"Probe", "GetPluginInfo", "GetPluginCapabilities"}
"""What every container is asked, whatever it serves."""


class Vendors(DaemonCluster):
    """A cluster with the built-in plugin, whose agent finds the documented example in its directory."""

    def __init__(self, containerizer: str) -> None:
        super().__init__(containerizer)
        self.profiles_file = self.work_dir / "profiles.toml"
        self.profiles_file.write_text(example("toml") + LOCAL + profiles(*VENDORS))
        self.token = self.work_dir / "token"
        self.token.write_text(f"{SECRET}\n")
        self.configs = self.place.agents[0] / "resource-providers"
        self.configs.mkdir(parents=True)
        (self.configs / "mock.json").write_text(json.dumps(documented(self.token)))
        self.agent_arguments += ["--profiles", str(self.profiles_file)]
        self.agent.command += ["--profiles", str(self.profiles_file)]

    def is_ready(self) -> bool:
        """Also the documented driver's pools are there."""
        if not super().is_ready():
            return False
        return {"gold", "silver", "local"} <= {
            each["name"] for each in self.profiles() if each.get("total_bytes")
        }


@pytest.fixture(scope="module", params=CONTAINERIZERS)
def cluster(request: pytest.FixtureRequest) -> Iterator[Vendors]:
    """One for all tests of this file and containerizer: each leaves it as it found it."""
    vendors = Vendors(request.param)
    with running(vendors, request.config):
        yield vendors


@contextmanager
def plugged_in(cluster: Vendors, config: Config) -> Iterator[Plugin]:
    """A further driver, ready, and removed in the end."""
    plugin = Plugin(cluster, config["name"])
    assert add(cluster, config) == 200
    try:
        until(lambda: plugin.state == "READY", READY_SECONDS, f"plugin {plugin.name} is ready")
        until(lambda: has_pool(cluster, plugin.name), READY_SECONDS, f"plugin {plugin.name} has a pool")
        yield plugin
    finally:
        assert remove(cluster, config["name"]) == 200


def has_pool(cluster: Vendors, profile: str) -> bool:
    return any(each["name"] == profile and each.get("total_bytes") for each in cluster.profiles())


def id_of(cluster: Vendors, volume: str) -> str:
    """What the driver calls an operator's volume."""
    found = cluster.post({"type": "GET_VOLUMES", "get_volumes": {"name": volume}})
    resource: dict[str, Any] = found["get_volumes"]["volumes"][0]["resource"]
    source_id: str = resource["disk"]["source"]["id"]
    return source_id


def create(cluster: Vendors, name: str, profile: str) -> str:
    cluster.done("volume", "create", name, "--profile", profile, "--size", "64MiB")
    return id_of(cluster, name)


def test_the_documented_example_makes_uses_and_destroys_volumes(cluster: Vendors) -> None:
    before = cluster.census()
    mock = Plugin(cluster, "mock")
    gold, silver = create(cluster, "g", "gold"), create(cluster, "s", "silver")
    made = {each: mock.calls("CreateVolume", volume_id=each)[0].request for each in (gold, silver)}
    assert made[gold]["parameters"] == {"tier": "gold"}
    (capability,) = made[gold]["volume_capabilities"]
    assert capability["AccessType"]["Mount"] == {"fs_type": "ext4", "mount_flags": ["noatime"]}
    assert made[silver].get("parameters") is None
    assert made[silver]["capacity_range"]["required_bytes"] == 64 << 20
    ran = cluster.done(
        "task", "run", "--volume", "g:/data", "--", "sh", "-c", "echo hello > /data/x; cat /data/x"
    )
    assert ran == "hello\n"
    for name in ("g", "s"):
        cluster.done("volume", "destroy", name)
    assert [len(mock.calls("DeleteVolume", volume_id=each)) for each in (gold, silver)] == [1, 1]
    cluster.settles_as(before)


def test_a_volume_is_attached_staged_and_published_for_a_task_and_the_inverse_after_it(
    cluster: Vendors,
) -> None:
    mock = Plugin(cluster, "mock")
    volume = create(cluster, "ladder", "silver")
    cluster.done("task", "run", "--volume", "ladder:/data", "--", "true")
    up = ["ControllerPublishVolume", "NodeStageVolume", "NodePublishVolume"]
    down = ["NodeUnpublishVolume", "NodeUnstageVolume", "ControllerUnpublishVolume"]
    climbed = mock.calls(*up, *down, volume_id=volume, least=6)
    assert [call.method for call in climbed] == [*up, *down]
    (attach,) = mock.calls("ControllerPublishVolume", volume_id=volume)
    (stage,) = mock.calls("NodeStageVolume", volume_id=volume)
    assert attach.request["node_id"] == "io.kubernetes.storage.mock"
    assert stage.request["publish_context"] == attach.response["publish_context"]
    cluster.done("volume", "destroy", "ladder")


def test_the_nodes_own_topology_goes_with_volumes_and_capacity(cluster: Vendors) -> None:
    mock = Plugin(cluster, "mock")
    here = {"segments": {"io.kubernetes.storage.mock/node": "some-mock-node"}}
    volume = create(cluster, "near", "silver")
    (creation,) = mock.calls("CreateVolume", volume_id=volume)
    assert creation.request["accessibility_requirements"]["requisite"] == [here]
    assert mock.calls("GetCapacity")[-1].request["accessible_topology"] == here
    cluster.done("volume", "destroy", "near")


def test_a_secret_reaches_the_calls_it_is_for_and_is_shown_nowhere(cluster: Vendors) -> None:
    mock = Plugin(cluster, "mock")
    volume = create(cluster, "secretive", "gold")
    (creation,) = mock.calls("CreateVolume", volume_id=volume)
    assert creation.request["secrets"] == {"token": SECRET}
    cluster.done("volume", "destroy", "secretive")
    (deletion,) = mock.calls("DeleteVolume", volume_id=volume)
    assert "secrets" not in deletion.request
    shown = cluster.done("plugins", "--output", "json") + cluster.done(
        "providers", "configs", "--output", "json"
    )
    shown += cluster.done("operations", "--output", "json")
    assert SECRET not in shown
    kept = [*cluster.work_dir.rglob("*.db*"), *cluster.work_dir.glob("*.log")]
    assert len(kept) > 3
    assert [path.name for path in kept if SECRET.encode() in path.read_bytes()] == []


def test_controller_and_node_in_two_containers_each_get_their_own_calls(cluster: Vendors) -> None:
    config = vendor("pair", services=[("CONTROLLER_SERVICE",), ("NODE_SERVICE",)])
    with plugged_in(cluster, config) as pair:
        assert len(pair.pids()) == 2
        volume = create(cluster, "apart", "pair")
        # Two processes of this driver share nothing, so the node's does not know what the controller's made.
        ran = cluster.orlop("task", "run", "--volume", "apart:/data", "--", "true")
        assert ran.returncode != 0
        assert f"NOT_FOUND: {volume}" in ran.stderr
        cluster.done("volume", "destroy", "apart")
        pair.calls("DeleteVolume", volume_id=volume)
        controller = {call.method for call in pair.calls(container="controller")} - IDENTITY
        node = {call.method for call in pair.calls(container="node")} - IDENTITY
        assert {"CreateVolume", "ControllerPublishVolume", "DeleteVolume"} <= controller
        assert {"NodeGetInfo", "NodeStageVolume"} <= node
        assert not [each for each in controller if each.startswith("Node")]
        assert not [each for each in node if not each.startswith("Node")]


def test_volumes_that_were_there_before_are_withheld_and_let_in_by_name(cluster: Vendors) -> None:
    config = vendor("pair", services=[("CONTROLLER_SERVICE",), ("NODE_SERVICE",)])
    with plugged_in(cluster, config) as pair:
        until(lambda: len(pair.notices) == 3, 20, "the driver's own three volumes are withheld")
        assert {(each["source_id"], each["kind"]) for each in pair.notices} == {
            (source_id, "WITHHELD") for source_id in ("1", "2", "3")
        }
        cluster.done("volume", "adopt", "1", "--provider", "pair", "--name", "heirloom", "--profile", "pair")
        # Both of its processes know this one, so it can be used to the end.
        assert cluster.done("task", "run", "--volume", "heirloom:/data", "--", "echo", "ours") == "ours\n"
        (attach,) = pair.calls("ControllerPublishVolume", container="controller")
        (stage,) = pair.calls("NodeStageVolume", container="node")
        assert (attach.volume_id, stage.volume_id) == ("1", "1")
        cluster.done("volume", "destroy", "heirloom")
        pair.calls("DeleteVolume", volume_id="1", container="controller")


def test_a_rule_lets_in_what_was_there_before_and_only_that(cluster: Vendors) -> None:
    config = vendor("filed")
    config["storage"]["plugin"]["admit"] = ["[12]"]
    with plugged_in(cluster, config) as filed:
        until(lambda: [each["source_id"] for each in filed.notices] == ["3"], 20, "one is still withheld")
        config["storage"]["plugin"]["admit"] = ["*"]
        pids = filed.pids()
        assert update(cluster, config) == 200
        # The changed provider begins anew: for a moment it is shown without its disks.
        until(lambda: {"1", "2", "3"} <= filed.disks() and not filed.notices, 20, "all are let in")
        until(lambda: filed.state == "READY", 20, "its plugin is ready")
        assert filed.pids() == pids


def test_a_volume_grows_while_a_task_uses_it(cluster: Vendors) -> None:
    with plugged_in(cluster, vendor("grown", "--node-expand-required")) as grown:
        volume = create(cluster, "growing", "grown")
        command = "while [ ! -e /data/end ]; do sleep 0.1; done"
        with cluster.task("--name", "grower", "--volume", "growing:/data", "--", "sh", "-c", command) as task:
            cluster.running_task("grower")
            cluster.done("volume", "expand", "growing", "--size", "128MiB")
            (controller,) = grown.calls("ControllerExpandVolume", volume_id=volume)
            (node,) = grown.calls("NodeExpandVolume", volume_id=volume)
            sizes = [call.request["capacity_range"]["required_bytes"] for call in (controller, node)]
            assert sizes == [128 << 20, 128 << 20]
            (next(cluster.place.agents[0].glob("mounts/grown/*/target")) / "end").touch()
            assert task.wait(20) == 0
        assert "128MiB" in cluster.done("volume", "list")
        cluster.done("volume", "destroy", "growing")


def test_a_node_takes_no_more_volumes_than_the_driver_says(cluster: Vendors) -> None:
    with plugged_in(cluster, vendor("filed", "--attach-limit=1")) as filed:
        create(cluster, "first", "filed")
        create(cluster, "second", "filed")
        command = "while [ ! -e /data/end ]; do sleep 0.1; done"
        with cluster.task("--name", "sitter", "--volume", "first:/data", "--", "sh", "-c", command) as task:
            cluster.running_task("sitter")
            refused = cluster.orlop("task", "run", "--volume", "second:/data", "--", "true")
            assert refused.returncode != 0
            assert "max_volumes_per_node" in refused.stderr
            (next(cluster.place.agents[0].glob("mounts/filed/*/target")) / "end").touch()
            assert task.wait(20) == 0
        cluster.done("task", "run", "--volume", "second:/data", "--", "true")
        assert not [call for call in filed.calls("ControllerPublishVolume") if call.error]
        for name in ("first", "second"):
            cluster.done("volume", "destroy", name)


HOOKS = """\
globals: |
  created = 0; attached = 0;
createVolumeStart: |
  created = created + 1;
  if (created == 1) { UNAVAILABLE; } else if (created == 3) { OUTOFRANGE; } else { OK; };
controllerPublishVolumeStart: |
  attached = attached + 1;
  if (attached == 1) { PERMISSIONDENIED; } else { OK; };
"""


def test_errors_of_the_driver_are_repeated_or_told_in_its_own_words(cluster: Vendors) -> None:
    hooks = cluster.work_dir / "hooks.yaml"
    hooks.write_text(HOOKS)
    with plugged_in(cluster, vendor("hooked", f"--hooks-file={hooks}")) as hooked:
        volume = create(cluster, "again", "hooked")
        creations = hooked.calls("CreateVolume", least=2)
        assert (len(creations), len({call.request["name"] for call in creations})) == (2, 1)
        refused = cluster.orlop("volume", "create", "never", "--profile", "hooked", "--size", "64MiB")
        assert refused.returncode == 1
        assert "Exec hook CreateVolumeStart returned non-OK code" in refused.stderr
        told = cluster.done("operations", "--all", "--output", "json")
        assert "Exec hook CreateVolumeStart returned non-OK code" in told
        ran = cluster.orlop("task", "run", "--volume", "again:/data", "--", "true")
        assert ran.returncode != 0
        assert "Exec hook ControllerPublishVolumeStart returned non-OK code" in ran.stderr
        cluster.done("task", "run", "--volume", "again:/data", "--", "true")
        assert hooked.calls("NodePublishVolume", volume_id=volume)
        for name in ("again", "never"):
            cluster.done("volume", "destroy", name)


def test_a_killed_driver_forgets_its_volumes_and_the_operator_is_told(cluster: Vendors) -> None:
    with plugged_in(cluster, vendor("killed")) as killed:
        lost = create(cluster, "lost", "killed")
        create(cluster, "safe", "local")
        (pid,) = killed.pids()
        os.kill(pid, signal.SIGKILL)
        until(lambda: killed.pids() not in ([], [pid]) and killed.state == "READY", 20, "it is up again")

        def told() -> bool:
            return any(each["source_id"] == lost and each["kind"].endswith("LOST") for each in killed.notices)

        until(told, 30, "the operator is told that the volume is lost")
        assert "lost" in cluster.done("volume", "list")
        # It numbers from the same start again: what it makes now would be taken for what is lost.
        refused = cluster.orlop("volume", "create", "other", "--profile", "killed", "--size", "64MiB")
        assert refused.returncode == 1
        assert "another disk's already" in refused.stderr
        assert cluster.done("task", "run", "--volume", "safe:/data", "--", "echo", "on") == "on\n"
        for name in ("safe", "other", "lost"):
            cluster.done("volume", "destroy", name)


@pytest.fixture
def image(cluster: Vendors) -> Iterator[str]:
    """An image with the driver and nothing else, its entrypoint. Removed in the end."""
    name = f"localhost/orlop-e2e-{uuid.uuid4().hex[:8]}"
    with io.BytesIO() as packed:
        with tarfile.open(fileobj=packed, mode="w") as tar:
            tar.add(MOCK_DRIVER.resolve(), "app/bin/mock-driver")
        # As several vendors have it: the program is named from where the image says that it works.
        changes = ["--change", 'ENTRYPOINT ["bin/mock-driver"]', "--change", "WORKDIR /app"]
        command = ["podman", "import", "--quiet", *changes, "-", name]
        subprocess.run(command, input=packed.getvalue(), check=True, capture_output=True, timeout=60)
    yield name
    subprocess.run(["podman", "rmi", "--force", name], check=True, capture_output=True, timeout=60)


def in_image(name: str, image: str) -> Config:
    """The driver out of an image: its entrypoint gets the arguments."""
    config = vendor(name)
    (container,) = config["storage"]["plugin"]["containers"]
    del container["command"]["value"]
    container["command"]["arguments"] = container["command"]["arguments"][1:]
    container["container"] = {"type": "DOCKER", "docker": {"image": image}}
    return config


@pytest.mark.needs("podman")
def test_a_driver_in_an_image_serves_volumes_as_one_of_the_host_does(
    cluster: Vendors, request: pytest.FixtureRequest
) -> None:
    if cluster.containerizer == "process":
        imaged = Plugin(cluster, "imaged")
        assert add(cluster, in_image("imaged", "localhost/none")) == 200
        until(
            lambda: "--containerizer podman" in str(imaged.provider.get("plugin")),
            20,
            "it says what it needs",
        )
        assert remove(cluster, "imaged") == 200
        return
    with plugged_in(cluster, in_image("imaged", request.getfixturevalue("image"))) as imaged:
        volume = create(cluster, "boxed", "imaged")
        assert cluster.done("task", "run", "--volume", "boxed:/data", "--", "echo", "in") == "in\n"
        assert imaged.calls("NodePublishVolume", volume_id=volume)
        cluster.done("volume", "destroy", "boxed")


def test_a_driver_that_cannot_start_is_shown_and_holds_up_nobody(cluster: Vendors) -> None:
    config = vendor("broken")
    (container,) = config["storage"]["plugin"]["containers"]
    container["command"] = {"value": "echo the array does not answer >&2; exit 3"}
    broken = Plugin(cluster, "broken")
    assert add(cluster, config) == 200
    try:
        until(lambda: broken.state == "FAILED", 40, "the driver is given up for now")
        (shown,) = broken.provider["plugin"]["containers"]
        assert "the array does not answer" in shown["log"]
        create(cluster, "beside", "local")
        cluster.done("volume", "destroy", "beside")
        assert update(cluster, vendor("broken")) == 200
        until(lambda: broken.state == "READY", READY_SECONDS, "the driver is ready, run as it should be")
    finally:
        assert remove(cluster, "broken") == 200


def test_an_update_restarts_the_driver_once_and_disturbs_no_task(cluster: Vendors) -> None:
    config = vendor("changed")
    with plugged_in(cluster, config) as changed:
        create(cluster, "held", "changed")
        command = "while [ ! -e /data/end ]; do sleep 0.1; done; cat /data/end"
        with cluster.task("--name", "holder", "--volume", "held:/data", "--", "sh", "-c", command) as task:
            cluster.running_task("holder")
            first = changed.pids()
            assert add(cluster, config) == update(cluster, config) == 200
            assert changed.pids() == first
            other = vendor("changed", "--v=4")
            assert add(cluster, other) == 409
            assert update(cluster, {**other, "storage": vendor("other")["storage"]}) == 409
            assert update(cluster, other) == 200
            until(lambda: changed.pids() not in ([], first), 20, "the driver runs anew")
            until(lambda: changed.state == "READY", READY_SECONDS, "the driver is ready")
            assert task.poll() is None
            target = next(cluster.place.agents[0].glob("mounts/changed/*/target"))
            (target / "end").write_text("undisturbed\n")
            assert task.wait(20) == 0
            (target / "end").unlink()  # this driver forgot the volume, so it does not empty the folder
        cluster.done("volume", "destroy", "held")
    assert changed.pids() == []
    assert remove(cluster, "changed") == 200
    assert update(cluster, config) == 409


def test_wrong_configurations_are_refused_by_the_name_of_the_field(cluster: Vendors) -> None:
    for wrong, field in (
        ({**vendor("filed"), "name": "not-a-name"}, "name: "),
        ({**vendor("filed"), "type": "org.example"}, "type: "),
        (
            vendor("filed", services=[("CONTROLLER_SERVICE",)]),
            "storage.plugin.containers: none lists NODE_SERVICE",
        ),
    ):
        answer = agent_call(cluster, "ADD_RESOURCE_PROVIDER_CONFIG", {"info": wrong})
        assert (answer.status, field in answer.text) == (400, True), answer.text


def test_sighup_takes_new_files_and_lets_go_of_removed_ones(cluster: Vendors) -> None:
    filed = Plugin(cluster, "filed")
    file, bad = cluster.configs / "filed.json", cluster.configs / "bad.json"
    file.write_text(json.dumps(vendor("filed")))
    bad.write_text("{")
    os.kill(cluster.agent.pid, signal.SIGHUP)
    until(lambda: filed.state == "READY", READY_SECONDS, "the new file's driver is ready")
    shown = json.loads(cluster.done("providers", "configs", "--output", "json"))["configs"]
    states = {Path(each["config"].get("file", "built-in")).name: each["config"]["state"] for each in shown}
    assert states == {
        "built-in": "RUNNING",
        "mock.json": "RUNNING",
        "filed.json": "RUNNING",
        "bad.json": "INVALID",
    }
    for each in (file, bad):
        each.unlink()
    os.kill(cluster.agent.pid, signal.SIGHUP)
    until(lambda: filed.pids() == [], 20, "the removed file's driver is gone")
    assert cluster.agent.is_running


def test_an_agent_that_is_restarted_keeps_the_driver_and_its_volumes(cluster: Vendors) -> None:
    mock = Plugin(cluster, "mock")
    create(cluster, "kept", "silver")
    pids = mock.pids()
    cluster.agent.kill()
    cluster.agent.start()
    cluster.wait_ready()
    assert mock.pids() == pids
    assert cluster.done("task", "run", "--volume", "kept:/data", "--", "echo", "back") == "back\n"
    cluster.done("volume", "destroy", "kept")


@pytest.mark.parametrize("containerizer", CONTAINERIZERS)
def test_a_clean_end_leaves_nothing_of_any_plugin_but_its_files(
    containerizer: str, request: pytest.FixtureRequest
) -> None:
    cluster = Vendors(containerizer)
    with running(cluster, request.config):
        for name, profile in (("mine", "local"), ("theirs", "silver")):
            create(cluster, name, profile)
        volumes = ("--volume", "mine:/mine", "--volume", "theirs:/theirs")
        with cluster.task("--name", "user", *volumes, "--", "sleep", "600"):
            cluster.running_task("user")
            assert cluster.end() == (0, 0)
        left = cluster.census()
        kinds = ("mounts", "loop_devices", "containers", "processes", "cgroups", "sockets")
        assert {kind: list(getattr(left, kind)) for kind in kinds if getattr(left, kind)} == {}
