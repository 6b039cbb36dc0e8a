"""Which offers go when quota changes: no more than it takes, and none that its own role is guaranteed."""

from __future__ import annotations

from orchestrator.allocator.quota import Quota
from orchestrator.allocator.rescinding import Offered, offers_to_rescind


def offer(key: str, role: str, agent_id: str = "a1", **amounts: int) -> Offered:
    return Offered(key, role, agent_id, amounts)


def gone(
    quotas: dict[str, Quota],
    offered: list[Offered],
    *,
    changed: str = "eng",
    consumed: dict[str, dict[str, int]] | None = None,
) -> list[str]:
    return offers_to_rescind(quotas, [changed], consumed or {}, offered)


def test_offers_beyond_a_new_limit_go_the_latest_first() -> None:
    quotas = {"eng": Quota(limits={"cpus": 2000})}
    offered = [offer("1", "eng", cpus=1000), offer("2", "ops", cpus=9000), offer("3", "eng/db", cpus=1000)]
    assert gone(quotas, offered) == []
    assert gone(quotas, offered, consumed={"eng": {"cpus": 500}}) == ["3"]
    assert gone(quotas, offered, consumed={"eng": {"cpus": 1500}}) == ["1", "3"]


def test_offers_without_what_is_limited_stay() -> None:
    quotas = {"eng": Quota(limits={"disk": 0})}
    assert gone(quotas, [offer("1", "eng", disk=5), offer("2", "eng", cpus=5), offer("3", "eng", mem=1)]) == [
        "1"
    ]


def test_one_large_offer_that_is_enough_spares_the_small_ones() -> None:
    quotas = {"eng": Quota(limits={"cpus": 1000})}
    offered = [offer("big", "eng", cpus=5000), offer("small", "eng", cpus=1000)]
    assert gone(quotas, offered) == ["big"], "the small one is within the limit"


def test_a_limit_below_what_is_in_use_takes_all_offers_of_that_name() -> None:
    quotas = {"eng": Quota(limits={"cpus": 1000})}
    offered = [offer("1", "eng", cpus=1), offer("2", "eng", cpus=1)]
    assert gone(quotas, offered, consumed={"eng": {"cpus": 9000}}) == ["1", "2"]


def test_others_give_up_as_much_as_a_guarantee_lacks() -> None:
    quotas = {"eng": Quota(guarantees={"cpus": 3000})}
    offered = [offer(str(number), "ops", f"a{number}", cpus=1000) for number in range(1, 5)]
    assert gone(quotas, offered) == ["1", "2", "3"]
    assert gone(quotas, offered, consumed={"eng": {"cpus": 2000}}) == ["1"]
    mine = offer("mine", "eng/db", "a9", cpus=3000)
    assert gone(quotas, [*offered, mine]) == []


def test_what_comes_free_for_a_guarantee_lies_together() -> None:
    quotas = {"eng": Quota(guarantees={"cpus": 2000})}
    offered = [
        offer("1", "ops", "a1", cpus=1000),
        offer("2", "ops", "a2", cpus=1000),
        offer("3", "web", "a1", cpus=1000),
    ]
    assert gone(quotas, offered) == ["1", "3"]


def test_offers_without_what_is_guaranteed_stay() -> None:
    quotas = {"eng": Quota(guarantees={"disk[profile=fast]": 10})}
    offered = [
        offer("1", "ops", cpus=1000),
        Offered("2", "ops", "a1", {"disk": 10, "disk[profile=fast]": 10}),
    ]
    assert gone(quotas, offered) == ["2"]


def test_an_offer_that_is_guaranteed_to_another_role_stays() -> None:
    quotas = {"eng": Quota(guarantees={"cpus": 2000}), "ops": Quota(guarantees={"cpus": 1000})}
    offered = [offer("1", "ops", cpus=1000), offer("2", "ops/x", cpus=1000), offer("3", "web", cpus=1000)]
    assert gone(quotas, offered) == ["1", "3"]
    assert gone({"eng": quotas["eng"]}, offered) == ["1", "2"]


def test_what_a_limit_frees_counts_for_the_guarantee_of_the_same_call() -> None:
    quotas = {"eng": Quota(guarantees={"cpus": 2000}, limits={"cpus": 2000})}
    offered = [offer("1", "ops", cpus=2000), offer("2", "eng", cpus=3000)]
    assert gone(quotas, offered) == ["2"]


def test_a_quota_that_is_removed_takes_no_offer() -> None:
    offered = [offer("1", "eng", cpus=3000)]
    assert gone({}, offered) == [] and gone({"eng": Quota()}, offered) == []


def test_what_comes_free_for_one_guarantee_is_not_counted_for_the_next() -> None:
    both = Quota(guarantees={"cpus": 2000})
    offered = [offer(str(number), "ops", f"a{number}", cpus=1000) for number in range(1, 6)]
    quotas = {"eng": both, "web": both}
    assert offers_to_rescind(quotas, ["eng", "web"], {}, offered) == ["1", "2", "3", "4"]
    assert gone(quotas, offered) == ["1", "2"], "only what this call changes"


class CountedAmounts(dict[str, int]):
    """Amounts that know how often they were looked at, all of them together."""

    looks = 0

    def get(self, name: str, default: int = 0) -> int:  # type: ignore[override]
        CountedAmounts.looks += 1
        return super().get(name, default)


def test_thousands_of_roles_may_change_at_once() -> None:
    many = 2000
    quotas = {f"r{number}": Quota({"cpus": 2000}, {"cpus": 4000}) for number in range(many)}
    held = [
        Offered(f"{number}", f"r{number}", f"a{number}", CountedAmounts(cpus=1000)) for number in range(many)
    ]
    others = [Offered(f"o{number}", "ops", f"a{number}", CountedAmounts(mem=1)) for number in range(many)]
    CountedAmounts.looks = 0
    assert offers_to_rescind(quotas, list(quotas), {}, held + others) == []
    assert CountedAmounts.looks < 20 * many
