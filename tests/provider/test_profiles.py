"""A profiles document: both forms, taken whole or not at all, and what of it is for whom."""

from __future__ import annotations

import json

import pytest

from provider.profile_document import MAX_PROFILES, parse_profiles, select
from provider.profiles import Identity, InvalidProfiles, default_profiles_text

TOML = "profiles.toml"
HERE = Identity("org.apache.mesos.rp.local.storage", "ssd", "com.example.csi")


def profiles(text: str):
    return {name: each.profile for name, each in parse_profiles(text, TOML).items()}


def test_the_default_file_has_a_mounted_and_a_block_profile_of_one_pool():
    found = profiles(default_profiles_text())
    assert sorted(found) == ["block", "default"]
    assert found["block"].capability.block and not found["default"].capability.block
    assert {each.capacity_group for each in found.values()} == {"pool"}


def test_the_default_file_may_be_for_one_type_of_plugin_alone():
    parsed = parse_profiles(default_profiles_text("com.example.csi"), TOML)
    other = Identity(HERE.type, "other", "com.example.other")
    assert [(each.selector.fits(HERE), each.selector.fits(other)) for each in parsed.values()] == [
        (True, False),
        (True, False),
    ]


def test_toml_and_json_say_the_same():
    toml = '[profiles.gold]\nfs_type = "xfs"\nmount_flags = ["noatime"]\nparameters = {tier = "1"}'
    text = (
        '{"profiles": {"gold": {"fs_type": "xfs", "mount_flags": ["noatime"], "parameters": {"tier": "1"}}}}'
    )
    assert profiles(toml) == profiles(text)
    gold = profiles(text)["gold"]
    assert gold.capability.mount_flags == ("noatime",) and gold.parameters == {"tier": "1"}


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
        ("[profiles.a]\nparameters = {x = '" + "x" * 5000 + "'}", "4096"),
        ("[profiles.a]\nfs_type = '" + "x" * 200 + "'", "128"),
        ("[profiles.'a b']", "a b"),
        ("[profiles.a]\ncapacity_group = ''", "capacity_group"),
        ("[profiles.a]\ncost_ratio = 0", "cost_ratio"),
        ("[profiles.a]\ncost_ratio = 1.3333", "write 1 and 3"),
        ("[profiles.a]\ncost_ratio = 'dear'", "no number"),
        ("[profiles.a]\ncapacity = 'much'", "512MiB"),
        ("[profiles.a]\nsecrets = {token = 'here'}", "absolute"),
        (f"[profiles.a]\nvolume_context = {{share = '{'x' * 5000}'}}", "volume_context is longer"),
        ("[profiles.a]\nproviders = []", "providers"),
        ("[profiles.a]\nplugin_type = 'x'\nproviders = [{type = 't', name = 'n'}]", "one of them"),
        ("[profiles.a", "declaration"),
    ],
)
def test_a_mistake_is_named_with_the_file(text, words):
    with pytest.raises(InvalidProfiles, match=r"profiles\.toml") as caught:
        parse_profiles(text, TOML)
    assert words in str(caught.value)


def test_too_many_profiles_are_refused():
    with pytest.raises(InvalidProfiles, match=str(MAX_PROFILES)):
        parse_profiles("\n".join(f"[profiles.p{n}]" for n in range(MAX_PROFILES + 1)), TOML)


@pytest.mark.parametrize(("ratio", "milli"), [("1", 1000), ("1.5", 1500), ("'0.001'", 1), ("3", 3000)])
def test_a_cost_ratio_is_kept_exactly(ratio, milli):
    assert profiles(f"[profiles.a]\ncost_ratio = {ratio}")["a"].cost_milli == milli


def test_a_capacity_is_a_size():
    assert profiles("[profiles.a]\ncapacity = '1.5GiB'")["a"].limit_bytes == 3 * 2**29
    assert profiles("[profiles.a]\ncapacity = 1000")["a"].limit_bytes == 1000


def test_a_profile_may_be_for_one_plugin_or_for_some_providers():
    document = parse_profiles(
        "[profiles.all]\n"
        "[profiles.mine]\nplugin_type = 'com.example.csi'\n"
        "[profiles.theirs]\nplugin_type = 'org.other'\n"
        f"[profiles.named]\nproviders = [{{type = '{HERE.type}', name = 'ssd'}}]\n"
        f"secrets = {{key = '/etc/key'}}\n"
        f"[profiles.other]\nproviders = [{{type = '{HERE.type}', name = 'hdd'}}]\n"
        f"secrets = {{key = '/etc/no'}}\n",
        TOML,
    )
    found = select(document, HERE)
    assert {name: dict(each.secrets) for name, each in found.items()} == {
        "all": {},
        "mine": {},
        "named": {"key": "/etc/key"},
    }


