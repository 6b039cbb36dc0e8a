"""Networks and ports of tasks: what is asked, what is refused, what is told."""

from __future__ import annotations

from typing import Any

import pytest

from agent.commands import InvalidTask
from agent.containerizer.interface import Network, PortMapping
from agent.networks import ip_address_of, network_infos, network_of
from api.wire.v1 import mesos
from tests.agent.world import task

Wire = mesos.ContainerInfoDockerInfoNetwork
MAPPING = mesos.ContainerInfoDockerInfoPortMapping(host_port=31_005, container_port=80)
INFO_MAPPING = mesos.NetworkInfoPortMapping(host_port=31_005, container_port=80, protocol="UDP")


def docker(**fields: Any) -> mesos.TaskInfo:
    image = mesos.ContainerInfoDockerInfo(image="web", **fields)
    return with_container(mesos.ContainerInfo(type=mesos.ContainerInfoType.DOCKER, docker=image))


def infos(*networks: mesos.NetworkInfo) -> mesos.TaskInfo:
    kind = mesos.ContainerInfoType.MESOS
    return with_container(mesos.ContainerInfo(type=kind, network_infos=list(networks)))


def with_container(container: mesos.ContainerInfo) -> mesos.TaskInfo:
    spans = mesos.ValueRanges(range=[mesos.ValueRange(begin=31_000, end=31_010)])
    ports = mesos.Resource(name="ports", type=mesos.ValueType.RANGES, ranges=spans)
    info = task("t1", resources=[ports])
    info.container = container
    return info


@pytest.mark.parametrize(
    ("info", "network"),
    [
        (task("t1"), Network()),
        (docker(), Network()),
        (docker(network=Wire.NONE), Network("none")),
        (docker(network=Wire.BRIDGE), Network("bridge")),
        (
            docker(network=Wire.BRIDGE, port_mappings=[MAPPING]),
            Network("bridge", None, (PortMapping(31_005, 80),)),
        ),
        (infos(mesos.NetworkInfo()), Network()),
        (infos(mesos.NetworkInfo(name="lab")), Network("bridge", "lab")),
        (
            infos(mesos.NetworkInfo(port_mappings=[INFO_MAPPING])),
            Network("bridge", None, (PortMapping(31_005, 80, "udp"),)),
        ),
    ],
)
def test_the_network_is_the_one_that_was_asked_for(info: mesos.TaskInfo, network: Network) -> None:
    assert network_of(info) == network


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (docker(port_mappings=[MAPPING]), "need the network BRIDGE"),
        (docker(network=Wire.USER), "network's name"),
        (docker(network=Wire.BRIDGE, port_mappings=[MAPPING, MAPPING]), "named twice"),
        (infos(mesos.NetworkInfo(), mesos.NetworkInfo()), "one network"),
        (infos(mesos.NetworkInfo(groups=["a"])), "groups cannot"),
        (
            infos(mesos.NetworkInfo(ip_addresses=[mesos.NetworkInfoIPAddress(ip_address="10.0.0.1")])),
            "cannot be chosen",
        ),
        (
            infos(
                mesos.NetworkInfo(
                    port_mappings=[mesos.NetworkInfoPortMapping(host_port=22, container_port=22)]
                )
            ),
            "not among the task's ports",
        ),
        (
            infos(
                mesos.NetworkInfo(
                    port_mappings=[
                        mesos.NetworkInfoPortMapping(host_port=31_000, container_port=80, protocol="icmp")
                    ]
                )
            ),
            "neither tcp nor udp",
        ),
        (
            infos(
                mesos.NetworkInfo(
                    port_mappings=[mesos.NetworkInfoPortMapping(host_port=31_000, container_port=70_000)]
                )
            ),
            "no port 70000",
        ),
    ],
)
def test_networks_that_cannot_be_are_refused(info: mesos.TaskInfo, words: str) -> None:
    with pytest.raises(InvalidTask) as error:
        network_of(info)
    assert words in str(error.value)


def test_a_task_of_a_group_has_no_network_of_its_own() -> None:
    with pytest.raises(InvalidTask, match="network of its group"):
        network_of(docker(network=Wire.BRIDGE), grouped=True)


def test_schedulers_are_told_where_a_task_is() -> None:
    (own,) = network_infos(infos(mesos.NetworkInfo(name="lab")), ["10.88.0.5"], "192.0.2.1")
    assert (own.name, own.ip_addresses[0].ip_address) == ("lab", "10.88.0.5")
    (of_host,) = network_infos(task("t1"), (), "192.0.2.1")
    assert of_host.ip_addresses[0].ip_address == "192.0.2.1"
    assert network_infos(docker(network=Wire.NONE), (), "192.0.2.1") == []


def test_only_addresses_that_others_can_use_are_told() -> None:
    told = [ip_address_of(host) for host in ("192.0.2.1", "::1", "0.0.0.0", "host.example")]
    assert told == ["192.0.2.1", "::1", "", ""]
