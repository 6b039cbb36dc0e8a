"""What a plugin's containers say of themselves, put together: what it can do, and what of that is used.

Pure. The client asks each container what it serves and fills in a `Described`; `facts_of` joins those of
the container that serves the controller and of the one that serves the node. `assess` is the table for
people: each capability that CSI 1.x knows, whether the plugin has it, and whether anything here uses it.
It must not know a socket or protobuf.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provider.calls import PluginFacts
from provider.plugins.config import PluginConfig, Service
from provider.volume import EMPTY, Capabilities

CONTROLLER_SERVICE = "CONTROLLER_SERVICE"


class Unusable(Exception):
    """What the plugin says of itself cannot work as it is configured: an operator must change either."""


@dataclass(frozen=True, slots=True)
class Described:
    """What one container says. `plugin`: its plugin capabilities; `controller` and `node`: those of these
    services, None when they were not asked for. For the rest see `PluginFacts`."""

    name: str
    vendor_version: str
    plugin: frozenset[str] = frozenset()
    controller: frozenset[str] | None = None
    node: frozenset[str] | None = None
    node_id: str = ""
    topology: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    max_volumes: int = 0


def check(
    described: Described, services: frozenset[Service], config: PluginConfig, known_as: str | None
) -> None:
    """Raises Unusable unless it has the services that it is used for, and is the plugin that looks after the
    volumes, which is called `known_as` (None: there are no volumes).

    Another plugin would say of each of them that it does not exist. One that is called as the configuration
    says is taken for the same under a new name.
    """
    if known_as not in (None, described.name) and config.type != described.name:
        raise Unusable(
            f"it says that it is {described.name[:200]!r} (GetPluginInfo), but the volumes here are"
            f" {known_as!r}'s, which it may not know: run that again"
        )
    if Service.CONTROLLER in services and CONTROLLER_SERVICE not in described.plugin:
        raise Unusable(
            "it has no CONTROLLER_SERVICE (GetPluginCapabilities), which its configuration says it serves:"
            " take the service off its container's list, or start it in the mode that serves controllers"
        )


def remark(described: Described, config: PluginConfig) -> str:
    """What an operator should know of a plugin that works all the same; "" for nothing."""
    if config.type in ("", described.name):
        return ""
    return (
        f"it says that it is {described.name[:200]!r} (GetPluginInfo), and is configured as {config.type!r}:"
        " unless this is meant, give its name as the plugin's type, or run the right program"
    )


def facts_of(parts: Mapping[Service, Described]) -> PluginFacts:
    """One plugin's facts from what serves its controller, its node, or both; at least one of them."""
    controller = parts.get(Service.CONTROLLER)
    node = parts.get(Service.NODE)
    first = controller or node
    assert first is not None
    own = controller.controller or frozenset() if controller is not None else frozenset()
    here = node.node or frozenset() if node is not None else frozenset()
    return PluginFacts(
        first.name,
        first.vendor_version,
        Capabilities(
            create_delete_volume="CREATE_DELETE_VOLUME" in own,
            controller_publish="PUBLISH_UNPUBLISH_VOLUME" in own,
            stage="STAGE_UNSTAGE_VOLUME" in here,
            list_volumes="LIST_VOLUMES" in own,
            get_capacity="GET_CAPACITY" in own,
            topology="VOLUME_ACCESSIBILITY_CONSTRAINTS" in first.plugin,
            controller_expand="EXPAND_VOLUME" in own,
            node_expand="EXPAND_VOLUME" in here,
            online_expand="ONLINE" in first.plugin,
            readonly_publish="PUBLISH_READONLY" in own,
        ),
        node.node_id if node is not None else "",
        tuple(sorted(_names(first.plugin, own, here))),
        node.topology if node is not None else EMPTY,
        node.max_volumes if node is not None else 0,
        controller is not None,
    )


# For people


