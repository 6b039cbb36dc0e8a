"""The generated messages: presence, defaults, what travels; and that they are not stale."""

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET

import api.wire.v1
from api.wire.codec import decode, decode_msgpack, encode, encode_msgpack
from api.wire.message import Message
from api.wire.schema import Label, fields_of
from api.wire.v1 import link, master, mesos, resource_provider, scheduler

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(api.wire.v1.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


def classes_of(kind: type) -> Iterator[type]:
    for name in MODULES:
        module = importlib.import_module(f"api.wire.v1.{name}")
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, kind) and each.__module__ == module.__name__:
                yield each


def test_the_committed_classes_are_what_the_proto_files_say() -> None:
    command = [sys.executable, str(ROOT / "tools" / "generate_wire.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_annotation_of_every_message_resolves() -> None:
    messages = list(classes_of(Message))
    assert len(messages) > 350
    for message in messages:
        assert issubclass(message, Message)
        fields_of(message)


def test_unset_fields_and_empty_lists_do_not_travel() -> None:
    assert encode(mesos.AgentID(value="a")) == b'{"value":"a"}'
    assert encode(scheduler.Call(type=scheduler.CallType.DECLINE, decline=scheduler.CallDecline())) == (
        b'{"type":"DECLINE","decline":{}}'
    )


def test_a_required_field_cannot_be_left_out() -> None:
    with pytest.raises(TypeError):
        mesos.AgentID()  # type: ignore[call-arg]


def test_defaults_are_read_and_written_although_nobody_set_them() -> None:
    assert decode(mesos.Filters, b"{}").refuse_seconds == 5.0
    assert encode(mesos.Filters()) == b'{"refuse_seconds":5.0}'
    assert encode(mesos.Filters(refuse_seconds=5.0)) == b'{"refuse_seconds":5.0}'
    framework = msgspec.json.decode(encode(mesos.FrameworkInfo(user="u", name="n")))
    assert framework == {"user": "u", "name": "n", "failover_timeout": 0.0, "checkpoint": False}


def test_deprecated_defaults_are_not_written() -> None:
    resource = mesos.Resource(name="cpus", type=mesos.ValueType.SCALAR)
    assert resource.role is UNSET
    assert b"role" not in encode(resource)


def test_a_set_empty_message_is_told_from_an_unset_one() -> None:
    decoded = decode(scheduler.Call, b'{"revive":{}}')
    assert decoded.revive == scheduler.CallRevive()
    assert decoded.suppress is UNSET
    assert decode(scheduler.Call, encode(decoded)) == decoded


def test_extensions_are_ordinary_fields() -> None:
    source = mesos.ResourceDiskInfoSource(
        type=mesos.ResourceDiskInfoSourceType.RAW, profile="fast", capacity_group="sda", cost=2.0
    )
    assert decode(mesos.ResourceDiskInfoSource, encode(source)) == source


def test_the_link_carries_bytes_and_messages_of_other_packages_as_msgpack() -> None:
    message = link.OrchestratorMessage(
        type=link.OrchestratorMessageType.APPLY_OPERATION,
        epoch=2**64 - 1,
        apply_operation=link.OrchestratorMessageApplyOperation(
            operation=resource_provider.EventApplyOperation(
                info=mesos.OfferOperation(type=mesos.OfferOperationType.CREATE_DISK),
                operation_uuid=mesos.UUID(value=bytes(range(16))),
                resource_version_uuid=mesos.UUID(value=b"\xff" * 16),
            )
        ),
    )
    data = encode_msgpack(message)
    assert bytes(range(16)) in data
    assert decode_msgpack(link.OrchestratorMessage, data) == message


def test_a_response_names_its_calls_as_the_operator_api_does() -> None:
    for call in master.ResponseType:
        if call is not master.ResponseType.UNKNOWN:
            assert call.value.lower() in fields_of(master.Response)


def test_a_message_prints_only_what_is_set() -> None:
    assert re.fullmatch(r"CallRevive\(roles=\['a'\]\)", repr(scheduler.CallRevive(roles=["a"])))


def test_labels_of_fields_are_those_of_the_proto_files() -> None:
    fields = fields_of(mesos.TaskInfo)
    assert fields["name"].label is Label.REQUIRED
    assert fields["executor"].label is Label.OPTIONAL
    assert fields["resources"].label is Label.REPEATED
    assert fields["limits"].label is Label.MAP


def test_importing_all_messages_builds_no_decoders() -> None:
    """What costs at start is the classes alone; decoders are built when first used."""
    names = ", ".join(MODULES)
    script = f"import time, msgspec; t = time.process_time(); from api.wire.v1 import {names}; " + (
        "print(time.process_time() - t)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert float(done.stdout) < 0.3
