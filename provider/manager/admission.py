"""Who may subscribe, and under which id; and who may be removed.

Judgement only: it asks the registry and says who is here, and keeps nothing. What it refuses, it refuses
with words that say what to do.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.default_reservations import default_reservations_of
from provider.manager.registry import Admitted, Registry
from provider.session import CallRefused, Refusal

MAX_PROVIDERS = 100
"""Providers that can be admitted at one time; more are refused until one is removed."""

MAX_SHOWN = 5
"""Resources that a refused removal names; the number of all is said."""

MAX_NAME_CHARACTERS = 200
"""Of a provider's type, and of its name; they are in every report and message."""


class ProviderInUse(Exception):
    """A provider cannot be removed; the message says what has to be done before."""


def judge(
    info: mesos.ResourceProviderInfo, registry: Registry, is_here: Callable[[str], bool]
) -> Admitted | None:
    """The provider that subscribes, or None for a new one. `is_here`: another session has that id.

    Raises CallRefused.
    """
    _check(info)
    if info.id is not UNSET:
        return _returning(info.id.value, info, registry)
    known = registry.named(info.type, info.name)
    if known is not None:
        if is_here(known.id):
            raise CallRefused(
                f"a provider {known} is subscribed already, as {known.id}: choose another name, or subscribe "
                "with its id to take its place",
                Refusal.TAKEN,
            )
        return known
    if len(registry.admitted) >= MAX_PROVIDERS:
        raise CallRefused(
            f"{MAX_PROVIDERS} providers are admitted already: give one up that is not needed any more "
            "(`orlop providers gone`)",
            Refusal.FULL,
        )
    return None


def _check(info: mesos.ResourceProviderInfo) -> None:
    for field, value in (("type", info.type), ("name", info.name)):
        if not value or len(value) > MAX_NAME_CHARACTERS or not value.isprintable():
            raise CallRefused(
                f"'resource_provider_info.{field}' has to be 1 to {MAX_NAME_CHARACTERS} printable characters"
            )
    if info.id is not UNSET and not info.id.value:
        raise CallRefused("'resource_provider_info.id' is empty: leave it out when the provider has none yet")
    try:
        default_reservations_of(info)
    except InvalidRequest as error:
        raise CallRefused(f"'resource_provider_info.default_reservations': {error}") from error


def _returning(provider_id: str, info: mesos.ResourceProviderInfo, registry: Registry) -> Admitted:
    if provider_id in registry.removed:
        raise CallRefused(
            f"provider {provider_id} was removed for good by an operator: end it; to serve what it has anew, "
            "begin a provider without an id",
            Refusal.REMOVED,
        )
    known = registry.admitted.get(provider_id)
    if known is None:
        raise CallRefused(
            f"provider id {provider_id!r} was never admitted here: subscribe without an id",
            Refusal.UNKNOWN_ID,
        )
    if (known.type, known.name) != (info.type, info.name):
        raise CallRefused(
            f"provider id {provider_id!r} is {known}, not {info.type}.{info.name}: subscribe with the type "
            "and name that it was admitted with, or without an id",
            Refusal.MISMATCH,
        )
    return known


def check_removable(provider: Admitted, state: rp.CallUpdateState | None) -> None:
    """Whether a provider that is here may be removed; `state` is what it reported last.

    Raises ProviderInUse.
    """
    if state is None:
        raise ProviderInUse(
            f"provider {provider} is here and has not reported yet what it has: try again when it has, or "
            "end it"
        )
    has = [each for each in state.resources if each.scalar is UNSET or each.scalar.value > 0.0]
    if has:
        names = ", ".join(_named(each) for each in has[:MAX_SHOWN])
        more = "" if len(has) <= MAX_SHOWN else f" and {len(has) - MAX_SHOWN} more"
        raise ProviderInUse(
            f"provider {provider} is here and still has resources ({names}{more}): destroy its disks, then "
            "end it (stop its process, or remove its configuration), and call again when it has left"
        )


def _named(resource: mesos.Resource) -> str:
    source = UNSET if resource.disk is UNSET else resource.disk.source
    if source is UNSET:
        return resource.name
    if source.id is not UNSET:
        return f"disk {source.id}"
    return "a pool" if source.profile is UNSET else f"the pool of profile {source.profile}"
