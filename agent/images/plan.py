"""Which images go, in which order, and why the others stay. Pure: nothing is asked or removed here.

Whoever carries a plan out judges each image once more before it goes: what a plan rests on may have changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.containerizer.image_store import Image, Layer
from agent.images.reference import is_meant, leads_to

NOT_PULLED = "not pulled by this agent"
MAX_REASONS = 5
"""Told of one image; how many more there are is told instead of the others."""


@dataclass(frozen=True, slots=True)
class Use:
    """What is known of an image's past. Times in seconds since the epoch; `last_used` counts from when it was
    seen first for an image that nobody used since. `names` are those that this agent pulled it by;
    `pulled_at` is None when it did not.
    """

    last_used: float
    names: tuple[str, ...] = ()
    pulled_at: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What keeps images from being removed.

    `users` says by an image's id who uses it; `wanted` by a name who is about to. `pins` and `excluded` are
    names, ids or patterns; `uses` is by id. With `everything` it does not matter who brought an image.
    """

    users: Mapping[str, tuple[str, ...]]
    wanted: Mapping[str, str]
    uses: Mapping[str, Use]
    pins: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """An image, and why it stays: without a reason it may go."""

    image: Image
    use: Use
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`remove` in its order, the least recently used first."""

    remove: tuple[Judged, ...]
    kept: tuple[Judged, ...]

    @property
    def freed_bytes(self) -> int:
        """What is stored of the layers that only images that go have."""
        return freed_by(
            [each.image for each in self.remove],
            [each.image for each in (*self.remove, *self.kept)],
        )


def plan(images: Iterable[Image], standing: Standing) -> Plan:
    """What a collection that needed all it can get would remove."""
    judged = [Judged(image, use_of(image, standing), why_kept(image, standing)) for image in images]
    going = sorted((each for each in judged if not each.kept), key=_age)
    return Plan(tuple(going), tuple(each for each in judged if each.kept))


def _age(judged: Judged) -> tuple[float, float, str]:
    return judged.use.last_used, judged.image.created, judged.image.id


def use_of(image: Image, standing: Standing) -> Use:
    """What is known of it; of one that was never looked at nothing but when it was built."""
    return standing.uses.get(image.id) or Use(image.created)


def why_kept(image: Image, standing: Standing) -> tuple[str, ...]:
    """Every reason for which the image stays; none: it may go."""
    why = list(standing.users.get(image.id, ()))
    for name, who in standing.wanted.items():
        if any(leads_to(name, own) for own in image.leads):
            why.append(who)
    for texts, word in ((standing.pins, "pinned"), (standing.excluded, "excluded")):
        why += [f"{word} as {text}" for text in texts if is_meant(text, image.id, image.leads)]
    if not standing.everything:
        why += _strangers(image, use_of(image, standing))
    return _shortened(tuple(dict.fromkeys(why)))


def _strangers(image: Image, use: Use) -> list[str]:
    """Who else may want it: it, or a name of it, was brought here by somebody else."""
    if use.pulled_at is None:
        return [NOT_PULLED]
    foreign = [name for name in image.names if not any(leads_to(own, name) for own in use.names)]
    return [f"also called {name}, which this agent did not pull" for name in foreign]


def _shortened(why: tuple[str, ...]) -> tuple[str, ...]:
    if len(why) <= MAX_REASONS:
        return why
    return (*why[: MAX_REASONS - 1], f"and {len(why) - MAX_REASONS + 1} more reasons")


def own_bytes(images: Sequence[Image]) -> dict[str, int]:
    """By the image's id: bytes of the layers that no other of these images has."""
    having = Counter(key for image in images for key in {layer.key for layer in image.layers})
    return {
        image.id: sum({e.key: e.size_bytes for e in image.layers if having[e.key] == 1}.values())
        for image in images
    }


def freed_by(gone: Sequence[Image], images: Iterable[Image]) -> int:
    """Bytes of the layers that only images in `gone` have, of all `images` on the host."""
    ids = {image.id for image in gone}
    staying = {layer.key for image in images if image.id not in ids for layer in image.layers}
    layers: dict[str, Layer] = {layer.key: layer for image in gone for layer in image.layers}
    return sum(layer.size_bytes for key, layer in layers.items() if key not in staying)