# Mesos's disk profile mapping

MANIFEST = {
    "csi_plugin_type_selector": {"plugin_type": "com.example.csi"},
    "volume_capabilities": {
        "mount": {"fs_type": "xfs", "mount_flags": ["noatime"]},
        "access_mode": {"mode": "SINGLE_NODE_WRITER"},
    },
    "create_parameters": {"mountFlags": "as written", "type": "raid5"},
}


def mapping(**changed):
    manifest = {key: value for key, value in {**MANIFEST, **changed}.items() if value is not None}
    return json.dumps({"profile_matrix": {"fast": manifest}})


def test_a_disk_profile_mapping_is_read():
    (fast,) = profiles(mapping()).values()
    assert fast.capability.fs_type == "xfs" and fast.capability.mount_flags == ("noatime",)
    assert fast.parameters == {"mountFlags": "as written", "type": "raid5"}


def test_field_names_may_be_protobufs_own():
    text = (
        mapping()
        .replace("profile_matrix", "profileMatrix")
        .replace("csi_plugin_type_selector", "csiPluginTypeSelector")
        .replace("plugin_type", "pluginType")
        .replace("volume_capabilities", "volumeCapabilities")
        .replace("create_parameters", "createParameters")
        .replace('"SINGLE_NODE_WRITER"', "1")
    )
    assert profiles(text) == profiles(mapping())


def test_a_block_profile_of_a_mapping_has_no_filesystem():
    block = {"block": {}, "access_mode": {"mode": "SINGLE_NODE_WRITER"}}
    assert profiles(mapping(volume_capabilities=block))["fast"].capability.block


def test_an_empty_mapping_takes_all_profiles_away():
    assert profiles('{"profile_matrix": {}}') == {}


def test_selectors_decide_which_provider_gets_which_profile():
    chosen = {"resource_providers": [{"type": HERE.type, "name": "ssd"}]}
    by_name = mapping(csi_plugin_type_selector=None, resource_provider_selector=chosen)
    for text, identity, expected in (
        (mapping(), HERE, ["fast"]),
        (mapping(), Identity(HERE.type, "ssd", "org.other"), []),
        (by_name, HERE, ["fast"]),
        (by_name, Identity(HERE.type, "hdd", HERE.plugin_type), []),
        (by_name, Identity("org.other", "ssd", HERE.plugin_type), []),
    ):
        assert sorted(select(parse_profiles(text, "m"), identity)) == expected


WRITER = {"mode": "SINGLE_NODE_WRITER"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"profile_matrix": []}', "profile_matrix"),
        ('{"profile_matrix": {"fast": 1}}', "fast"),
        ('{"profile_matrix": {}, "more": 1}', "more"),
        (mapping(csi_plugin_type_selector=None), "selector"),
        (mapping(resource_provider_selector={"resource_providers": []}), "selector"),
        (
            mapping(csi_plugin_type_selector=None, resource_provider_selector={"resource_providers": []}),
            "no resource_providers",
        ),
        (
            mapping(
                csi_plugin_type_selector=None,
                resource_provider_selector={"resource_providers": [{"type": "x"}]},
            ),
            "name",
        ),
        (
            mapping(
                csi_plugin_type_selector=None,
                resource_provider_selector={"resource_providers": [{"type": "", "name": "x"}]},
            ),
            "without type",
        ),
        (mapping(csi_plugin_type_selector={}), "plugin_type"),
        (mapping(csi_plugin_type_selector={"plugin_type": ""}), "empty"),
        (mapping(volume_capabilities=None), "volume_capabilities"),
        (mapping(volume_capabilities={}), "access_mode"),
        (mapping(volume_capabilities={"mount": {}}), "access_mode"),
        (mapping(volume_capabilities={"mount": {}, "access_mode": {}}), "mode"),
        (mapping(volume_capabilities={"access_mode": WRITER}), "mount and block"),
        (mapping(volume_capabilities={"mount": {}, "block": {}, "access_mode": WRITER}), "mount and block"),
        (mapping(volume_capabilities={"mount": {}, "access_mode": {"mode": "UNKNOWN"}}), "UNKNOWN"),
        (mapping(volume_capabilities={"mount": {}, "access_mode": {"mode": 0}}), "access_mode"),
        (
            mapping(volume_capabilities={"mount": {"mount_flags": ["x" * 5000]}, "access_mode": WRITER}),
            "4096",
        ),
        (mapping(create_parameters={"x": 1}), "create_parameters"),
        (mapping(colour="red"), "colour"),
    ],
)
def test_a_mistake_in_a_mapping_is_named(text, words):
    with pytest.raises(InvalidProfiles) as caught:
        parse_profiles(text, "mapping.json")
    assert words in str(caught.value)
