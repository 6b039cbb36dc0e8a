"""`orlop plugins`: each CSI plugin, its containers, its calls, and what becomes of each capability it has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from api.model.clock import SystemClock
from api.wire.v1 import master
from api.wire.v1 import resource_provider as rp
from cli.options import Output
from cli.output import print_json, print_table, text
from cli.profiles import group_text
from client.operator import OperatorClient

USES = {
    rp.PluginCapabilityUse.USED: "used",
    rp.PluginCapabilityUse.UNUSED: "has, not used",
    rp.PluginCapabilityUse.ABSENT: "lacks",
}


async def show(client: OperatorClient, output: Output) -> None:
    """Tables for people, all of it as one document for programs."""
    providers = [each for each in await client.providers() if each.plugin is not UNSET]
    if output is Output.JSON:
        print_json({"plugins": [_document(each) for each in providers]})
        return
    now = SystemClock().now()
    headers = ("NAME", "VERSION", "STATE", "RESTARTS", "CALLS", "PROVIDER", "AGENT", "MESSAGE")
    rows = [_row(each, now) for each in providers]
    print_table(headers, rows, "No plugins: no provider has reported one yet.")
    if providers:
        _print_containers(providers)
        _print_capabilities(providers)
        _print_sharing(providers)


def _document(provider: master.Provider) -> dict[str, Any]:
    return {
        "resource_provider_id": provider.resource_provider_info.id,
        "resource_provider_type": provider.resource_provider_info.type,
        "resource_provider_name": provider.resource_provider_info.name,
        "agent_id": provider.agent_id,
        "plugin": provider.plugin,
    }


def _row(provider: master.Provider, now: float) -> tuple[str, ...]:
    plugin = _plugin(provider)
    return (
        _name(provider),
        text(plugin.vendor_version),
        text(plugin.state) + _again(plugin, now),
        text(plugin.restarts),
        f"{text(plugin.calls_in_flight)} of {text(plugin.calls_limit)}",
        provider.resource_provider_info.name,
        text(provider.agent_id),
        text(plugin.message),
    )


def _again(plugin: rp.PluginState, now: float) -> str:
    """When it is tried again; by this host's clock, which may differ from the agent's."""
    if plugin.next_start is UNSET:
        return ""
    return f" (again in {max(0, round(plugin.next_start - now))}s)"


def _print_containers(providers: Iterable[master.Provider]) -> None:
    containers = [each for provider in providers for each in _plugin(provider).containers]
    print()
    print_table(
        ("CONTAINER", "STATE", "RESTARTS", "SERVES", "MESSAGE"),
        (
            (
                text(each.container_id),
                text(each.state),
                text(each.restarts),
                ",".join(each.services) or "-",
                text(each.message),
            )
            for each in containers
        ),
        "No containers have been reported.",
    )
    for each in containers:
        if each.log:
            print(f"\nLast lines of {text(each.container_id)}:")
            for line in each.log:
                print(f"  {line}")


def _print_capabilities(providers: Iterable[master.Provider]) -> None:
    """Once for all plugins that are alike."""
    alike: dict[tuple[str, ...], list[rp.PluginCapability]] = {}
    for provider in providers:
        plugin = _plugin(provider)
        found = plugin.capabilities_detail
        if found:
            key = (_name(provider), text(plugin.vendor_version), *(f"{c.name} {text(c.use)}" for c in found))
            alike.setdefault(key, found)
    if not alike:
        return
    print()
    print_table(
        ("PLUGIN", "CAPABILITY", "USE", ""),
        (
            (name, each.name, "-" if each.use is UNSET else USES.get(each.use, "-"), _note(each))
            for (name, *_), found in alike.items()
            for each in found
        ),
        "",
    )


def _print_sharing(providers: Iterable[master.Provider]) -> None:
    """Which pools share capacity, where a plugin has several."""
    rows = [
        (
            _name(provider),
            provider.resource_provider_info.name,
            profile.name,
            group_text(profile),
            "" if profile.sharing_note is UNSET else profile.sharing_note,
        )
        for provider in providers
        for profile in provider.profiles
        if profile.sharing is not UNSET
    ]
    if rows:
        print()
        print_table(("PLUGIN", "PROVIDER", "PROFILE", "CAPACITY GROUP", ""), rows, "")


def _note(capability: rp.PluginCapability) -> str:
    return "" if capability.note is UNSET else capability.note


def _name(provider: master.Provider) -> str:
    """Its own, or before it has said one, the type that it is configured as."""
    plugin, storage = _plugin(provider), provider.resource_provider_info.storage
    if plugin.name is UNSET and storage is not UNSET:
        return storage.plugin.type
    return text(plugin.name)


def _plugin(provider: master.Provider) -> rp.PluginState:
    assert provider.plugin is not UNSET, "asked only of those that have reported one"
    return provider.plugin
