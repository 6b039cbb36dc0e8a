"""`orlop roles --explain ROLE`: what it asks for, and what it prints."""

from __future__ import annotations

import json

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator

ANSWER = {
    "withheld": [
        {
            "framework_id": {"value": "f-1"},
            "role": "eng",
            "agent_id": {"value": "a-1"},
            "hostname": "host-1",
            "code": "QUOTA_LIMIT",
            "reason": "limit of role eng on mem reached: 4GiB, of which it has 4GiB",
        },
        {"role": "eng", "agent_id": {"value": "a-2"}, "code": "NO_FRAMEWORK", "reason": "no framework"},
    ],
    "total": 7,
}


async def test_each_agent_is_shown_with_the_reason(orlop: Orlop, fake: FakeOrchestrator) -> None:
    fake.answers["EXPLAIN_OFFERS"] = {"type": "EXPLAIN_OFFERS", "explain_offers": ANSWER}
    ended = await orlop("roles", "--explain", "eng")
    assert ended.status == 0, ended.stderr
    assert fake.asked("EXPLAIN_OFFERS")[0]["explain_offers"] == {"role": "eng"}
    _, first, second, more = ended.stdout.splitlines()
    assert first.split()[:2] == ["host-1", "f-1"] and "limit of role eng on mem" in first
    assert second.split()[0] == "a-2" and more == "and 5 more"


async def test_json_has_the_codes(orlop: Orlop, fake: FakeOrchestrator) -> None:
    fake.answers["EXPLAIN_OFFERS"] = {"type": "EXPLAIN_OFFERS", "explain_offers": ANSWER}
    ended = await orlop("roles", "--explain", "eng", "--output", "json")
    shown = json.loads(ended.stdout)
    assert [each["code"] for each in shown["withheld"]] == ["QUOTA_LIMIT", "NO_FRAMEWORK"]


async def test_that_nothing_is_withheld_is_said(orlop: Orlop, fake: FakeOrchestrator) -> None:
    fake.answers["EXPLAIN_OFFERS"] = {"type": "EXPLAIN_OFFERS", "explain_offers": {"total": 0}}
    ended = await orlop("roles", "--explain", "eng")
    assert (ended.status, "Nothing" in ended.stdout + ended.stderr) == (0, True)


async def test_agents_on_one_host_are_told_apart(orlop: Orlop, fake: FakeOrchestrator) -> None:
    both = [
        {"role": "eng", "agent_id": {"value": agent_id}, "hostname": "host-1", "code": "X", "reason": "why"}
        for agent_id in ("a-1", "a-2", "a-1")
    ]
    answer = {"withheld": both, "total": 3}
    fake.answers["EXPLAIN_OFFERS"] = {"type": "EXPLAIN_OFFERS", "explain_offers": answer}
    _, *lines = (await orlop("roles", "--explain", "eng")).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["a-1", "a-2", "a-1"]
