"""What no host could run is refused when the spec is made: before a directory, a group or a process is."""

from __future__ import annotations

from typing import Any

import pytest

from agent.containerizer.interface import (
    Bind,
    ContainerSpec,
    LaunchError,
    Limits,
    Network,
    PortMapping,
    Who,
)
from agent.containerizer.wellformed import MAX_COMMAND_BYTES, MAX_WORD_BYTES


def spec(**more: Any) -> ContainerSpec:
    return ContainerSpec(**{"id": "x", "argv": ("true",), "sandbox": "/s", **more})


def refused(**more: Any) -> LaunchError:
    with pytest.raises(LaunchError) as found:
        spec(**more)
    assert found.value.who is Who.REQUEST
    assert len(found.value.message) < 1000, "a refusal does not repeat what was too long"
    return found.value


@pytest.mark.parametrize("container_id", ["", "a/b", "..", ".", "a b", "ü", "x" * 10_240, "a\0", "a\n"])
def test_ids_that_could_lead_elsewhere_or_name_no_file(container_id: str) -> None:
    assert "container id" in refused(id=container_id).message
    assert "container id" in refused(parent=container_id).message


@pytest.mark.parametrize(
    "large",
    [
        {"environment": {f"V{number}": "x" * 100_000 for number in range(42)}},
        {"environment": {"ONE": "x" * MAX_WORD_BYTES}},
        {"argv": ("echo", "x" * (4 << 20))},
        {"argv": ("echo", *["ü" * 1000] * (MAX_COMMAND_BYTES // 2000 + 1))},
    ],
)
def test_commands_and_environments_that_no_kernel_takes(large: dict[str, Any]) -> None:
    assert refused(**large).about == "command"


def test_largest_word_that_the_kernel_takes_is_taken() -> None:
    spec(argv=("echo", "x" * MAX_WORD_BYTES), environment={"V": "x" * (MAX_WORD_BYTES - 2)})


@pytest.mark.parametrize("number", [0, -1, 1 << 62, 10**30])
def test_limits_that_are_impossible(number: int) -> None:
    for more in (
        {"limits": Limits(memory_bytes=number)},
        {"limits": Limits(cpu_milli=number)},
        {"processes": number},
    ):
        assert refused(**more).about == "limits"


@pytest.mark.parametrize(
    "network",
    [
        Network("host", ports=(PortMapping(80, 80),)),
        Network("bridge", ports=(PortMapping(0, 80),)),
        Network("bridge", ports=(PortMapping(80, 65536),)),
        Network("bridge", ports=(PortMapping(80, 1), PortMapping(80, 2))),
    ],
)
def test_ports_that_cannot_be_mapped(network: Network) -> None:
    assert refused(network=network).about == "network"


def test_one_port_may_be_mapped_for_each_protocol() -> None:
    spec(network=Network("bridge", ports=(PortMapping(53, 53), PortMapping(53, 53, "udp"))))


@pytest.mark.parametrize(
    "more",
    [
        {"parent": "x"},
        {"parent": "p", "image": "busybox"},
        {"parent": "p", "binds": (Bind("/tmp", "/data"),)},
        {"parent": "p", "privileged": True},
        {"parent": "p", "network": Network("none")},
        {"parent": "p", "joins": "network", "network": Network("bridge")},
    ],
)
def test_what_a_nested_container_cannot_have(more: dict[str, Any]) -> None:
    refused(**more)


def test_one_that_joins_the_network_alone_has_a_root_of_its_own() -> None:
    assert not spec(parent="p", joins="network", image="busybox", binds=(Bind("/tmp", "/data"),)).enters


def test_output_has_an_absolute_place() -> None:
    assert "output" in refused(output="somewhere").message


def test_only_a_privileged_container_may_see_the_processes_of_the_host() -> None:
    spec(host_processes=True, privileged=True)
    assert "only a privileged container" in refused(host_processes=True).message


@pytest.mark.parametrize("name", ["", "-a", "a-", "a..b", "a_b", "a/b", "x" * 65, "ä", "a\n"])
def test_hostnames_that_are_none(name: str) -> None:
    assert "hostname" in refused(hostname=name).message


def test_a_container_in_its_parents_namespaces_has_that_ones_hostname() -> None:
    assert "parent's hostname" in refused(parent="p", hostname="h").message


@pytest.mark.parametrize("size", [(-1, 1), (1, 65_536)])
def test_terminals_that_are_too_large(size: tuple[int, int]) -> None:
    assert "terminal" in refused(terminal=size).message
