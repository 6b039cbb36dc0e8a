"""What a provider's configuration may say, and what the operator is told when it cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.providers.config import InvalidConfig, decode_config, fixed_differences, key_of
from agent.providers.config_files import ConfigDirectory, judge
from agent.providers.plugin_config import Places, plugin_config
from api.wire.v1 import mesos
from provider.plugins.config import PluginConfig, Service

PLACES = Places("plugin-mock--", "/run/p", "/mounts/mock", "node-1")
CONTAINER = {
    "services": ["CONTROLLER_SERVICE", "NODE_SERVICE"],
    "command": {"shell": False, "arguments": ["driver", "--endpoint", "${CSI_ENDPOINT}", "-n=${NODE_ID}"]},
}


def document(container: dict[str, Any] | None = None, **plugin: Any) -> dict[str, Any]:
    """A good configuration, with other content for its container and its plugin."""
    said = {"type": "com.example.mock", "name": "mock", "containers": [{**CONTAINER, **(container or {})}]}
    return {
        "type": "org.apache.mesos.rp.local.storage",
        "name": "mock",
        "storage": {"plugin": {**said, **plugin}},
    }


def config(container: dict[str, Any] | None = None, **plugin: Any) -> mesos.ResourceProviderInfo:
    return decode_config(json.dumps(document(container, **plugin)).encode())


def made(container: dict[str, Any] | None = None, **plugin: Any) -> PluginConfig:
    info = config(container, **plugin)
    judge(info)
    assert info.storage
    return plugin_config(info.storage.plugin, PLACES)


def test_a_plugin_is_told_its_endpoint_and_its_node_in_arguments_and_environment() -> None:
    variables = [{"name": "ADDRESS", "value": "${CSI_ENDPOINT}"}]
    command = {**CONTAINER["command"], "environment": {"variables": variables}}  # type: ignore[dict-item]
    (serving,) = made({"command": command}).containers
    endpoint = "unix:///run/p/controller-node.sock"
    assert serving.container.argv == ("driver", "--endpoint", endpoint, "-n=node-1")
    assert serving.container.environment == {
        "ADDRESS": endpoint,
        "CSI_ENDPOINT": endpoint,
        "NODE_ID": "node-1",
    }
    assert endpoint == f"unix://{serving.socket_path}"


def test_a_driver_that_wants_the_path_of_its_socket_or_comes_with_arguments_of_kubernetes_gets_both() -> None:
    arguments = [
        "driver",
        "--server-socket=${CSI_SOCKET}",
        "--endpoint=$(CSI_ENDPOINT)",
        "$(OTHER) $CSI_SOCKET",
    ]
    (serving,) = made({"command": {"shell": False, "arguments": arguments}}).containers
    assert serving.container.argv == (
        "driver",
        f"--server-socket={serving.socket_path}",
        f"--endpoint=unix://{serving.socket_path}",
        "$(OTHER) $CSI_SOCKET",
    )
    assert "CSI_SOCKET" not in serving.container.environment


def test_shell_text_is_left_to_the_shell() -> None:
    (serving,) = made({"command": {"value": "exec driver --endpoint $CSI_ENDPOINT ${NODE_ID}"}}).containers
    assert serving.container.argv == ("/bin/sh", "-c", "exec driver --endpoint $CSI_ENDPOINT ${NODE_ID}")


def test_a_plugin_sees_the_processes_of_its_host_if_that_is_asked_for() -> None:
    (usual,) = made().containers
    (entering,) = made(
        {"container": {"type": "MESOS", "linux_info": {"share_pid_namespace": True}}}
    ).containers
    assert (usual.container.host_processes, entering.container.host_processes) == (False, True)
    assert usual.container.digest != entering.container.digest


def test_two_containers_have_sockets_of_their_own_and_only_the_nodes_may_mount() -> None:
    both = [{**CONTAINER, "services": ["CONTROLLER_SERVICE"]}, {**CONTAINER, "services": ["NODE_SERVICE"]}]
    controller, node = made(containers=both).containers
    assert (controller.services, node.services) == (
        frozenset({Service.CONTROLLER}),
        frozenset({Service.NODE}),
    )
    assert (
        len({controller.socket_path, node.socket_path})
        == len({controller.container.id, node.container.id})
        == 2
    )
    assert [bind.path for bind in node.container.binds if bind.shared] == ["/mounts/mock"]
    assert not any(bind.shared for bind in controller.container.binds)


def test_image_volumes_and_limits_reach_the_container() -> None:
    container = {
        "type": "DOCKER",
        "docker": {"image": "example/driver:1"},
        "volumes": [
            {"container_path": "/etc/driver", "host_path": "/etc/other", "mode": "RO"},
            {
                "container_path": "/var/lib/driver",
                "mode": "RW",
                "source": {
                    "type": "HOST_PATH",
                    "host_path": {"path": "/srv", "mount_propagation": {"mode": "BIDIRECTIONAL"}},
                },
            },
        ],
    }
    resources = [
        {"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.5}},
        {"name": "mem", "type": "SCALAR", "scalar": {"value": 64}},
    ]
    (serving,) = made({"container": container, "resources": resources}).containers
    run = serving.container
    assert (run.image, run.entrypoint, run.cpu_milli, run.memory_bytes) == (
        "example/driver:1",
        True,
        500,
        64 << 20,
    )
    assert {(bind.path, bind.target, bind.read_only, bind.shared) for bind in run.binds} >= {
        ("/etc/other", "/etc/driver", True, False),
        ("/srv", "/var/lib/driver", False, True),
    }


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": {"value": "x"}}, "id: leave it out"),
    ({"type": "org.example"}, "type: 'org.example' is none that an agent runs"),
    ({"name": "a-b"}, "name: 'a-b' cannot be one"),
    ({"name": "x" * 64}, "name: "),
    ({"storage": None}, "storage: it is missing"),
    ({"storag": {}}, "storag: there is no such field"),
    ({"default_reservations": [{"type": "DYNAMIC"}]}, "default_reservations: default_reservations[0].role"),
    (
        {"default_reservations": [{"role": "a", "type": "DYNAMIC"}, {"role": "b", "type": "DYNAMIC"}]},
        "default_reservations: ",
    ),
]
WRONG_PLUGIN: list[tuple[dict[str, Any], str]] = [
    ({"type": "a..b"}, "storage.plugin.type: 'a..b' cannot be one"),
    ({"type": ""}, "storage.plugin.type: "),
    ({"name": "a.b"}, "storage.plugin.name: 'a.b' cannot be one"),
    ({"containers": []}, "storage.plugin.containers: there are none"),
    ({"containers": [CONTAINER, CONTAINER]}, "is listed by more than one"),
    ({"endpoints": [{"csi_service": "NODE_SERVICE", "endpoint": "/x"}]}, "storage.plugin.endpoints: "),
    ({"target_path_root": "mounts"}, "storage.plugin.target_path_root: 'mounts' is not an absolute path"),
    ({"target_path_exists": True}, "storage.plugin.target_path_exists: a driver makes its target path"),
    ({"max_concurrent_calls": 0}, "storage.plugin.max_concurrent_calls: give 1 or more"),
    ({"secrets": [{"key": "k", "file": "secret"}]}, "storage.plugin.secrets[0].file: give the absolute path"),
    (
        {"secrets": [{"key": "k", "file": "/secret", "calls": ["GetCapacity"]}]},
        "storage.plugin.secrets[0].calls: 'GetCapacity' is no call that carries secrets",
    ),
    ({"containrs": []}, "storage.plugin.containrs: there is no such field"),
]
WRONG_CONTAINER: list[tuple[dict[str, Any], str]] = [
    ({"services": []}, ".services: there are none"),
    ({"services": ["UNKNOWN"]}, ".services: give CONTROLLER_SERVICE"),
    ({"services": ["CONTROLLER_SERVICE"]}, "none lists NODE_SERVICE"),
    ({"command": None}, ".command: it is missing"),
    ({"command": {"value": ""}}, ".command.value: it is empty"),
    ({"command": {"shell": False}}, ".command.arguments: there are none"),
    ({"command": {"value": "x", "uris": [{"value": "http://x"}]}}, ".command.uris: nothing is fetched"),
    (
        {"command": {"value": "x", "environment": {"variables": [{"name": "CSI_ENDPOINT", "value": "y"}]}}},
        "CSI_ENDPOINT is set by the agent",
    ),
    ({"container": {"type": "MESOS", "hostname": "h"}}, ".container.hostname: this setting"),
    (
        {"container": {"type": "MESOS", "linux_info": {"share_pid_namespace": True, "shm_size": 4}}},
        ".container.linux_info: of these settings plugins have share_pid_namespace alone",
    ),
    (
        {"container": {"type": "MESOS", "volumes": [{"container_path": "/x", "mode": "RW"}]}},
        ".container.volumes[0].host_path: give the absolute path",
    ),
    (
        {"resources": [{"name": "disk", "type": "SCALAR", "scalar": {"value": 1}}]},
        "only the scalars cpus and mem",
    ),
]


@pytest.mark.parametrize(
    ("said", "expected"),
    [({**document(), **said}, expected) for said, expected in WRONG]
    + [(document(**said), expected) for said, expected in WRONG_PLUGIN]
    + [(document(said), expected) for said, expected in WRONG_CONTAINER],
)
def test_the_refusal_of_a_configuration_names_the_field(said: dict[str, Any], expected: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        judge(decode_config(json.dumps(said).encode()))
    assert expected in str(refused.value)


def test_only_how_the_plugin_is_run_may_change() -> None:
    old = config()
    assert fixed_differences(old, config({"command": {"value": "other"}}, admit=["*"])) == []
    other = config(type="com.example.other", target_path_root="/srv")
    assert fixed_differences(old, other) == ["storage.plugin.type", "storage.plugin.target_path_root"]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    directory = ConfigDirectory(tmp_path / "configs")
    info = config()
    path = directory.write(info)
    found = directory.read()
    assert [(file.path, file.info) for file in found.files.values()] == [(path, info)]
    changed = config(admit=["*"])
    assert directory.write(changed, path) == path
    assert directory.read().files[key_of(info)].info == changed
    directory.remove(path)
    assert directory.read().files == {}


def test_a_file_that_cannot_be_used_is_told_and_the_others_are_taken(tmp_path: Path) -> None:
    directory = ConfigDirectory(tmp_path)
    good = directory.write(config())
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "second.json").write_text(json.dumps(document(admit=["*"])))
    (tmp_path / "unfit.json").write_text(json.dumps({**document(), "name": "other", "type": "x"}))
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "notes.txt").write_text("not a configuration")
    found = directory.read()
    assert [file.path for file in found.files.values()] == [good]
    told = {path.name: problem for path, problem in found.problems.items()}
    assert sorted(told) == ["broken.json", "folder.json", "second.json", "unfit.json"]
    assert "not JSON" in told["broken.json"]
    assert f"{good.name} has the same type and name" in told["second.json"]


def test_what_a_crash_left_half_written_is_not_taken_for_a_configuration(tmp_path: Path) -> None:
    directory = ConfigDirectory(tmp_path)
    path = directory.write(config())
    (tmp_path / f".{path.name}.staging").write_text("{")
    assert len(directory.read().files) == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name]


def test_a_new_configuration_overwrites_no_file_that_could_not_be_read(tmp_path: Path) -> None:
    directory = ConfigDirectory(tmp_path)
    info = config()
    taken = tmp_path / f"{info.type}.{info.name}.json"
    taken.write_text("{")
    assert directory.write(info) != taken
    assert taken.read_text() == "{"
