"""Secrets of a plugin: sent with the calls that take them, read at each, and nowhere to be seen."""

from __future__ import annotations

import base64
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.calls import (
    ControllerExpand,
    ControllerPublish,
    ControllerUnpublish,
    CreateVolume,
    DeleteVolume,
    GetCapacity,
    ListVolumes,
    NodeExpand,
    NodePublish,
    NodeStage,
    NodeUnpublish,
    NodeUnstage,
    Outcome,
    PluginError,
    ValidateVolume,
)
from provider.plugins import csi_messages
from provider.plugins.config import SecretFile
from provider.plugins.csi_messages import TRANSLATIONS
from provider.plugins.methods import CARRY_SECRETS, METHODS
from provider.plugins.secrets import MAX_SECRET_BYTES, UNREADABLE, SecretFiles
from provider.volume import VolumeCapability

MOUNT = VolumeCapability()
ONE_OF_EACH = (
    CreateVolume("n", 1, MOUNT, profile="gold"),
    DeleteVolume("v", profile="gold"),
    ControllerPublish("v", "node", MOUNT, False, {}, profile="gold"),
    ControllerUnpublish("v", "node", profile="gold"),
    NodeStage("v", "/s", MOUNT, {}, {}, profile="gold"),
    NodeUnstage("v", "/s"),
    NodePublish("v", "/s", "/t", MOUNT, False, {}, {}, profile="gold"),
    NodeUnpublish("v", "/t"),
    GetCapacity(MOUNT),
    ListVolumes(),
    ValidateVolume("v", MOUNT, {}, profile="gold"),
    ControllerExpand("v", 1, MOUNT, profile="gold"),
    NodeExpand("v", "/t", None, 1, MOUNT, profile="gold"),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "user").write_text("admin\n")
    (tmp_path / "key").write_text("hunter2\n")
    return tmp_path


@pytest.mark.parametrize("request_", ONE_OF_EACH, ids=lambda each: type(each).__name__)
def test_a_call_carries_secrets_exactly_when_csi_gives_it_a_place_for_them(folder, request_):
    secrets = SecretFiles()
    secrets.of_plugin([SecretFile("user", str(folder / "user"))])
    secrets.of_profiles({"gold": {"key": str(folder / "key")}, "silver": {"other": "/nowhere"}})
    found = secrets.of(request_)
    message = TRANSLATIONS[type(request_)].request(request_, found)
    if hasattr(message, "secrets"):
        assert message.secrets == {"user": "admin", "key": "hunter2"}
        assert METHODS[type(request_)] in CARRY_SECRETS
    else:
        assert not found and METHODS[type(request_)] not in CARRY_SECRETS


def test_every_request_is_covered():
    assert {type(each) for each in ONE_OF_EACH} == set(TRANSLATIONS) == set(METHODS)
    assert csi_messages.PAGE > 0


def test_a_secret_may_be_for_some_calls_alone(folder):
    secrets = SecretFiles()
    secrets.of_plugin([SecretFile("user", str(folder / "user"), frozenset({"NodeStageVolume"}))])
    assert secrets.of(ONE_OF_EACH[0]) == {}
    assert secrets.of(ONE_OF_EACH[4]) == {"user": "admin"}


def test_a_changed_file_counts_from_the_next_call_on_and_the_old_value_stays_hidden(folder):
    secrets = SecretFiles()
    secrets.of_plugin([SecretFile("key", str(folder / "key"))])
    assert secrets.of(ONE_OF_EACH[0]) == {"key": "hunter2"}
    (folder / "key").write_text("hunter3")
    assert secrets.of(ONE_OF_EACH[0]) == {"key": "hunter3"}
    assert secrets.scrub("not hunter2 and not hunter3 either") == "not *** and not *** either"


@pytest.mark.parametrize("wrong", ["missing", "directory", "fifo", "large", "binary"])
def test_a_file_that_cannot_be_read_makes_the_call_wait_and_says_which(folder, wrong):
    path = folder / "wrong"
    match wrong:
        case "directory":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "large":
            path.write_text("x" * (MAX_SECRET_BYTES + 1))
        case "binary":
            path.write_bytes(b"\xff\xfe")
    secrets = SecretFiles()
    secrets.of_plugin([SecretFile("token", str(path))])
    with pytest.raises(PluginError, match="'token' cannot be read from") as caught:
        secrets.of(ONE_OF_EACH[0])
    assert caught.value.code == UNREADABLE and str(path) in caught.value.message
    assert caught.value.outcome is Outcome.UNKNOWN, "it is repeated"
    assert secrets.of(ListVolumes()) == {}, "other calls go on"


@given(st.text(st.characters(codec="utf-8", exclude_characters="*<>\"'\n"), min_size=1, max_size=40))
def test_a_value_is_hidden_however_it_is_printed(value):
    secrets = SecretFiles()
    secrets._remember(value)
    for form in (value, json.dumps(value), repr(value), base64.b64encode(value.encode()).decode()):
        said = secrets.scrub(f"<<{form}>>")
        for hidden in (value, json.dumps(value)[1:-1], base64.b64encode(value.encode()).decode()):
            assert hidden not in said.replace("***", "").strip("<>\"'")


def test_each_line_of_a_long_secret_is_hidden_by_itself():
    secrets = SecretFiles()
    secrets._remember("-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n-----END KEY-----")
    assert secrets.scrub("bad key MIIEpAIBAAKCAQEA given") == "bad key *** given"
