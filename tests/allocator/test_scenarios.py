"""The scenarios beside this file, replayed: each step comes to what its file expects.

What they expect follows from the rules, not from what the allocator says. Some of them are run as users run
them, by the command.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.allocation_replay.document import BadScenario, read_scenario
from orchestrator.allocation_replay.replay import Replay

SCENARIOS = Path(__file__).parent / "scenarios"
FILES = sorted(SCENARIOS.glob("*.json"))
ORLOP = Path(sys.executable).parent / "orlop"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_scenario_comes_to_what_it_expects(file: Path) -> None:
    replay = Replay(read_scenario(file.read_text()))
    differences = [f"{result.step.title}: {line}" for result in replay.run() for line in result.differences]
    assert differences == []
    replay.allocator.validate()


def test_there_are_scenarios_and_each_says_what_it_expects() -> None:
    assert len(FILES) > 30
    for file in FILES:
        scenario = read_scenario(file.read_text())
        assert scenario.name == file.stem
        assert any(step.expected is not None for step in scenario.steps), file.stem


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ORLOP, "allocator", "replay", *arguments], capture_output=True, text=True)


def test_the_command_prints_one_document_and_ends_well_when_all_is_as_expected() -> None:
    ended = run(str(SCENARIOS / "quota-fine-grained.json"), "--output", "json")
    assert (ended.returncode, ended.stderr) == (0, "")
    document = json.loads(ended.stdout)
    assert [step["op"] for step in document["steps"]] == [
        "add_framework",
        "set_quota",
        "add_agent",
        "add_framework",
    ]
    assert document["steps"][2] == {
        "op": "add_agent",
        "status": 200,
        "offers": [{"framework": "f1", "role": "q", "agent": "a1", "resources": {"cpus": 0.5, "mem": 200}}],
        "rescinds": [],
        "withheld": [],
    }
    assert document["shares"] == {"nq": pytest.approx(0.609375), "q": 0.5}


def test_the_command_shows_differences_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    scenario = json.loads((SCENARIOS / "quota-other-roles-reservations.json").read_text())
    scenario["steps"][-1]["expect"][0]["resources"] = {"cpus": 2}
    file.write_text(json.dumps(scenario))
    ended = run(str(file), "--output", "json")
    assert ended.returncode == 1
    assert "step 5" in ended.stderr and "not as expected" in ended.stderr
    last = json.loads(ended.stdout)["steps"][-1]
    assert [line.split()[0] for line in last["differences"]] == ["missing", "unexpected"]
    for_people = run(str(file))
    assert for_people.returncode == 1
    assert "DIFFERS  missing offer" in for_people.stdout


def test_the_command_says_why_something_was_withheld() -> None:
    ended = run(str(SCENARIOS / "quota-headroom-spans-agents.json"), "--explain", "--output", "json")
    assert ended.returncode == 0
    step = json.loads(ended.stdout)["steps"][2]
    assert {(w["framework"], w["role"]) for w in step["withheld"]} == {("f1", "nq")}
    assert len(step["withheld"]) == 2
    assert all("q" in w["reason"] for w in step["withheld"])


AGENT = {"op": "add_agent", "agent": "a1", "resources": {"cpus": 1}}
FRAMEWORK = {"op": "add_framework", "framework": "f1", "roles": ["r"]}
DECLINE = {"op": "decline", "framework": "f1", "agent": "a1", "resources": {"cpus": 1}}

WRONG = [
    ([{"op": "jump"}], "step 1 (jump): there is no such op"),
    ([{"op": "tick", "m": 1}], "step 1 (tick): takes no 'm'"),
    ([{"op": "tick", "n": 0}], "step 1 (tick): n: must be a whole number"),
    ([{"op": "add_agent", "agent": "a1"}], "step 1 (add_agent): resources is missing"),
    ([{**AGENT, "resources": {"cpus": -1}}], "step 1 (add_agent): resources: cpus must be an amount"),
    (
        [{**AGENT, "resources": {"cpus": float("nan")}}],
        "step 1 (add_agent): resources: cpus must be a finite",
    ),
    ([{**AGENT, "resources": {"mem": float("inf")}}], "step 1 (add_agent): resources: mem must be a finite"),
    ([{**AGENT, "resources": {"mem": 1e300}}], "step 1 (add_agent): resources: mem must be an amount"),
    ([{**AGENT, "resources": {"cpus": True}}], "step 1 (add_agent): resources: cpus must be a number"),
    ([{**AGENT, "resources": {"ports": "2-1"}}], "step 1 (add_agent): resources: ports must be ranges"),
    ([{**AGENT, "resources": {"reserved:a//b": {}}}], "step 1 (add_agent): resources: reserved:a//b role"),
    (
        [{**AGENT, "resources": {"pools": {"p": 5}}}],
        "step 1 (add_agent): resources: pools.p must be an object",
    ),
    ([AGENT, AGENT], "step 2 (add_agent): there is an agent 'a1' already"),
    ([{"op": "remove_agent", "agent": "a9"}], "step 1 (remove_agent): there is no agent 'a9'"),
    ([{"op": "add_agents", "resources": {}}], "step 1 (add_agents): give either agents or count"),
    ([FRAMEWORK, FRAMEWORK], "step 2 (add_framework): there is a framework 'f1' already"),
    ([{**FRAMEWORK, "capabilities": ["FLY"]}], "step 1 (add_framework): capabilities: must be one of"),
    ([{"op": "revive", "framework": "f9"}], "step 1 (revive): there is no framework 'f9'"),
    (
        [FRAMEWORK, {"op": "suppress", "framework": "f1", "roles": ["s"]}],
        "step 2 (suppress): f1 is not in role",
    ),
    (
        [AGENT, FRAMEWORK, {"op": "launch", "framework": "f1", "agent": "a1", "resources": {"cpus": 2}}],
        "step 3 (launch): f1 is offered {'cpus': 1} on a1: 2 of cpus is wanted, 1 is there",
    ),
    ([{**AGENT, "used": {"f9": {"cpus": 1}}}], "step 1 (add_agent): there is no framework 'f9'"),
    ([{**AGENT, "expect": [{"who": "f1"}]}], "step 1 (add_agent): expect: 'who' is not compared"),
    ([{"op": "set_weight", "role": "r", "weight": 0}], "step 1 (set_weight): weight: must be above zero"),
    ([{"op": "advance_s", "s": -1}], "step 1 (advance_s): s: must be seconds"),
    ([{"op": "set_quota", "role": "", "limits": {}}], "step 1 (set_quota): role: must be a name"),
    (["tick"], "step 1: must be an object with an op"),
    ([{**AGENT, "resources": {"cpus": "1"}}], "step 1 (add_agent): resources: cpus must be a number"),
    ([{**FRAMEWORK, "suppressed": ["s"]}], "step 1 (add_framework): suppressed has role 's'"),
    (
        [AGENT, {"op": "reserve", "agent": "a1", "role": "*", "resources": {"cpus": 1}}],
        "step 2 (reserve): '*' is for what nobody has reserved",
    ),
    (
        [AGENT, FRAMEWORK, {**DECLINE, "refuse_s": -1}],
        "step 3 (decline): refuse_s: must be seconds, zero or more",
    ),
]


@pytest.mark.parametrize(("steps", "told"), WRONG, ids=[told for _, told in WRONG])
def test_a_step_that_makes_no_sense_is_named_in_one_line(steps: list[object], told: str) -> None:
    with pytest.raises(BadScenario) as caught:
        Replay(read_scenario(json.dumps({"steps": steps}))).run()
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is not JSON"),
        ("[]", "the file must hold one JSON object"),
        ("{}", "the scenario has no steps"),
        ('{"steps": [], "steps": []}', "an object of the file has 'steps' twice"),
        ('{"steps": [], "confg": {}}', "'confg' is nothing a scenario says"),
        ('{"steps": [], "name": 5}', "'name' must be a text"),
        ('{"steps": [], "config": {"interval": 1}}', "config has no 'interval'"),
        (
            '{"steps": [], "config": {"allocation_interval_s": 0}}',
            "config: allocation_interval_s must be above",
        ),
        ('{"steps": [], "config": {"seed": 1.5}}', "config: seed must be a whole number"),
        ("[" * 100_000, "the file is not JSON"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(text: str, told: str) -> None:
    with pytest.raises(BadScenario) as caught:
        read_scenario(text)
    assert str(caught.value).startswith(told)


def test_the_command_ends_with_status_2_for_a_wrong_file_and_prints_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({"steps": [AGENT, {"op": "jump"}]}))
    for arguments in ((str(file),), (str(file), "--output", "json"), (str(tmp_path / "none.json"),)):
        ended = run(*arguments)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.startswith("orlop: ") and ended.stderr.count("\n") == 1
    file.write_bytes(b"\xff\xfe")
    assert run(str(file)).returncode == 2


@pytest.mark.parametrize("seed", [0, -7, 2**63, 10**40])
def test_any_whole_number_is_a_seed_and_changes_nothing(seed: int) -> None:
    steps = [FRAMEWORK, {**AGENT, "expect": [{"agent": "a1"}]}]
    replay = Replay(read_scenario(json.dumps({"steps": steps, "config": {"seed": seed}})))
    assert [result.differences for result in replay.run()] == [[], []]


def test_a_quota_that_is_not_there_cannot_be_removed() -> None:
    remove = {"op": "remove_quota", "role": "r"}
    steps = [remove, {"op": "set_quota", "role": "r", "limits": {"cpus": 1}}, remove, remove]
    outcomes = [result.outcome for result in Replay(read_scenario(json.dumps({"steps": steps}))).run()]
    assert [outcome.status for outcome in outcomes] == [400, 200, 200, 400]


def test_names_that_any_will_do_for_are_paired_off_one_to_one() -> None:
    steps = [
        FRAMEWORK,
        {
            "op": "add_agents",
            "agents": ["a1", "a2"],
            "resources": {"cpus": 1},
            "expect": [{"agent": "anyof:a1,a2"}, {"agent": "a1"}],
        },
        {"op": "recover_all"},
        {"op": "tick", "expect": [{"agent": "a1"}, {"agent": "anyof:a1"}]},
    ]
    met, unmet = [
        result.differences
        for result in Replay(read_scenario(json.dumps({"steps": steps}))).run()
        if result.step.expected is not None
    ]
    assert met == []
    assert [line.split()[0] for line in unmet] == ["missing", "unexpected"]
