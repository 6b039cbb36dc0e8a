"""What the allocator answered, word by word and in its order: `python -m tests.allocator.transcript STORIES`.

For whoever wants to see that it is the same whatever the hashes of the process are. The first line is such a
hash. Amounts, orders and reasons are printed as they come, and never sorted here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from orchestrator.allocation_replay.document import read_scenario
from orchestrator.allocation_replay.replay import Replay
from tests.allocator.story import Story

SCENARIOS = Path(__file__).parent / "scenarios"
STEPS = 60


def of_story(seed: int) -> Iterator[str]:
    """A random story, and at its end what books and explanations say."""
    story = Story(seed)
    for _ in range(STEPS):
        story.step()
        yield f"story {seed}: {story.told[-1]}"
        yield from (f"  {offer!r}" for offer in story.outstanding)
    real = story.real
    for role in sorted(real.cluster.roster.roles):
        yield f"  {role} consumes {dict(real.consumed(role))}"
        yield from (f"  {found!r}" for found in real.each_withheld(role))
    yield f"  {dict(real.capacity())} {real.headroom()} {real.shares()}"


def of_scenario(file: Path) -> Iterator[str]:
    yield f"scenario {file.stem}"
    replay = Replay(read_scenario(file.read_text()), explain=True)
    for result in replay.run():
        outcome = result.outcome
        yield f"  {result.step.title}: {outcome.status} {result.refusals}"
        yield from (f"  {offer.document()}" for offer in outcome.offers)
        yield from (f"  {each}" for each in (*outcome.rescinds, *outcome.withheld))


def main() -> None:
    print(hash("orlop"))
    for seed in range(int(sys.argv[1])):
        print("\n".join(of_story(seed)))
    for file in sorted(SCENARIOS.glob("*.json")):
        print("\n".join(of_scenario(file)))


if __name__ == "__main__":
    main()
