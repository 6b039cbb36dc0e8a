"""Profiles from a file: taken whole or not at all, and never changed once used."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from provider.profiles import InvalidProfiles, ProfileFile, default_profiles_text, parse_profiles

TOML = Path("profiles.toml")


def written(tmp_path, text, name="profiles.toml"):
    path = tmp_path / name
    path.write_text(text)
    return path


def rewrite(path, text):
    path.write_text(text)
    stamp = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(stamp, stamp))


def test_the_default_file_has_a_mounted_and_a_block_profile():
    profiles = parse_profiles(default_profiles_text(), TOML)
    assert sorted(profiles) == ["block", "default"]
    assert profiles["block"].capability.block and not profiles["default"].capability.block


def test_toml_and_json_say_the_same(tmp_path):
    toml = '[profiles.gold]\nfs_type = "xfs"\nmount_flags = ["noatime"]\nparameters = {tier = "1"}'
    json = (
        '{"profiles": {"gold": {"fs_type": "xfs", "mount_flags": ["noatime"], "parameters": {"tier": "1"}}}}'
    )
    one = ProfileFile(written(tmp_path, toml)).load()
    other = ProfileFile(written(tmp_path, json, "profiles.json")).load()
    assert one == other
    assert one["gold"].capability.mount_flags == ("noatime",) and one["gold"].parameters == {"tier": "1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "profiles"),
        ("[profiles]", "0 profiles"),
        ("[profiles.a]\ncolour = 'red'", "colour"),
        ("[profiles.a]\nfs_type = 3", "fs_type"),
        ("[profiles.a]\naccess_mode = 'ALL'", "SINGLE_NODE_WRITER"),
        ("[profiles.a]\nblock = true\nfs_type = 'ext4'", "leave"),
        ("[profiles.a]\nmount_flags = ['" + "x" * 5000 + "']", "4096"),
        ("[profiles.'a b']", "a b"),
        ("[profiles.a]\ncapacity_group = ''", "capacity_group"),
        ("[profiles.a", "declaration"),
    ],
)
def test_a_mistake_is_named_with_the_file(text, words):
    with pytest.raises(InvalidProfiles, match=r"profiles\.toml") as caught:
        parse_profiles(text, TOML)
    assert words in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidProfiles, match="nothing-here"):
        ProfileFile(tmp_path / "nothing-here.toml").load()


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path):
    path = written(tmp_path, "[profiles.a]")
    profiles = ProfileFile(path)
    profiles.load()
    assert profiles.reload() is None
    rewrite(path, "[profiles.a]\n[profiles.b]")
    assert sorted(profiles.reload()) == ["a", "b"]


def test_with_a_mistake_the_last_good_content_stays_in_force_and_is_said_once(tmp_path):
    path = written(tmp_path, "[profiles.a]")
    profiles = ProfileFile(path)
    profiles.load()
    rewrite(path, "[profiles.a]\nwrong = 1")
    with pytest.raises(InvalidProfiles):
        profiles.reload()
    assert sorted(profiles.profiles) == ["a"]
    assert profiles.reload() is None
    path.unlink()
    with pytest.raises(InvalidProfiles):
        profiles.reload()
    assert profiles.reload() is None


def test_a_file_that_could_not_be_read_is_read_once_it_can_be(tmp_path, monkeypatch):
    path = written(tmp_path, "[profiles.a]")
    profiles = ProfileFile(path)
    with monkeypatch.context() as locked:
        locked.setattr(Path, "read_text", refuse)  # root may read everything
        with pytest.raises(InvalidProfiles, match="Permission denied"):
            profiles.load()
        assert profiles.reload() is None, "said once"
    time.sleep(0.02)  # a file system's clock may tick this slowly
    path.chmod(0o644)
    assert sorted(profiles.reload()) == ["a"]


def refuse(*_, **__):
    raise PermissionError("Permission denied")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "profiles.toml")
    with pytest.raises(InvalidProfiles, match="not a regular file"):
        ProfileFile(tmp_path / "profiles.toml").load()


def test_a_used_profile_keeps_its_meaning_but_may_be_described_anew(tmp_path):
    path = written(tmp_path, "[profiles.a]\nfs_type = 'ext4'")
    profiles = ProfileFile(path)
    profiles.use(profiles.load()["a"])
    rewrite(path, "[profiles.a]\nfs_type = 'ext4'\ndescription = 'slow'")
    assert profiles.reload()["a"].description == "slow"
    rewrite(path, "[profiles.a]\nfs_type = 'xfs'\n[profiles.b]")
    with pytest.raises(InvalidProfiles, match="new name"):
        profiles.reload()
    assert sorted(profiles.profiles) == ["a"]


def test_what_was_used_in_an_earlier_life_counts(tmp_path):
    used = parse_profiles("[profiles.a]\nfs_type = 'ext4'", TOML)["a"]
    with pytest.raises(InvalidProfiles, match="new name"):
        ProfileFile(written(tmp_path, "[profiles.a]\nfs_type = 'xfs'"), [used]).load()
