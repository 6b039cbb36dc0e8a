"""What all tests share, in tests/ and in e2e/: plugins of our own, hypothesis's limits.

Each run draws new examples; the seed of a failing one is printed and `--hypothesis-seed` replays it.
With ORLOP_REQUIRE_ALL=1 (continuous integration) the examples are the same in every run.
"""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.requirements",
    "tests.postgresql",
    "tests.census",
    "tests.telling",
    "tests.own_mounts",
    "tests.sharing_out",
]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Who is started in the background of a script hears no interrupt, and nor would what the tests start and
    # interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)

IN_CI = os.environ.get("ORLOP_REQUIRE_ALL", "") not in ("", "0")

settings.register_profile(
    "orlop",
    max_examples=100,
    deadline=None,  # the machine is shared: a slow example is not a wrong one
    derandomize=IN_CI,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "orlop"))
