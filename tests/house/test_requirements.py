"""The runner's own promises: nothing is left out in silence, nothing is left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import census, requirements

pytest_plugins = ["pytester"]

NEEDING = """
import pytest

@pytest.mark.needs("nonesuch")
def test_it():
    pass
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A test suite of its own in which the requirement `nonesuch` never holds."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makeconftest(
        """
        from tests import requirements
        requirements.REQUIREMENTS["nonesuch"] = requirements.Requirement(lambda: False, "package nonesuch")
        pytest_plugins = ["tests.requirements"]
        """
    )
    pytester.makepyfile(NEEDING)
    return pytester


def test_a_test_that_is_left_out_is_named_with_what_is_missing(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORLOP_REQUIRE_ALL", raising=False)
    result = suite.runpytest_subprocess()
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["left out: 1 test, missing: package nonesuch"])


def test_require_all_makes_a_left_out_test_a_failure(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORLOP_REQUIRE_ALL", "1")
    result = suite.runpytest_subprocess()
    assert result.ret != 0
    result.stdout.fnmatch_lines(["*package nonesuch*"])


def test_require_all_makes_any_other_skip_a_failure(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORLOP_REQUIRE_ALL", "1")
    suite.makepyfile("import pytest\n\ndef test_it():\n    pytest.skip('not today')\n")
    result = suite.runpytest_subprocess()
    result.assert_outcomes(failed=1)


def test_every_requirement_names_a_package_or_a_right() -> None:
    for requirement in requirements.REQUIREMENTS.values():
        assert requirement.missing


def test_a_process_left_behind_fails_the_test_and_is_ended() -> None:
    tag = "orlop-census-self-test"
    with pytest.raises(pytest.fail.Exception, match=tag), census.no_leaks(tag, settle=0.3):
        started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", tag])
    assert started.wait(timeout=10) != 0


@pytest.mark.needs("mount")
def test_a_mount_left_behind_fails_the_test_and_is_undone(tmp_path: Path) -> None:
    tag = tmp_path.name
    with pytest.raises(pytest.fail.Exception, match="mount"), census.no_leaks(tag, settle=0.3):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(tmp_path)], check=True)
    assert not census.take(tag).mounts
