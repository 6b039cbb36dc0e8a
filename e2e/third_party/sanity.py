"""One run of csi-sanity, the CSI community's test suite for plugins, and what it reported.

It must not know any plugin: an endpoint and a folder of its own are all that it gets. The suite makes no
use of this project's code, so it reads the specification independently of us.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.requirements import CSI_SANITY

AccessType = Literal["mount", "block"]

RUN_SECONDS = 50.0
"""How long one run may take; it ends within a few seconds on an idle machine."""

VOLUME_BYTES = 64 << 20
EXPANDED_BYTES = 128 << 20
"""Sizes that the suite asks for. Its own defaults, 10 and 20 GiB, are more than a test should allocate."""


@dataclass(frozen=True)
class Verdict:
    """What the suite said. `skipped` counts its own reasons for leaving specs out."""

    status: int
    passed: int
    failures: tuple[str, ...]
    skipped: Counter[str]
    output: str

    def counts(self) -> str:
        """In one line: how many specs passed and failed, and how many were left out for which reason."""
        reasons = "; ".join(f"{count} {reason}" for reason, count in sorted(self.skipped.items()))
        left_out = f"{self.skipped.total()} skipped" + (f" ({reasons})" if reasons else "")
        return f"{self.passed} passed, {len(self.failures)} failed, {left_out}"


def run(endpoint: str, folder: Path, access_type: AccessType) -> Verdict:
    """Run all specs against the plugin at `endpoint`; staging and target paths lie in `folder`.

    Raises subprocess.TimeoutExpired after RUN_SECONDS: the plugin does not answer, or the machine is stuck.
    """
    report = folder / "report.json"
    done = subprocess.run(
        [
            CSI_SANITY,
            f"-csi.endpoint={endpoint}",
            f"-csi.mountdir={folder / 'target'}",
            f"-csi.stagingdir={folder / 'staging'}",
            f"-csi.testvolumesize={VOLUME_BYTES}",
            f"-csi.testvolumeexpandsize={EXPANDED_BYTES}",
            f"-csi.testvolumeaccesstype={access_type}",
            f"-ginkgo.json-report={report}",
            "-ginkgo.no-color",
        ],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    specs = _specs(report)
    return Verdict(
        status=done.returncode,
        passed=sum(spec["State"] == "passed" and spec["LeafNodeType"] == "It" for spec in specs),
        failures=tuple(_story(spec) for spec in specs if spec["State"] not in _NO_FAILURE),
        skipped=Counter(_message(spec) for spec in specs if spec["State"] == "skipped"),
        output=done.stdout,
    )


_NO_FAILURE = ("passed", "skipped", "pending")
"""Pending are the specs that the suite's authors switched off."""


def _specs(report: Path) -> list[dict[str, Any]]:
    """No report, no specs: the suite did not get as far, and its output says why."""
    if not report.exists():
        return []
    return [spec for suite in json.loads(report.read_text()) for spec in suite["SpecReports"] or []]


def _message(spec: dict[str, Any]) -> str:
    return str(spec.get("Failure", {}).get("Message", ""))


def _story(spec: dict[str, Any]) -> str:
    """Which spec, what it expected, where in the suite."""
    name = " ".join([*(spec["ContainerHierarchyTexts"] or []), spec["LeafNodeText"]])
    place = spec.get("Failure", {}).get("Location", {})
    where = f"{place.get('FileName', '?')}:{place.get('LineNumber', '?')}"
    return f"{spec['State']}: {name}\n  {where}\n  " + _message(spec).replace("\n", "\n  ")
