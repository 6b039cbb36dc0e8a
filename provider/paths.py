"""Where a volume's directories are, below the mount root. Names only: nothing is made or looked at.

<mount root>/<volume>/staging     made by the provider, for NodeStageVolume
<mount root>/<volume>/target      made by the plugin, at NodePublishVolume
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote

MAX_DIRECTORY_NAME = 200
"""Characters. A volume id that is longer once quoted is named by its hash instead."""


class VolumePaths:
    """The paths of all volumes below one mount root."""

    def __init__(self, mount_root: str) -> None:
        self._root = mount_root

    @property
    def root(self) -> str:
        """What all of them are below."""
        return self._root

    def directory(self, volume_id: str) -> str:
        """The directory of a volume."""
        return f"{self._root}/{directory_name(volume_id)}"

    def target(self, volume_id: str) -> str:
        """Where the volume appears when it is published: a directory, or the device of a block volume."""
        return f"{self.directory(volume_id)}/target"

    def staging(self, volume_id: str) -> str:
        """Where the plugin prepares the volume for this host."""
        return f"{self.directory(volume_id)}/staging"


def directory_name(volume_id: str) -> str:
    """A file name of its own for any volume id, never "." or ".."."""
    quoted = quote(volume_id, safe="")
    if len(quoted) > MAX_DIRECTORY_NAME:
        return "h-" + hashlib.sha256(volume_id.encode()).hexdigest()
    return f"v-{quoted}"