class Use(enum.StrEnum):
    """What becomes of a capability."""

    USED = "USED"
    UNUSED = "UNUSED"
    """The plugin has it, and nothing here asks for it."""
    ABSENT = "ABSENT"
    """The plugin does not have it."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A capability as `orlop plugins` shows it."""

    name: str
    use: Use
    note: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What having it is good for when it is used, else why it is not; what lacking it means."""

    name: str
    used: bool
    has: str
    lacks: str = ""


_NO_SNAPSHOTS = "snapshots and clones are not made here"
_KNOWN_PLUGIN = (
    _Known("CONTROLLER_SERVICE", True, "", "volumes can be neither made nor found"),
    _Known(
        "VOLUME_ACCESSIBILITY_CONSTRAINTS",
        True,
        "volumes and capacity are asked for where this node reaches them",
        "its volumes are taken to be reachable from this node",
    ),
    _Known(
        "ONLINE", True, "volumes grow while they are published", "volumes grow only while nobody uses them"
    ),
    _Known("OFFLINE", True, "volumes grow while nobody uses them"),
    _Known("GROUP_CONTROLLER_SERVICE", False, "snapshots of groups are not made here"),
    _Known("SNAPSHOT_METADATA_SERVICE", False, _NO_SNAPSHOTS),
)
_KNOWN_CONTROLLER = (
    _Known("CREATE_DELETE_VOLUME", True, "", "no volume can be made; those that are there can be imported"),
    _Known("PUBLISH_UNPUBLISH_VOLUME", True, "", "volumes need no attaching to a node"),
    _Known("LIST_VOLUMES", True, "", "volumes made elsewhere are not seen, and lost ones not noticed"),
    _Known(
        "GET_CAPACITY", True, "", "nobody knows what is free: it offers pools of profiles with a `capacity`"
    ),
    _Known("EXPAND_VOLUME", True, "", "volumes grow at the node alone, or not at all"),
    _Known("PUBLISH_READONLY", True, "", "read-only is left to the node"),
    _Known("SINGLE_NODE_MULTI_WRITER", True, "a profile may say SINGLE_NODE_SINGLE_WRITER or _MULTI_WRITER"),
    _Known("CREATE_DELETE_SNAPSHOT", False, _NO_SNAPSHOTS),
    _Known("LIST_SNAPSHOTS", False, _NO_SNAPSHOTS),
    _Known("GET_SNAPSHOT", False, _NO_SNAPSHOTS),
    _Known("CLONE_VOLUME", False, _NO_SNAPSHOTS),
    _Known("LIST_VOLUMES_PUBLISHED_NODES", False, "where a volume is published is kept here"),
    _Known("VOLUME_CONDITION", False, "conditions of volumes are not asked for"),
    _Known("GET_VOLUME", False, "single volumes are not asked for"),
    _Known("MODIFY_VOLUME", False, "what a volume was made with is not changed afterwards"),
)
_KNOWN_NODE = (
    _Known("STAGE_UNSTAGE_VOLUME", True, "", "volumes are published without being staged"),
    _Known("EXPAND_VOLUME", True, "", "the node has nothing to do when a volume grows"),
    _Known("SINGLE_NODE_MULTI_WRITER", True, "a profile may say SINGLE_NODE_SINGLE_WRITER or _MULTI_WRITER"),
    _Known("GET_VOLUME_STATS", False, "how full a volume is, is not asked for"),
    _Known("VOLUME_CONDITION", False, "conditions of volumes are not asked for"),
    _Known("VOLUME_MOUNT_GROUP", False, "volumes are not mounted for a group"),
)


def assess(parts: Mapping[Service, Described]) -> tuple[Assessed, ...]:
    """Every capability that CSI knows or this plugin names. One name in two services is told apart as
    `controller.NAME` and `node.NAME`."""
    controller = parts.get(Service.CONTROLLER)
    node = parts.get(Service.NODE)
    first = controller or node
    own = controller.controller if controller is not None else None
    here = node.node if node is not None else None
    return (
        *_assess("", _KNOWN_PLUGIN, first.plugin if first is not None else frozenset()),
        *_assess("controller.", _KNOWN_CONTROLLER, own or frozenset()),
        *_assess("node.", _KNOWN_NODE, here or frozenset()),
    )


_TWICE = {each.name for each in _KNOWN_CONTROLLER} & {each.name for each in _KNOWN_NODE}


def _assess(where: str, known: Iterable[_Known], has: frozenset[str]) -> Iterable[Assessed]:
    names = set()
    for each in known:
        names.add(each.name)
        shown = f"{where}{each.name}" if each.name in _TWICE else each.name
        if each.name not in has:
            yield Assessed(shown, Use.ABSENT, each.lacks)
        else:
            yield Assessed(shown, Use.USED if each.used else Use.UNUSED, each.has)
    for name in sorted(has - names):
        yield Assessed(f"{where}{name}", Use.UNUSED, "newer than the CSI that is spoken here")


def _names(*found: frozenset[str]) -> set[str]:
    return set().union(*found)
