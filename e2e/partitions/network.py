"""Hosts with addresses of their own on one switch, all in network namespaces, and ways to cut them apart.

A namespace lives as long as its holder, a process that ends with the tests, however these end: so nothing of
it can be left over. The host's own network gets one end of a cable, and a route to the addresses of the lab;
its bridges and its firewall are not touched. It must not know what runs on the hosts.
"""

from __future__ import annotations

import contextlib
import ctypes
import ipaddress
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ADDRESSES: Final = ipaddress.ip_network("198.18.0.0/15")
"""Set aside for tests of networks (RFC 2544): no host on the Internet has one of them."""
PREFIX: Final = "orlp"
"""Names of interfaces begin with it; they have at most 15 characters."""
PROGRAM_SECONDS: Final = 30
PR_SET_PDEATHSIG: Final = 1
CLONE_NEWNET: Final = 0x40000000
NO_RULES: Final = "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT"


class Namespace:
    """One network namespace, and how to run something in it (with the mounts of whoever does)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._holder = subprocess.Popen(
            ["sleep", "infinity"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_in_a_new_network,
        )

    @property
    def pid(self) -> int:
        """Of the process that holds it."""
        return self._holder.pid

    @property
    def enter(self) -> tuple[str, ...]:
        """What comes before the command line of a program that is to run in it."""
        return ("nsenter", f"--net=/proc/{self.pid}/ns/net", "--")

    def run(self, *command: str) -> str:
        """What the program printed. Raises AssertionError when it fails."""
        return _run(*self.enter, *command)

    def inhabitants(self) -> list[int]:
        """Processes that live in it, but the holder."""
        wanted = Path(f"/proc/{self.pid}/ns/net").readlink()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (folder / "ns" / "net").readlink() == wanted and int(folder.name) != self.pid:
                    found.append(int(folder.name))
        return found

    def close(self) -> None:
        """It goes with the last process that lives in it."""
        self._holder.kill()
        self._holder.wait()


@dataclass(eq=False)
class Host:
    """One host: its namespace, its address, the port of the switch that its cable is in."""

    name: str
    namespace: Namespace
    address: str
    port: str
    dropped: list[tuple[str, str]] = field(default_factory=list)
    """Chain and address of each rule that drops packets now."""

    def drop(self, chain: str, address: str) -> None:
        """Let nothing through to (OUTPUT) or from (INPUT) that address any more."""
        self._rule("-A", chain, address)
        self.dropped.append((chain, address))

    def undrop(self, chain: str, address: str) -> None:
        self._rule("-D", chain, address)
        self.dropped.remove((chain, address))

    def rules(self) -> str:
        return self.namespace.run("iptables", "-w", "-S").strip()

    def _rule(self, action: str, chain: str, address: str) -> None:
        peer = "-d" if chain == "OUTPUT" else "-s"
        self.namespace.run("iptables", "-w", action, chain, peer, address, "-j", "DROP")


class Network:
    """A switch and hosts. The tests themselves have the first address."""

    def __init__(self) -> None:
        self.tag = f"{PREFIX}{secrets.token_hex(3)}"
        self.hosts: dict[str, Host] = {}
        self._subnet = _unused_subnet()
        self._addresses = iter(self._subnet.hosts())
        self._switch = Namespace("switch")
        self.address = str(next(self._addresses))
        """Of the tests."""
        try:
            self._lay_out()
        except BaseException:
            self.close()
            raise

    def _lay_out(self) -> None:
        switch = self._switch
        switch.run("ip", "link", "set", "lo", "up")
        switch.run("ip", "link", "add", "switch", "type", "bridge", "forward_delay", "0")
        switch.run("ip", "link", "set", "switch", "up")
        # The end in the switch's namespace goes with it, and takes the host's end along.
        _run("ip", "link", "add", self.tag, "type", "veth", "peer", "name", "tests", "netns", str(switch.pid))
        switch.run("ip", "link", "set", "tests", "master", "switch", "up")
        _run("ip", "address", "add", f"{self.address}/{self._subnet.prefixlen}", "dev", self.tag)
        _run("ip", "link", "set", self.tag, "up")

    def host(self, name: str) -> Host:
        """Another host, connected."""
        namespace = Namespace(name)
        address, port = str(next(self._addresses)), f"port{len(self.hosts)}"
        host = self.hosts[name] = Host(name, namespace, address, port)
        cable = ("type", "veth", "peer", "name", "eth0", "netns", str(namespace.pid))
        self._switch.run("ip", "link", "add", port, *cable)
        self._switch.run("ip", "link", "set", port, "master", "switch", "up")
        namespace.run("ip", "link", "set", "lo", "up")
        namespace.run("ip", "address", "add", f"{address}/{self._subnet.prefixlen}", "dev", "eth0")
        namespace.run("ip", "link", "set", "eth0", "up")
        return host

    def unplug(self, host: Host) -> None:
        """The cable is out at the switch: nothing reaches the host, and nobody hears of it."""
        self._switch.run("ip", "link", "set", host.port, "down")

    def plug_in(self, host: Host) -> None:
        self._switch.run("ip", "link", "set", host.port, "up")

    def heal(self) -> None:
        """All cables are in, no rule is left."""
        for host in self.hosts.values():
            for rule in list(host.dropped):
                host.undrop(*rule)
            self.plug_in(host)

    def leftovers(self, *, but: tuple[Host, ...] = ()) -> list[str]:
        """Rules, and processes that still live on one of the hosts `but` for some."""
        left = []
        for host in (host for host in self.hosts.values() if host not in but):
            left += [f"{host.name}: {rule}" for rule in host.rules().splitlines() if rule not in NO_RULES]
            left += [f"{host.name}: process {_command_of(pid)}" for pid in host.namespace.inhabitants()]
        return left

    def close(self) -> None:
        """All of it goes; what still runs on a host is killed."""
        namespaces = [*(host.namespace for host in self.hosts.values()), self._switch]
        for namespace in namespaces:
            for pid in namespace.inhabitants():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            namespace.close()
        subprocess.run(["ip", "link", "delete", self.tag], capture_output=True, check=False)


@contextlib.contextmanager
def cut(host: Host, peer: Host, direction: str) -> Iterator[None]:
    """Between two hosts nothing gets through `to` the peer, `from` it, or `both` ways, while this lasts."""
    rules = [
        (chain, peer.address)
        for chain, ways in (("OUTPUT", ("to", "both")), ("INPUT", ("from", "both")))
        if direction in ways
    ]
    for rule in rules:
        host.drop(*rule)
    try:
        yield
    finally:
        for rule in rules:
            host.undrop(*rule)


def _in_a_new_network() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare: a network of its own")


def _unused_subnet() -> ipaddress.IPv4Network:
    """A /24 of which this host knows nothing yet."""
    known = _run("ip", "-4", "route", "show", "table", "all")
    nets = list(ADDRESSES.subnets(new_prefix=24))
    while True:
        net = secrets.choice(nets)
        if str(net.network_address).rpartition(".")[0] not in known:
            assert isinstance(net, ipaddress.IPv4Network)
            return net


def _command_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return f"{pid} " + Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:200]
    return f"{pid} (gone)"


def _run(*command: str) -> str:
    ran = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PROGRAM_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, f"{' '.join(command)}: {ran.returncode} {ran.stderr}"
    return ran.stdout
