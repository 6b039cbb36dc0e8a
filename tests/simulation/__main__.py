"""`python -m tests.simulation`: many seeds, or the story of one. `make sim` calls it.

A seed that fails is played again and again with less of what goes wrong, until it fails with nothing that it
does not need; then its story is drawn.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections import Counter
from dataclasses import replace

from tests.simulation.cluster import Outcome, play
from tests.simulation.diagram import drawn
from tests.simulation.failing import cut_down, told

PROGRESS_SECONDS = 10.0
"""Between two words about how far it is."""


def main() -> int:
    """The exit status: 0 when every invariant held in every seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="play one seed and print all that happens")
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds to play")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=1, help="processes to play them in")
    parser.add_argument("--whole", action="store_true", help="with --seed: the story as it is, not cut down")
    parser.add_argument("--log", action="store_true", help="with --seed: the product's own log as well")
    chosen = parser.parse_args()
    if chosen.seed is not None:
        if chosen.log:
            logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
        return one(chosen.seed, whole=chosen.whole)
    return many(range(chosen.first, chosen.first + chosen.seeds), chosen.jobs)


def one(seed: int, *, whole: bool) -> int:
    """Its story; cut down when it fails."""
    outcome = play(seed, draw=True)
    if outcome.failure is not None and not whole:
        print(f"seed {seed} fails: {outcome.failure.splitlines()[0]}\ncutting it down ...", flush=True)
        print(told(cut_down(outcome)))
        return 1
    print(drawn(outcome.events, outcome.names, len(outcome.events)))
    return 0 if report(outcome) else 1


def quiet_play(seed: int) -> Outcome:
    """One seed of many: nothing is printed, and the story is not kept."""
    logging.disable(logging.CRITICAL)
    return replace(play(seed), story=())


def many(seeds: range, jobs: int) -> int:
    """Play them all; print those that fail, and how to replay them."""
    started = told_at = time.perf_counter()
    played, failed = 0, list[int]()
    counts: Counter[str] = Counter()
    with multiprocessing.Pool(jobs) as pool:
        for outcome in pool.imap_unordered(quiet_play, seeds, chunksize=4):
            counts.update(outcome.counts)
            played += 1
            if time.perf_counter() - told_at > PROGRESS_SECONDS:
                told_at = time.perf_counter()
                rate = played / (told_at - started)
                left = (len(seeds) - played) / rate
                print(f"{played} of {len(seeds)} seeds, {len(failed)} failed, {left:.0f} s left", flush=True)
            if not report(outcome, brief=True):
                failed.append(outcome.seed)
    seconds = time.perf_counter() - started
    print(f"{len(seeds)} seeds in {seconds:.0f} s, {len(failed)} failed: {sorted(failed)}")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return 1 if failed else 0


def report(outcome: Outcome, *, brief: bool = False) -> bool:
    """Say how it went; True when every invariant held."""
    if outcome.failure is None:
        if not brief:
            print(f"seed {outcome.seed}: every invariant held; {outcome.virtual_seconds:.0f} virtual seconds")
        return True
    text = outcome.failure.splitlines()[0] if brief else outcome.failure
    print(f"seed {outcome.seed}: {text}\n    replay: make sim SEED={outcome.seed}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
