"""When images are collected without being asked to, and which never are. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImagePolicy:
    """Shares are of the filesystem that holds the images.

    With less free than `headroom` images are collected until `low_water` is free, the least recently used
    first. `headroom` None: by hand alone. `pins` are names, ids or patterns of images that never go;
    `everything`: also images that this agent did not pull.

    Raises ValueError: `low_water` has to be above `headroom`, or nothing would be won.
    """

    headroom: float | None = 0.1
    low_water: float = 0.2
    interval: float = 60.0
    """Seconds between looks; a pull that ends is followed by one at once."""
    pins: tuple[str, ...] = ()
    everything: bool = False

    def __post_init__(self) -> None:
        if self.headroom is not None and not 0 <= self.headroom < self.low_water <= 1:
            raise ValueError(
                f"images are collected with less than {self.headroom:.0%} free until {self.low_water:.0%} is:"
                " the second has to be more than the first"
            )
