"""Generated resources from a small world, so that samples often meet and often almost match.

No assertions here.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from api.model.disk import Disk, DiskSource, Persistence, SourceType
from api.model.resources import Items, Ranges, Reservation, Resource, Resources, Scalar

LAWFUL = settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

amounts = st.integers(min_value=1, max_value=5000).map(Scalar)


@st.composite
def port_ranges(draw: st.DrawFn) -> Ranges:
    pairs = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), min_size=1, max_size=3))
    return Ranges(tuple((lo, lo + length) for lo, length in pairs))


item_sets = st.sets(st.sampled_from("abcdef"), min_size=1).map(lambda names: Items(tuple(names)))

STACKS = (
    (),
    (),  # twice as likely
    (Reservation("eng", dynamic=False),),
    (Reservation("eng", dynamic=False), Reservation("eng/storage", principal="ann")),
    (Reservation("ops", labels=(("k", "v"),)),),
    (Reservation("ops", labels=(("k", None),)),),
)
stacks = st.sampled_from(STACKS)

POOL = DiskSource(SourceType.RAW, profile="fast", vendor="v")
DIVISIBLE_SOURCES = (None, POOL, DiskSource(SourceType.PATH, root="/p"))
INDIVISIBLE_SOURCES = (
    DiskSource(SourceType.MOUNT, root="/m", id="d1", profile="fast"),
    DiskSource(SourceType.MOUNT, id="d2"),
    DiskSource(SourceType.BLOCK, id="d3", profile="fast"),
    DiskSource(SourceType.RAW, id="d4", metadata=(("k", "v"),)),
)
PERSISTENT_SOURCES = (None, DiskSource(SourceType.PATH, root="/p"), INDIVISIBLE_SOURCES[0])

indivisible_disks = st.one_of(
    st.builds(Disk, st.sampled_from(INDIVISIBLE_SOURCES)),
    st.builds(
        Disk, st.sampled_from(PERSISTENT_SOURCES), st.builds(Persistence, st.sampled_from(["v1", "v2"]))
    ),
)
divisible_disks = st.builds(Disk, st.sampled_from(DIVISIBLE_SOURCES))
volume_disks = st.builds(Disk, st.just(INDIVISIBLE_SOURCES[0]), st.just(Persistence("v1")))

providers = st.sampled_from([None, "rp1"])
holders = st.sampled_from([None, "eng"])
sizes = st.sampled_from([1000, 2000]).map(Scalar)  # few, so that equal disks occur

plain = st.builds(Resource, st.sampled_from(["cpus", "mem"]), amounts, stacks, allocated_to=holders)
ports = st.builds(Resource, st.just("ports"), port_ranges(), stacks)
items = st.builds(Resource, st.just("zones"), item_sets, stacks)
pools = st.builds(
    Resource, st.just("disk"), amounts, stacks, divisible_disks, providers, allocated_to=holders
)
disks = st.builds(Resource, st.just("disk"), sizes, stacks, indivisible_disks, providers)
shared_volumes = st.builds(
    Resource, st.just("disk"), sizes, stacks, volume_disks, providers, shared=st.just(True)
)

resources = st.one_of(plain, ports, items, pools, disks, shared_volumes)
listed = st.lists(resources, max_size=8)
collections = listed.map(Resources)
