"""Which network a task asks for, and what its owner is told of it. Pure.

`docker.network` and `docker.port_mappings`, or `network_infos`: both say the same, and a container may use
one of them. A port of the host has to be among the task's resources, so that no two tasks get the same.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import UNSET, UnsetType

from agent.commands import InvalidTask
from agent.containerizer.interface import Network, PortMapping
from api.wire.v1 import mesos

MAX_MAPPINGS: Final = 256
"""Ports of one container that are mapped."""

PORTS: Final = range(1, 65_536)
HOST: Final = Network()
WireNetwork = mesos.ContainerInfoDockerInfoNetwork
Mapping = mesos.ContainerInfoDockerInfoPortMapping | mesos.NetworkInfoPortMapping


def network_of(info: mesos.TaskInfo, *, grouped: bool = False) -> Network:
    """The network of the task's container; a group's tasks have that of their group. Raises InvalidTask."""
    container = info.container
    if container is UNSET:
        return HOST
    if container.network_infos:
        network = _from_infos(container)
    elif container.docker is not UNSET:
        network = _from_docker(container.docker)
    else:
        return HOST
    if grouped and network != HOST:
        raise InvalidTask("a task of a group uses the network of its group: say it of the executor")
    _check_ports(network.ports, info.resources)
    return network


def _from_docker(docker: mesos.ContainerInfoDockerInfo) -> Network:
    ports = _ports(docker.port_mappings)
    if docker.network is WireNetwork.BRIDGE:
        return Network("bridge", None, ports)
    if docker.network is WireNetwork.USER:
        raise InvalidTask("docker.network USER needs the network's name: give it in network_infos")
    if ports:
        raise InvalidTask(f"port_mappings need the network BRIDGE, not {docker.network}")
    return Network("none") if docker.network is WireNetwork.NONE else HOST


def _from_infos(container: mesos.ContainerInfo) -> Network:
    docker = container.docker
    if docker is not UNSET and (docker.port_mappings or docker.network is WireNetwork.NONE):
        raise InvalidTask("both docker.network or its port_mappings and network_infos: leave one out")
    if len(container.network_infos) > 1:
        raise InvalidTask("network_infos: a container has one network")
    (wanted,) = container.network_infos
    for present, what in (
        (wanted.groups, "groups"),
        (any(address.ip_address is not UNSET for address in wanted.ip_addresses), "ip_addresses"),
    ):
        if present:
            raise InvalidTask(f"network_infos: {what} cannot be chosen here")
    ports = _ports(wanted.port_mappings)
    asks_bridge = docker is not UNSET and docker.network in (WireNetwork.BRIDGE, WireNetwork.USER)
    if wanted.name is UNSET and not ports and not asks_bridge:
        return HOST
    return Network("bridge", None if wanted.name is UNSET else wanted.name, ports)


def _ports(mappings: Sequence[Mapping]) -> tuple[PortMapping, ...]:
    if len(mappings) > MAX_MAPPINGS:
        raise InvalidTask(f"port_mappings: at most {MAX_MAPPINGS} are taken")
    ports = tuple(
        PortMapping(_port(each.host_port), _port(each.container_port), _protocol(each.protocol))
        for each in mappings
    )
    taken = [(port.host, port.protocol) for port in ports]
    if len(set(taken)) < len(taken):
        raise InvalidTask("port_mappings: a port of the host is named twice")
    return ports


def _port(port: int) -> int:
    if port not in PORTS:
        raise InvalidTask(f"port_mappings: there is no port {port}")
    return port


def _protocol(protocol: str | UnsetType) -> Literal["tcp", "udp"]:
    match "tcp" if protocol is UNSET else protocol.lower():
        case "tcp":
            return "tcp"
        case "udp":
            return "udp"
    raise InvalidTask(f"port_mappings: the protocol {str(protocol)[:20]!r} is neither tcp nor udp")


def _check_ports(ports: Iterable[PortMapping], resources: Sequence[mesos.Resource]) -> None:
    held = [
        span
        for resource in resources
        if resource.name == "ports" and resource.ranges is not UNSET
        for span in resource.ranges.range
    ]
    for port in ports:
        if not any(span.begin <= port.host <= span.end for span in held):
            raise InvalidTask(
                f"port {port.host} of the host is mapped and is not among the task's ports:"
                " take it from the offer"
            )


def network_infos(
    info: mesos.TaskInfo, addresses: Sequence[str], host_address: str
) -> list[mesos.NetworkInfo]:
    """Where the task can be reached: its container's addresses, or its host's. Empty when nobody knows."""
    container = info.container
    asked = [] if container is UNSET else container.network_infos
    if addresses:
        found = list(addresses)
    elif host_address and _uses_host(info):
        found = [host_address]
    else:
        return []
    network = mesos.NetworkInfo(ip_addresses=[_address(each) for each in found])
    if asked:
        network.name = asked[0].name
        network.labels = asked[0].labels
        network.port_mappings = asked[0].port_mappings
    return [network]


def ip_address_of(host: str) -> str:
    """`host` when it is an IP address that others can use; else nothing: a name is no address."""
    try:
        return "" if ipaddress.ip_address(host).is_unspecified else host
    except ValueError:
        return ""


def _uses_host(info: mesos.TaskInfo) -> bool:
    try:
        return network_of(info) == HOST
    except InvalidTask:
        return False


def _address(address: str) -> mesos.NetworkInfoIPAddress:
    kind = mesos.NetworkInfoProtocol.IPv6 if ":" in address else mesos.NetworkInfoProtocol.IPv4
    return mesos.NetworkInfoIPAddress(protocol=kind, ip_address=address)
