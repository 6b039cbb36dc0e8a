"""Tells very many stories: `python -m tests.allocator --seeds 5000 [--from 0] [--steps 80]`.

Prints the seeds whose story went wrong, with the last lines of why. A seed plays the same story again.
"""

from __future__ import annotations

import argparse
import sys
import traceback

from tests.allocator.story import Story


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.allocator", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--steps", type=int, default=80)
    parser.add_argument("--stop", action="store_true", help="at the first that goes wrong")
    wanted = parser.parse_args()
    wrong = offers = 0
    for seed in range(wanted.first, wanted.first + wanted.seeds):
        story = Story(seed)
        try:
            for _ in range(wanted.steps):
                story.step()
        except Exception:
            wrong += 1
            print(f"seed {seed}, step {len(story.told)} ({story.told[-1]}):")
            print("".join(traceback.format_exc(limit=-3)), flush=True)
            if wanted.stop:
                break
        offers += story.offers_seen
        if (seed + 1 - wanted.first) % 100 == 0:
            print(f"{seed + 1 - wanted.first} told", file=sys.stderr, flush=True)
    print(f"{wanted.seeds} stories, {offers} offers, {wrong} went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
