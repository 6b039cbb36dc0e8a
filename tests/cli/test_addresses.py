"""The address that a daemon tells others is one that they can use."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from cli.daemon import address_for_others


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "host.example"])
def test_an_address_that_was_named_is_told(address: str) -> None:
    assert address_for_others(address) == address


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_of_all_addresses_one_of_this_host_is_told(address: str) -> None:
    told = ipaddress.ip_address(address_for_others(address))
    assert told.version == ipaddress.ip_address(address).version
    assert not told.is_unspecified
    family = socket.AF_INET if told.version == 4 else socket.AF_INET6
    with socket.socket(family) as listening:
        listening.bind((str(told), 0))  # it is one of this host's


def test_without_a_way_to_the_world_outside_it_is_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(self: socket.socket, address: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", nowhere)
    assert (address_for_others("0.0.0.0"), address_for_others("::")) == ("127.0.0.1", "::1")
