"""The compiled CSI descriptors against what any CSI 1.x peer relies on: a list of its own, not csi.proto."""

import pytest

from csi_spec import csi_pb2, csi_pb2_grpc

SERVICES = {
    "Identity": "GetPluginInfo GetPluginCapabilities Probe",
    "Controller": "CreateVolume DeleteVolume ControllerPublishVolume ControllerUnpublishVolume "
    "ValidateVolumeCapabilities ListVolumes GetCapacity ControllerGetCapabilities CreateSnapshot "
    "DeleteSnapshot ListSnapshots GetSnapshot ControllerExpandVolume ControllerGetVolume "
    "ControllerModifyVolume",
    "GroupController": "GroupControllerGetCapabilities CreateVolumeGroupSnapshot DeleteVolumeGroupSnapshot "
    "GetVolumeGroupSnapshot",
    "SnapshotMetadata": "GetMetadataAllocated GetMetadataDelta",
    "Node": "NodeStageVolume NodeUnstageVolume NodePublishVolume NodeUnpublishVolume NodeGetVolumeStats "
    "NodeExpandVolume NodeGetCapabilities NodeGetInfo",
}

# (message, field, number): what travels in the calls a volume's life is made of.
FIELDS = [
    ("GetPluginInfoResponse", "name", 1),
    ("ProbeResponse", "ready", 1),
    ("CreateVolumeRequest", "capacity_range", 2),
    ("CreateVolumeRequest", "parameters", 4),
    ("CreateVolumeRequest", "accessibility_requirements", 7),
    ("CreateVolumeRequest", "mutable_parameters", 8),
    ("Volume", "capacity_bytes", 1),
    ("Volume", "volume_id", 2),
    ("Volume", "volume_context", 3),
    ("Volume", "accessible_topology", 5),
    ("VolumeCapability", "block", 1),
    ("VolumeCapability", "mount", 2),
    ("VolumeCapability", "access_mode", 3),
    ("VolumeCapability.MountVolume", "volume_mount_group", 3),
    ("GetCapacityResponse", "minimum_volume_size", 3),
    ("ListVolumesResponse", "next_token", 2),
    ("ControllerExpandVolumeResponse", "node_expansion_required", 2),
    ("NodeStageVolumeRequest", "staging_target_path", 3),
    ("NodePublishVolumeRequest", "staging_target_path", 3),
    ("NodePublishVolumeRequest", "target_path", 4),
    ("NodePublishVolumeRequest", "readonly", 6),
    ("NodeUnpublishVolumeRequest", "target_path", 2),
    ("NodeExpandVolumeRequest", "secrets", 6),
    ("NodeGetInfoResponse", "accessible_topology", 3),
    ("Snapshot", "group_snapshot_id", 6),
]

ENUM_VALUES = [
    ("PluginCapability.Service.Type", "SNAPSHOT_METADATA_SERVICE", 4),
    ("PluginCapability.VolumeExpansion.Type", "OFFLINE", 2),
    ("ControllerServiceCapability.RPC.Type", "GET_SNAPSHOT", 15),
    ("NodeServiceCapability.RPC.Type", "VOLUME_MOUNT_GROUP", 6),
    ("GroupControllerServiceCapability.RPC.Type", "CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT", 1),
    ("VolumeCapability.AccessMode.Mode", "SINGLE_NODE_MULTI_WRITER", 7),
    ("VolumeUsage.Unit", "INODES", 2),
    ("BlockMetadataType", "VARIABLE_LENGTH", 2),
]


def find_message(name: str):
    descriptor = csi_pb2.DESCRIPTOR.message_types_by_name[name.split(".")[0]]
    for part in name.split(".")[1:]:
        descriptor = descriptor.nested_types_by_name[part]
    return descriptor


def find_enum(name: str):
    owner, _, last = name.rpartition(".")
    return (find_message(owner) if owner else csi_pb2.DESCRIPTOR).enum_types_by_name[last]


def test_every_service_has_exactly_the_calls_of_the_specification():
    compiled = {
        name: {method.name for method in service.methods}
        for name, service in csi_pb2.DESCRIPTOR.services_by_name.items()
    }
    assert compiled == {name: set(calls.split()) for name, calls in SERVICES.items()}
    assert csi_pb2.DESCRIPTOR.package == "csi.v1"


@pytest.mark.parametrize(("message", "field", "number"), FIELDS)
def test_field_has_its_number_on_the_wire(message, field, number):
    assert find_message(message).fields_by_name[field].number == number


@pytest.mark.parametrize(("enum", "value", "number"), ENUM_VALUES)
def test_enum_value_has_its_number_on_the_wire(enum, value, number):
    assert find_enum(enum).values_by_name[value].number == number


def test_every_field_named_secrets_is_marked_so_that_it_is_never_logged():
    marked = {
        message.name
        for message in csi_pb2.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.GetOptions().Extensions[csi_pb2.csi_secret]
    }
    named = {
        message.name
        for message in csi_pb2.DESCRIPTOR.message_types_by_name.values()
        if "secrets" in message.fields_by_name
    }
    assert marked == named
    assert len(named) == 19


def test_metadata_calls_stream_their_answers():
    methods = csi_pb2.DESCRIPTOR.services_by_name["SnapshotMetadata"].methods
    assert all(method.server_streaming for method in methods)


def test_a_create_request_has_the_bytes_any_peer_would_send():
    request = csi_pb2.CreateVolumeRequest(name="v", capacity_range=csi_pb2.CapacityRange(required_bytes=1))
    assert request.SerializeToString() == b"\x0a\x01v\x12\x02\x08\x01"


def test_every_service_has_a_stub_and_a_servicer():
    for name in SERVICES:
        assert hasattr(csi_pb2_grpc, f"{name}Stub")
        assert hasattr(csi_pb2_grpc, f"{name}Servicer")
