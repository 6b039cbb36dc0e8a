"""Credentials for registries: what is read of the file, and that nothing of it is ever told."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from agent.containerizer.interface import LaunchError, Who
from agent.images.credentials import MAX_BYTES, RegistryCredentials

SECRET = "geheim:with:colons"


def read(header: str | None) -> object:
    assert header is not None
    return json.loads(base64.urlsafe_b64decode(header))


def test_what_docker_writes_is_passed_on_by_registry(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    auth = base64.b64encode(f"jo:{SECRET}".encode()).decode()
    auths = {"one.example/team": {"auth": auth}, "two.example": {"identitytoken": "token", "auth": ""}}
    file.write_text(json.dumps({"auths": auths, "HttpHeaders": {"User-Agent": "docker"}}))
    assert read(RegistryCredentials(file)("app")) == {
        "one.example/team": {"username": "jo", "password": SECRET},
        "two.example": {"identitytoken": "token"},
    }


def test_the_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    credentials = RegistryCredentials(file)
    for name in ("one", "two"):
        file.write_text(json.dumps({"auths": {"r.example": {"username": name, "password": "p"}}}))
        assert read(credentials("app")) == {"r.example": {"username": name, "password": "p"}}
    file.write_text("{}")
    assert credentials("app") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SECRET, "not JSON"),
        ("[]", "no object `auths`"),
        (json.dumps({"auths": SECRET}), "no object `auths`"),
        (json.dumps({"auths": {"r.example": SECRET}}), "'r.example' is no object"),
        (json.dumps({"auths": {"r.example": {"auth": SECRET}}}), "not USER:PASSWORD"),
        (json.dumps({"auths": {"r.example": {"auth": "bm9jb2xvbg=="}}}), "not USER:PASSWORD"),
        (json.dumps({"auths": {}, "credsStore": "pass"}), "credsStore"),
        (json.dumps({"auths": {}, "credHelpers": {"r.example": "x"}}), "put what they give into"),
        pytest.param(" " * (MAX_BYTES + 1), "longer than", id="too long"),
    ],
)
def test_a_file_that_cannot_be_used_needs_an_operator_and_is_not_quoted(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "config.json"
    file.write_text(content)
    credentials = RegistryCredentials(file)
    with pytest.raises(LaunchError) as refused:
        credentials("app")
    assert refused.value.who is Who.OPERATOR and refused.value.about == "image"
    assert said in refused.value.message and str(file) in refused.value.message
    assert SECRET not in refused.value.message and "geheim" not in str(refused.value.__cause__)
    assert credentials.problem() is not None


def test_a_file_that_is_missing_or_open_to_others_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    assert "cannot be read" in str(RegistryCredentials(file).problem())
    file.write_text("{}")
    file.chmod(0o644)
    assert "chmod 600" in str(RegistryCredentials(file).problem())
    file.chmod(0o600)
    assert RegistryCredentials(file).problem() is None
