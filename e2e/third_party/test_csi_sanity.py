"""The built-in plugin, in a process of its own, against the CSI community's test suite (csi-sanity)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.harness.daemon import Daemon, until
from e2e.third_party import sanity
from tests.telling import Tell

START_SECONDS = 20.0
POOL = "2GiB"

IMAGE = pytest.mark.needs("root", "mount", "loop", "ext4")
KINDS = [
    pytest.param("image", "mount", marks=IMAGE),
    pytest.param("image", "block", marks=IMAGE),
    pytest.param("dir", "mount"),
]

PASSED_AT_LEAST = 49
"""Specs that must pass: a capability that the plugin stops announcing takes some away, and is noticed."""

NOT_OFFERED = frozenset(
    f"{feature} not supported"
    for feature in (
        # A local disk is where it is: there is nothing to attach to a node.
        "ControllerPublishVolume",
        "ControllerUnpublishVolume",
        "Controller Publish, UnpublishVolume",
        # Neither snapshots nor clones, of one volume or of a group.
        "CreateSnapshot",
        "DeleteSnapshot",
        "GetSnapshot",
        "ListSnapshots",
        "Snapshot",
        "GroupControllerService",
        "Volume Cloning",
        # No parameter of a volume can change.
        "ControllerModifyVolume",
        "Modify volume",
        "Modify Volume",
        # Calls of a CSI later than 1.12, which the plugin speaks.
        "ControllerGetVolumeHealth",
        "ControllerListVolumeHealth",
        "NodeGetStorageHealth",
        "NodeGetVolumeHealth",
    )
)
"""The only reasons for which the suite may leave specs out: all else the plugin announces, and is tried."""


@contextmanager
def serving(folder: Path, backend: str) -> Iterator[Daemon]:
    """The plugin, answering on `csi.sock`. Asked to end at the end, it must end well."""
    arguments = ["plugin", "local-disk", "--endpoint", f"unix://{folder}/csi.sock", "--node-id", "node-1"]
    options = ["--pool", str(folder / "pool"), "--backend", backend, "--capacity", POOL]
    plugin = Daemon("plugin", arguments + options, folder)
    plugin.start()
    try:
        until(
            lambda: not plugin.is_running or (folder / "csi.sock").is_socket(),
            START_SECONDS,
            "the plugin serves its socket",
        )
        assert plugin.is_running, plugin.tail()
        yield plugin
    except BaseException:
        plugin.kill()
        raise
    assert plugin.terminate() == 0, plugin.tail()


@pytest.mark.needs("csi-sanity")
@pytest.mark.parametrize(("backend", "access_type"), KINDS)
def test_the_plugin_passes_all_specs_of_what_it_announces(
    short_dir: Path, backend: str, access_type: sanity.AccessType, tell: Tell
) -> None:
    with serving(short_dir, backend) as plugin:
        verdict = sanity.run(f"unix://{short_dir}/csi.sock", short_dir, access_type)
        assert not verdict.failures, "\n\n".join([*verdict.failures, plugin.tail()])
        assert verdict.status == 0, verdict.output
    tell(f"csi-sanity, {backend} backend, {access_type} volumes: {verdict.counts()}")
    assert verdict.passed >= PASSED_AT_LEAST, verdict.output
    assert verdict.skipped.keys() <= NOT_OFFERED
