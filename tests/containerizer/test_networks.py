"""Which network a container has: the host's, none, a bridge with ports of the host, or its parent's."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.containerizer import podman_host
from agent.containerizer.interface import ContainerSpec, LaunchError, Network, PortMapping, Who
from tests.containerizer.conftest import Host

pytestmark = pytest.mark.needs("root", "podman")
on_podman = pytest.mark.parametrize("host", ["podman"], indirect=True)
on_bridge = pytest.mark.needs("bridge")

SERVER = """
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[1] == "udp" else socket.SOCK_STREAM
with socket.socket(socket.AF_INET, kind) as server:
    server.bind(("0.0.0.0", int(sys.argv[2])))
    if kind == socket.SOCK_DGRAM:
        open("ready", "w").close()
        said, peer = server.recvfrom(100)
        server.sendto(b"heard " + said, peer)
    else:
        server.listen()
        open("ready", "w").close()
        while True:
            peer, _ = server.accept()
            peer.sendall(b"heard " + peer.recv(100))
            peer.close()
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def spec_of(host: Host, name: str, argv: tuple[str, ...], network: Network) -> ContainerSpec:
    return ContainerSpec(name, argv, str(host.sandbox(name)), network=network)


def server(host: Host, name: str, port: int, network: Network, protocol: str = "tcp") -> ContainerSpec:
    python = shutil.which("python3", path="/usr/bin") or "python3"
    return spec_of(host, name, (python, "-c", SERVER, protocol, str(port)), network)


async def ready(host: Host, name: str) -> None:
    async with asyncio.timeout(10):
        while not (host.sandbox(name) / "ready").exists():
            await asyncio.sleep(0.02)


async def said(address: str, port: int, protocol: str = "tcp") -> bytes:
    def talk() -> bytes:
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, kind) as client:
            client.settimeout(5)
            client.connect((address, port))
            client.send(b"this")
            return client.recv(100)

    return await asyncio.to_thread(talk)


@on_podman
@on_bridge
async def test_on_a_bridge_a_container_has_an_address_and_its_ports_lead_to_it(host: Host) -> None:
    port = free_port()
    network = Network("bridge", ports=(PortMapping(port, 8000),))
    state = await host.containerizer.launch(server(host, "web", 8000, network))
    await ready(host, "web")
    (address,) = state.addresses
    assert await said(address, 8000) == b"heard this"
    assert await said("127.0.0.1", port) == b"heard this"
    await host.restart()
    (found,) = await host.containerizer.list()
    assert found.addresses == (address,)
    await host.containerizer.kill("web", grace_period=0)
    await host.containerizer.wait("web")
    (ended,) = await host.containerizer.list()
    assert ended.addresses == ()


@on_podman
@on_bridge
async def test_a_port_may_be_one_of_udp(host: Host) -> None:
    port = free_port()
    network = Network("bridge", ports=(PortMapping(port, 53, "udp"),))
    state = await host.containerizer.launch(server(host, "names", 53, network, "udp"))
    await ready(host, "names")
    assert await said(state.addresses[0], 53, "udp") == b"heard this"


@on_podman
@on_bridge
async def test_a_port_that_is_taken_is_told_and_nothing_is_left(host: Host) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        network = Network("bridge", ports=(PortMapping(taken.getsockname()[1], 8000),))
        with pytest.raises(LaunchError) as refused:
            await host.containerizer.launch(server(host, "late", 8000, network))
    assert (refused.value.about, refused.value.who) == ("network", Who.REQUEST)
    assert "a port of the host is taken" in refused.value.message
    assert await host.containerizer.list() == []


@pytest.fixture
def own_network() -> Iterator[str]:
    """A bridge network of the test's own, removed afterwards."""
    name = f"orlop-test-{uuid.uuid4().hex[:8]}"
    subprocess.run(["podman", "network", "create", name], check=True, capture_output=True)
    yield name
    subprocess.run(["podman", "network", "rm", "--force", name], check=True, capture_output=True)


@on_podman
@on_bridge
async def test_a_network_is_chosen_by_its_name(own_network: str, host: Host) -> None:
    state = await host.containerizer.launch(server(host, "named", 8000, Network("bridge", own_network)))
    (network,) = json.loads(
        subprocess.run(["podman", "network", "inspect", own_network], check=True, capture_output=True).stdout
    )
    (subnet,) = network["subnets"]
    assert state.addresses[0].rpartition(".")[0] == subnet["gateway"].rpartition(".")[0]
    await host.remove_all()


@on_podman
@on_bridge
async def test_a_network_that_is_not_there_is_told(host: Host) -> None:
    with pytest.raises(LaunchError, match="no such network") as refused:
        await host.containerizer.launch(server(host, "lost", 8000, Network("bridge", "orlop-no-such")))
    assert (refused.value.about, refused.value.who) == ("network", Who.REQUEST)


