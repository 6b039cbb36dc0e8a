"""A provider learns its capacity groups while it is used: what it tells of that, and what takes it away."""

from __future__ import annotations

from api.model.operation import OperationState
from provider import learned_rates
from provider.accounts import LAG_SECONDS
from provider.attempts import Instant, Turn
from provider.calls import ControllerExpand, CreateVolume, GetCapacity, PluginError
from provider.events import PluginReady, RefreshDue, Tick
from provider.learned_rates import OBSERVATIONS_NEEDED
from provider.learner import Source
from provider.messages import WireResources, state_out
from provider.records import Profile
from provider.volume import VolumeCapability
from tests.provider.model_plugin import ModelPlugin
from tests.provider.resources import MB, create_disk, op
from tests.provider.world import World

VOLUME = 64
CAPACITY = 40 * VOLUME * MB + 12_288
NAMES = ("bulk", "fast", "safe")
DEVICES = {"bulk": "slow disk", "fast": "quick disk", "safe": "quick disk"}
COST = {"bulk": 1, "fast": 1, "safe": 2}


class Devices(ModelPlugin):
    """`fast` and `safe` lie on one device, `safe` twice; `bulk` on another. `jump` is added to answers."""

    jump = 0

    def _GetCapacity(self, request: GetCapacity) -> int:
        name = request.parameters["pool"]
        used = sum(
            volume.size * COST[volume.parameters["pool"]]
            for volume in self.volumes.values()
            if DEVICES[volume.parameters["pool"]] == DEVICES[name]
        )
        return max(0, (CAPACITY - used) // COST[name] + self.jump)


def profile(name: str, group: str | None = None) -> Profile:
    return Profile(name, VolumeCapability(), {"pool": name}, capacity_group=group)


class Site:
    """A provider of three profiles, swept every ten seconds."""

    def __init__(self, **declared: str) -> None:
        self.plugin = Devices(CAPACITY)
        profiles = tuple(profile(name, declared.get(name)) for name in NAMES)
        self.world = World(self.plugin, profiles)
        self.world.start()
        self.world.run(0.0)
        self.number = 0
        self.rest()

    def rest(self, seconds: float = LAG_SECONDS + 40) -> None:
        for _ in range(int(seconds / 10)):
            self.world.now += 10.0
            self.world.feed(RefreshDue())
            self.world.run(0.0)

    def make(self, name: str) -> OperationState:
        self.number += 1
        self.world.feed(create_disk(self.number, VOLUME, profile=name))
        self.world.run(0.0)
        return self.world.last(op(self.number)).state

    def teach(self, *names: str, volumes: int = OBSERVATIONS_NEEDED + 1) -> None:
        for name in names:
            for _ in range(volumes):
                assert self.make(name) is OperationState.FINISHED
                self.rest()

    def sharing(self, name: str):
        machine = self.world.machine
        return machine.learner.sharing(machine.profiles[name])

    def told(self) -> dict[str, tuple[object, ...]]:
        """Of UPDATE_STATE: a pool's group and cost, and how both are known."""
        state = state_out(self.world.machine, WireResources())
        pools = {}
        for resource in state.resources:
            source = resource.disk.source
            if resource.disk and not isinstance(source.id, str):
                group = source.capacity_group if isinstance(source.capacity_group, str) else None
                pools[source.profile] = (group, source.cost if isinstance(source.cost, float) else 1.0)
        return {p.name: (*pools.get(p.name, (None, 1.0)), str(p.sharing)) for p in state.profiles}


def test_what_was_learned_is_told_with_the_pools():
    site = Site()
    vendor = site.told()["fast"][0]
    assert vendor is not None
    assert site.told() == dict.fromkeys(NAMES, (vendor, 1.0, "UNKNOWN"))
    site.teach("safe", "bulk", "fast")
    told = site.told()
    assert told["bulk"] == (None, 1.0, "LEARNED")
    assert told["fast"][0] == told["safe"][0] is not None
    assert (told["fast"][1], told["safe"][1]) == (1.0, 2.0)
    assert "safe at 0.5:1" in site.sharing("fast").note and "apart from bulk" in site.sharing("fast").note


def test_no_capacity_is_asked_for_while_volumes_are_made():
    site = Site()
    site.plugin.requests.clear()
    for _ in range(5):
        site.make("fast")
    assert not [r for r in site.plugin.requests if isinstance(r, GetCapacity)]


def test_a_restarted_provider_knows_what_it_had_learned():
    site = Site()
    site.teach("safe", "bulk", "fast")
    before = site.told()
    site.world.start()
    site.world.run(0.0)
    assert site.told() == before


def test_another_version_of_the_plugin_or_another_way_to_run_it_begins_anew():
    site = Site()
    site.teach("safe", "bulk", "fast")
    site.world.feed(PluginReady(site.plugin.facts, "other arguments"))
    site.world.run(0.0)
    assert {source for *_, source in site.told().values()} == {"UNKNOWN"}
    assert not site.world.disk.checkpoint.learned.rates


def test_no_room_where_room_was_counted_makes_them_share_again_at_once_and_says_so():
    site = Site()
    site.teach("safe", "bulk", "fast")
    full = PluginError("RESOURCE_EXHAUSTED", "pool bulk is full")
    site.plugin.refuse = lambda request: full if isinstance(request, CreateVolume) else None
    assert site.make("bulk") is OperationState.FAILED
    assert site.sharing("bulk").source is Source.UNKNOWN
    assert "no room for bulk though it was counted: pool bulk is full" in site.sharing("fast").note
    assert site.told()["bulk"][0] == site.told()["fast"][0] is not None


def test_a_plugin_that_has_no_room_to_grow_a_volume_is_heard_as_well():
    site = Site()
    site.teach("safe", "bulk", "fast")
    turn_off = ControllerExpand("vol-1", 10 * MB, VolumeCapability(), "fast")
    machine, now = site.world.machine, Instant(site.world.now, site.world.now)

    turn = Turn(now)
    machine.learner.refused(turn, turn_off, "INTERNAL", "no")
    assert site.sharing("fast").source is Source.LEARNED
    machine.learner.refused(turn, turn_off, "RESOURCE_EXHAUSTED", "no")
    assert site.sharing("fast").source is Source.UNKNOWN


def test_what_is_declared_stays_declared():
    site = Site(fast="a", safe="b", bulk="b")
    site.teach("safe", "bulk", "fast")
    assert {site.sharing(name).source for name in NAMES} == {Source.DECLARED}
    assert {site.sharing(name).note for name in NAMES} == {""}
    assert not site.world.disk.checkpoint.learned.rates


def test_a_capacity_that_jumps_teaches_nothing_and_makes_no_pool_larger():
    site = Site()
    for number in range(24):
        site.plugin.jump = (number * 7919 % 11 - 5) * 4 * VOLUME * MB
        name = NAMES[number % 3]
        site.make(name)
        site.rest(40 + number % 3 * 10)
    assert all(relation.low <= 0 for relation in site.world.disk.checkpoint.learned.rates.values())
    assert {source for *_, source in site.told().values()} == {"UNKNOWN"}


def test_what_was_learned_of_profiles_that_are_gone_makes_way_for_those_that_are_there(monkeypatch):
    monkeypatch.setattr(learned_rates, "MAX_PAIRS", 2)
    site = Site()
    rates = site.world.machine.totals.rates
    for name, other in (("old", "older"), ("older", "old")):
        rates.observe(name, other, 64 * MB, 0, 0, 0)
    site.teach("fast", volumes=2)
    assert {name for pair in rates.learned().rates for name in pair} <= {*NAMES}
    assert rates.learned().rates, "of those that are there something is learned"


def test_switched_off_it_forgets_and_learns_nothing():
    site = Site()
    site.teach("safe", "bulk", "fast")
    site.world.learns = False
    site.world.start()
    site.world.run(0.0)
    assert {source for *_, source in site.told().values()} == {"UNKNOWN"}
    assert "learning is switched off" in site.sharing("fast").note
    assert not site.world.disk.checkpoint.learned.rates
    site.teach("bulk", "fast", volumes=OBSERVATIONS_NEEDED)
    assert not site.world.disk.checkpoint.learned.rates


def test_a_tick_of_the_clock_asks_for_no_capacity_at_rest():
    site = Site()
    site.rest(200)
    site.plugin.requests.clear()
    site.world.now += 1.0
    site.world.feed(Tick())
    site.world.run(0.0)
    assert not site.plugin.requests
