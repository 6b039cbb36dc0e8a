"""What goes, in which order, and what is said of what stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.containerizer.image_store import Image, Layer
from agent.containerizer.podman_images import layers_of
from agent.images.gc_policy import ImagePolicy
from agent.images.plan import NOT_PULLED, Standing, Use, freed_by, own_bytes, plan
from agent.images.reference import canonical, is_meant, leads_to, problem

HOST = "registry.example:5000"
DIGEST = "sha256:" + "0" * 64


def image(number: int, *layers: Layer, names: tuple[str, ...] | None = None) -> Image:
    own = layers or (Layer(f"layer-{number}", 10),)
    size = sum(layer.size_bytes for layer in own)
    return Image(f"{number:064x}", names or (f"{HOST}/app-{number}:1",), size, float(number), own)


def standing(*used: tuple[Image, float], **others: object) -> Standing:
    uses = {each.id: Use(at, each.names, at) for each, at in used}
    fields: dict[str, object] = {"users": {}, "wanted": {}, "uses": uses, **others}
    return Standing(**fields)  # type: ignore[arg-type]


def test_the_least_recently_used_goes_first() -> None:
    images = [image(1), image(2), image(3)]
    done = plan(images, standing((images[0], 30.0), (images[1], 10.0), (images[2], 20.0)))
    assert [each.image.id for each in done.remove] == [images[1].id, images[2].id, images[0].id]
    assert done.kept == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"users": {image(1).id: ("in use by task web",)}}, "in use by task web"),
        ({"wanted": {f"{HOST}/app-1:1": "task web waits to start"}}, "task web waits to start"),
        ({"wanted": {"app-1:1": "task web waits to start"}}, "task web waits to start"),
        ({"pins": (f"{HOST}/app-*",)}, f"pinned as {HOST}/app-*"),
        ({"excluded": (image(1).id[:12],)}, f"excluded as {image(1).id[:12]}"),
        ({"uses": {}}, NOT_PULLED),
        ({"uses": {image(1).id: Use(1.0)}}, NOT_PULLED),
    ],
)
def test_what_stays_says_why(fields: dict[str, object], said: str) -> None:
    one = image(1)
    done = plan([one], standing((one, 1.0), **fields))
    assert done.remove == () and done.kept[0].kept == (said,)


def test_a_name_that_somebody_else_gave_keeps_an_image_unless_everything_may_go() -> None:
    both = image(1, names=(f"{HOST}/app-1:1", "localhost/mine:1"))
    uses = {both.id: Use(1.0, (f"{HOST}/app-1:1",), 1.0)}
    done = plan([both], standing(uses=uses))
    assert done.kept[0].kept == ("also called localhost/mine:1, which this agent did not pull",)
    assert plan([both], standing(uses=uses, everything=True)).kept == ()


@pytest.mark.parametrize("how", ["wanted", "pins", "excluded"])
def test_a_digest_means_an_image_that_was_pulled_by_its_tag(how: str) -> None:
    named, other = f"{HOST}/app-1@{DIGEST}", f"{HOST}/app-2@{DIGEST}"
    tagged = replace(image(1), digests=(named,))
    meant = {"wanted": {named: "task web waits to start"}, "pins": (named,), "excluded": (named,)}
    assert plan([tagged], standing((tagged, 1.0), **{how: meant[how]})).remove == ()
    assert plan([tagged], standing((tagged, 1.0), pins=(other,))).kept == ()
    assert plan([tagged], standing((tagged, 1.0))).kept == (), "a digest of its own name is no other name"


def test_what_is_shared_with_an_image_that_stays_is_not_counted() -> None:
    base = Layer("base", 100)
    first, second, third = (image(n, base, Layer(f"own-{n}", n)) for n in (1, 2, 3))
    images = [first, second, third]
    assert freed_by([first], images) == 1
    assert freed_by([first, second], images) == 3
    assert freed_by(images, images) == 106
    assert own_bytes(images) == {each.id: n for n, each in enumerate(images, 1)}
    done = plan(images, standing((first, 1.0), (second, 1.0), (third, 1.0), users={third.id: ("used",)}))
    assert done.freed_bytes == 3


def test_layers_have_the_sizes_of_the_steps_that_made_them() -> None:
    steps = [{"Size": 0}, {"Size": 30}, {"Size": 0}, {"Size": 10}]  # the newest first
    low, high = layers_of(["a", "b"], steps, 40)
    assert (low.size_bytes, high.size_bytes) == (10, 30)
    assert layers_of(["a"], steps[3:], 10)[0].key == low.key
    assert layers_of(["b"], [{"Size": 30}], 30)[0].key != high.key, (
        "a layer is stored once per row beneath it"
    )
    assert layers_of([], [], 0) == ()
    assert [layer.size_bytes for layer in layers_of(["a", "b"], [{"Size": 5}], 5)] == [0, 5]
    assert [layer.size_bytes for layer in layers_of(["a", "b"], [], 7)] == [0, 7], "too little is known"


@pytest.mark.parametrize(
    ("wanted", "stored", "leads"),
    [
        ("app", "docker.io/library/app:latest", True),
        ("app:2", "docker.io/library/app:latest", False),
        (f"{HOST}/app", f"{HOST}/app:latest", True),
        (f"{HOST}/app:1", f"{HOST}/app:1", True),
        (f"{HOST}/app:1", "other.example/app:1", False),
        (f"{HOST}/app:1@{DIGEST}", f"{HOST}/app@{DIGEST}", True),
        (f"{HOST}/app@{DIGEST}", f"{HOST}/app:1", False),
        ("team/app", f"{HOST}/team/app:latest", True),
        ("pp", f"{HOST}/app:latest", False),
        ("docker.io/app:2", "docker.io/library/app:2", True),
        ("index.docker.io/team/app", "docker.io/team/app:latest", True),
        ("docker.io/app", "docker.io/team/app:latest", False),
    ],
)
def test_names_lead_to_what_a_runtime_keeps_them_as(wanted: str, stored: str, leads: bool) -> None:
    assert leads_to(wanted, stored) is leads


def test_a_registrys_port_is_no_tag() -> None:
    assert canonical("localhost:5000/app") == "localhost:5000/app:latest"


def test_an_id_names_its_image_from_twelve_digits_on() -> None:
    one = image(0xABCDEF)
    assert is_meant(one.id, one.id, ()) and is_meant(f"sha256:{one.id[:12]}", one.id, ())
    assert not is_meant(one.id[:11], one.id, ())


@pytest.mark.parametrize("wrong", ["", "a b", pytest.param("x" * 2000, id="too long"), "a\nb"])
def test_what_names_no_image_is_told_apart(wrong: str) -> None:
    assert problem(wrong) is not None


def test_a_low_water_mark_below_the_headroom_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        ImagePolicy(headroom=0.3, low_water=0.2)