@on_podman
@on_bridge
async def test_nothing_of_a_bridge_is_left_when_the_monitor_was_killed(host: Host) -> None:
    port = free_port()
    state = await host.containerizer.launch(
        server(host, "orphan", 8000, Network("bridge", ports=(PortMapping(port, 8000),)))
    )
    assert state.pid is not None
    parent = int(Path(f"/proc/{state.pid}/stat").read_text().rpartition(")")[2].split()[1])
    subprocess.run(["kill", "-9", str(parent)], check=True)
    await host.containerizer.wait("orphan")
    await host.containerizer.remove("orphan")
    rules = subprocess.run(["iptables-save"], check=True, capture_output=True, text=True).stdout
    assert str(port) not in rules
    assert not Path("/var/lib/cni/networks/podman", state.addresses[0]).exists()


@on_podman
async def test_without_a_network_a_container_has_only_itself(host: Host) -> None:
    spec = spec_of(host, "alone", ("/bin/sh", "-c", "cat /proc/net/dev"), Network("none"))
    state = await host.containerizer.launch(spec)
    assert state.addresses == ()
    assert (await host.containerizer.wait("alone")).status == 0
    names = [line.partition(":")[0].strip() for line in host.output("alone").splitlines()[2:]]
    assert names == ["lo"]


@on_podman
async def test_where_bridges_cannot_be_had_that_is_shown_and_they_are_refused(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(podman_host, "_HELPERS", ("/nowhere",))
    monkeypatch.setattr(podman_host, "_NETAVARK", ())
    assert host.containerizer.isolation.networks == ("host", "none")
    assert any("containernetworking-plugins" in note for note in host.containerizer.isolation.notes)
    with pytest.raises(LaunchError, match="containernetworking-plugins") as refused:
        await host.containerizer.launch(server(host, "web", 8000, Network("bridge")))
    assert (refused.value.about, refused.value.who) == ("network", Who.OPERATOR)


@pytest.mark.parametrize("host", ["process"], indirect=True)
async def test_plain_processes_have_the_hosts_network_and_no_other(host: Host) -> None:
    assert host.containerizer.isolation.networks == ("host",)
    with pytest.raises(LaunchError, match="podman") as refused:
        await host.containerizer.launch(server(host, "web", 8000, Network("none")))
    assert (refused.value.about, refused.value.who) == ("network", Who.OPERATOR)


@on_podman
@on_bridge
async def test_a_group_shares_its_parents_network_and_memory_segments_but_not_its_files(host: Host) -> None:
    pause = spec_of(host, "root", ("sleep", "3600"), Network("bridge"))
    root = await host.containerizer.launch(pause)
    web = server(host, "web", 8000, Network())
    web = ContainerSpec(web.id, web.argv, web.sandbox, parent="root", joins="network")
    shared = f"/dev/shm/orlop-{uuid.uuid4().hex[:8]}"
    script = f"echo told > {shared}; touch /only-mine; touch ready; sleep 3600"
    writer = host.spec("writer", script, parent="root", joins="network")
    await host.containerizer.launch(web)
    await host.containerizer.launch(writer)
    await ready(host, "web")
    await ready(host, "writer")
    assert await said(root.addresses[0], 8000) == b"heard this"
    reader = host.spec("reader", f"cat {shared}; ls /only-mine", parent="root", joins="network")
    state = await host.containerizer.launch(reader)
    assert state.parent == "root"
    await host.containerizer.wait("reader")
    assert host.output("reader") == "told\n"
    assert not Path(shared).exists()


@on_podman
async def test_a_group_ends_with_its_parent_and_its_results_are_kept(host: Host) -> None:
    await host.containerizer.launch(host.spec("root", "sleep 3600"))
    await host.containerizer.launch(host.spec("a", "sleep 3600", parent="root", joins="network"))
    await host.containerizer.launch(host.spec("b", "exit 3", parent="root", joins="network"))
    assert (await host.containerizer.wait("b")).status == 3
    await host.restart()
    await host.containerizer.kill("root", grace_period=0)
    async with asyncio.timeout(10):
        assert (await host.containerizer.wait("a")).signal == 9
    await host.containerizer.remove("root")
    left = {state.id: state for state in await host.containerizer.list()}
    assert sorted(left) == ["a", "b"] and left["b"].exit is not None and left["b"].exit.status == 3
    assert left["a"].parent == "root"


@on_podman
async def test_a_group_whose_parent_died_while_the_agent_was_away_is_ended(host: Host) -> None:
    root = await host.containerizer.launch(host.spec("root", "sleep 3600"))
    await host.containerizer.launch(host.spec("a", "sleep 3600", parent="root", joins="network"))
    await host.containerizer.close()
    subprocess.run(["kill", "-9", str(root.pid)], check=True)
    await host.come_back()
    async with asyncio.timeout(10):
        assert (await host.containerizer.wait("a")).signal == 9


@on_podman
async def test_nothing_joins_a_parent_that_does_not_run(host: Host) -> None:
    with pytest.raises(LaunchError, match="does not run") as refused:
        await host.containerizer.launch(host.spec("a", "true", parent="nobody", joins="network"))
    assert refused.value.who is Who.REQUEST
    await host.containerizer.launch(host.spec("root", "exit 0"))
    await host.containerizer.wait("root")
    with pytest.raises(LaunchError, match="does not run"):
        await host.containerizer.launch(host.spec("a", "true", parent="root", joins="network"))
    assert [state.id for state in await host.containerizer.list()] == ["root"]
