"""What `generate_wire` writes for protobuf: for each message what writes it, and what reads it.

A writer takes a struct of `api.wire.v1` and returns its protobuf form, fields by number, as the official
runtime does. Fields that are unset, lists that are empty, and defaults of the .proto file's own are left out.
A reader takes what the runtime has parsed, and returns the struct: to ask for each field that may be there is
quicker than to have those listed that are, unless they may be many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

F = FieldDescriptorProto
VARINT, FIXED64, LENGTH_DELIMITED = 0, 1, 2
WIRE_TYPES = {F.TYPE_DOUBLE: FIXED64, F.TYPE_STRING: 2, F.TYPE_BYTES: 2, F.TYPE_MESSAGE: 2}
LINK = "link"
"""The link between agent and orchestrator is msgpack alone."""


class TypeName(Protocol):
    """Where a message or enum is generated."""

    @property
    def module(self) -> str: ...

    @property
    def name(self) -> str: ...


def varint(number: int) -> bytes:
    number &= 2**64 - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def tag(field: FieldDescriptorProto) -> bytes:
    return varint(field.number << 3 | WIRE_TYPES.get(field.type, VARINT))


def descriptor_set(compiled: FileDescriptorSet) -> bytes:
    """Every file but the link's, as the runtime loads them; without what protoc adds for other codecs."""
    kept = FileDescriptorSet()
    for file in compiled.file:
        if file.package.rpartition(".")[2] != LINK:
            kept.file.add().CopyFrom(file)
    for file in kept.file:
        file.ClearField("source_code_info")
        for message in file.message_type:
            _plain(message)
    return kept.SerializeToString(deterministic=True)


def _plain(message: DescriptorProto) -> None:
    for each in message.field:
        each.ClearField("json_name")
    for nested in message.nested_type:
        _plain(nested)


@dataclass(frozen=True, slots=True)
class Writers:
    """Writes the module."""

    names: Mapping[str, TypeName]
    map_entries: Mapping[str, DescriptorProto]
    header: str

    def text(self, compiled: FileDescriptorSet) -> str:
        kept = [file for file in compiled.file if file.package.rpartition(".")[2] != LINK]
        messages = [each for file in kept for each in _messages(file)]
        body = "\n\n\n".join(self.function(full, message) for full, message in messages)
        enums = "\n".join(self.enum(full, enum) for file in kept for full, enum in _enums(file))
        modules = ", ".join(sorted({self.names[full].module for full, _ in messages}))
        return (
            f'"""Structs to protobuf. {self.header}"""\n\n'
            "from __future__ import annotations\n\n"
            "from collections.abc import Callable\n"
            "from typing import Any, Final\n\n"
            "from msgspec import UNSET\n\n"
            "from api.wire.message import Message\n"
            f"from api.wire.v1 import {modules}\n"
            "from api.wire.varint import DOUBLE, SHORT, SHORTER_THAN, varint\n\n"
            f"{enums}\n\n\n{body}\n\n\n{self.tables(messages)}"
        )

    def tables(self, messages: Sequence[tuple[str, DescriptorProto]]) -> str:
        lines = ["WRITERS: Final[dict[type[Message], Callable[[Any], bytes]]] = {"]
        lines += [f"    {self.type(full)}: {self.writer(full)}," for full, _ in messages]
        lines += ["}", "", "PROTO_NAMES: Final[dict[type[Message], str]] = {"]
        lines += [f'    {self.type(full)}: "{full[1:]}",' for full, _ in messages]
        lines += ["}", "", "FIELD_NUMBERS: Final[dict[type[Message], dict[str, int]]] = {"]
        for full, message in messages:
            numbers = ", ".join(f'"{each.name}": {each.number}' for each in message.field)
            lines.append(f"    {self.type(full)}: {{{numbers}}},")
        return "\n".join([*lines, "}", ""])

    def type(self, full: str) -> str:
        return f"{self.names[full].module}.{self.names[full].name}"

    def writer(self, full: str) -> str:
        return f"_{self.names[full].module}_{self.names[full].name}"

    def numbers(self, full: str) -> str:
        return f"_{self.names[full].module}_{self.names[full].name}"

    def enum(self, full: str, enum: EnumDescriptorProto) -> str:
        values = ", ".join(f'"{value.name}": {varint(value.number)!r}' for value in enum.value)
        return f"{self.numbers(full)}: Final[dict[str, bytes]] = {{{values}}}"

    def function(self, full: str, message: DescriptorProto) -> str:
        fields = sorted(message.field, key=lambda each: each.number)
        head = f"def {self.writer(full)}(m: {self.type(full)}) -> bytes:"
        if not fields:
            return f'{head}\n    return b""'
        if len(fields) == 1 and fields[0].label == F.LABEL_REQUIRED:
            lines = [*self.prepared("m." + fields[0].name, fields[0])]
            lines.append(f"return {self.written('m.' + fields[0].name, fields[0])}")
            return "\n".join([head, *(f"    {line}" for line in lines)])
        lines = ["o: list[bytes] = []"]
        for each in fields:
            lines += self.field(each)
        lines.append('return b"".join(o)')
        return "\n".join([head, *(f"    {line}" for line in lines)])

    def field(self, each: FieldDescriptorProto) -> Iterator[str]:
        here = f"m.{each.name}"
        if each.type_name in self.map_entries:
            yield f"for k, v in {here}.items():"
            yield from (f"    {line}" for line in self.entry(each))
        elif each.label == F.LABEL_REPEATED:
            yield f"for v in {here}:"
            yield from (f"    {line}" for line in self.appended("v", each))
        elif each.label == F.LABEL_REQUIRED:
            yield from self.appended(here, each)
        else:
            yield f"if (v := {here}) {self.absent(each)}:"
            yield from (f"    {line}" for line in self.appended("v", each))

    def absent(self, each: FieldDescriptorProto) -> str:
        if not each.HasField("default_value") or each.options.deprecated:
            return "is not UNSET"
        if each.type in (F.TYPE_ENUM, F.TYPE_STRING):
            return f'!= "{each.default_value}"'
        if each.type == F.TYPE_BOOL:
            return "is not " + each.default_value.capitalize()
        return f"!= {each.default_value}"

    def entry(self, each: FieldDescriptorProto) -> Iterator[str]:
        key, value = self.map_entries[each.type_name].field
        yield "s = k.encode()"
        yield f"e = {self.delimited(tag(key), 's')}"
        yield from self.prepared("v", value)
        yield f"e += {self.written('v', value)}"
        yield f"o.append({self.delimited(tag(each), 'e')})"

    def appended(self, here: str, each: FieldDescriptorProto) -> Iterator[str]:
        yield from self.prepared(here, each)
        yield f"o.append({self.written(here, each)})"

    def prepared(self, here: str, each: FieldDescriptorProto) -> Iterator[str]:
        """What has a length is made first, as `s`."""
        if each.type == F.TYPE_STRING:
            yield f"s = {here}.encode()"
        elif each.type == F.TYPE_BYTES:
            yield f"s = {here}"
        elif each.type == F.TYPE_MESSAGE:
            yield f"s = {self.writer(each.type_name)}({here})"
        elif each.type not in (F.TYPE_BOOL, F.TYPE_DOUBLE, F.TYPE_ENUM):
            yield f"n = {here}"

    def written(self, here: str, each: FieldDescriptorProto) -> str:
        head = tag(each)
        if each.type in (F.TYPE_STRING, F.TYPE_BYTES, F.TYPE_MESSAGE):
            return self.delimited(head, "s")
        if each.type == F.TYPE_BOOL:
            return f"{head + bytes([1])!r} if {here} else {head + bytes([0])!r}"
        if each.type == F.TYPE_DOUBLE:
            return f"{head!r} + DOUBLE({here})"
        if each.type == F.TYPE_ENUM:
            return f"{head!r} + {self.numbers(each.type_name)}[{here}]"
        return f"{head!r} + (SHORT[n] if 0 <= n < SHORTER_THAN else varint(n))"

    def delimited(self, head: bytes, name: str) -> str:
        return f"{head!r} + (SHORT[n] if (n := len({name})) < SHORTER_THAN else varint(n)) + {name}"


MANY = 8
"""Optional fields; a message with more is asked which of them it has."""

AS_THEY_ARE = frozenset({F.TYPE_BOOL, F.TYPE_BYTES, F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64})


@dataclass(frozen=True, slots=True)
class Readers:
    """Writes the other module."""

    names: Mapping[str, TypeName]
    map_entries: Mapping[str, DescriptorProto]
    member: Callable[[str], str]
    proto3: Sequence[DescriptorProto]
    header: str

    def text(self, compiled: FileDescriptorSet) -> str:
        kept = [file for file in compiled.file if file.package.rpartition(".")[2] != LINK]
        messages = [each for file in kept for each in _messages(file)]
        enums = "\n".join(self.enum(full, enum) for file in kept for full, enum in _enums(file))
        functions = "\n\n\n".join(self.function(full, message) for full, message in messages)
        tables = "\n".join(self.table(full, message) for full, message in messages if self.is_wide(message))
        readers = "\n".join(f"    {self.type(full)}: {self.reader(full)}," for full, _ in messages)
        modules = ", ".join(sorted({self.names[full].module for full, _ in messages}))
        return (
            f'"""What the runtime has parsed, as structs. {self.header}"""\n\n'
            "from __future__ import annotations\n\n"
            "from collections.abc import Callable\n"
            "from typing import Any, Final\n\n"
            "from api.wire.message import DOUBLE_MAX, Message\n"
            f"from api.wire.v1 import {modules}\n"
            "from api.wire.values_read import finite, same, text\n\n"
            f"{enums}\n\n\n{functions}\n\n\n"
            f"Table = dict[int, tuple[str, Callable[[Any], Any]]]\n{tables}\n\n"
            f"READERS: Final[dict[type[Message], Callable[[Any], Any]]] = {{\n{readers}\n}}\n"
        )

    def type(self, full: str) -> str:
        return f"{self.names[full].module}.{self.names[full].name}"

    def reader(self, full: str) -> str:
        return f"_{self.names[full].module}_{self.names[full].name}"

    def enum(self, full: str, enum: EnumDescriptorProto) -> str:
        numbers = {value.number: value.name for value in reversed(enum.value)}
        values = ", ".join(f"{n}: {self.type(full)}.{self.member(numbers[n])}" for n in sorted(numbers))
        return f"{self.reader(full)} = {{{values}}}"

    def is_wide(self, message: DescriptorProto) -> bool:
        """Also what is proto3, where single values cannot be asked for."""
        if message in self.proto3:
            return True
        return sum(each.label != F.LABEL_REQUIRED for each in message.field) > MANY

    def function(self, full: str, message: DescriptorProto) -> str:
        head = f"def {self.reader(full)}(p: Any) -> {self.type(full)}:"
        if self.is_wide(message):
            table = f"{self.reader(full)}_fields"
            line = f"(f := {table}[d.number])[0]: f[1](v) for d, v in p.ListFields()"
            return f"{head}\n    return {self.type(full)}(**{{{line}}})"
        required = [each for each in message.field if each.label == F.LABEL_REQUIRED]
        given = ", ".join(f"{each.name}={self.value(each, f'p.{each.name}')}" for each in required)
        if len(required) == len(message.field):
            return f"{head}\n    return {self.type(full)}({given})"
        lines = [f"m = {self.type(full)}({given})"]
        for each in message.field:
            lines += self.optional(each)
        return "\n".join([head, *(f"    {line}" for line in (*lines, "return m"))])

    def optional(self, each: FieldDescriptorProto) -> Iterator[str]:
        if each.label == F.LABEL_REPEATED:
            yield f"if v := p.{each.name}:"
            yield f"    m.{each.name} = {self.many(each, 'v')}"
        elif each.label == F.LABEL_OPTIONAL:
            yield f'if p.HasField("{each.name}"):'
            yield f"    m.{each.name} = {self.value(each, f'p.{each.name}')}"

    def table(self, full: str, message: DescriptorProto) -> str:
        rows = "\n".join(
            f'    {each.number}: ("{each.name}", {self.converter(each)}),' for each in message.field
        )
        return f"{self.reader(full)}_fields: Final[Table] = {{\n{rows}\n}}"

    def converter(self, each: FieldDescriptorProto) -> str:
        if each.label == F.LABEL_REPEATED:
            return f"lambda v: {self.many(each, 'v')}"
        if each.type == F.TYPE_MESSAGE:
            return self.reader(each.type_name)
        if each.type == F.TYPE_ENUM:
            return f"{self.reader(each.type_name)}.__getitem__"
        return {F.TYPE_STRING: "text", F.TYPE_DOUBLE: "finite"}.get(each.type, "same")

    def many(self, each: FieldDescriptorProto, here: str) -> str:
        entry = self.map_entries.get(each.type_name)
        if entry is not None:
            return f"{{text(k): {self.value(entry.field[1], 'e')} for k, e in {here}.items()}}"
        if each.type in AS_THEY_ARE:
            return f"list({here})"
        return f"[{self.value(each, 'e')} for e in {here}]"

    def value(self, each: FieldDescriptorProto, here: str) -> str:
        if each.type == F.TYPE_MESSAGE:
            return f"{self.reader(each.type_name)}({here})"
        if each.type == F.TYPE_ENUM:
            return f"{self.reader(each.type_name)}[{here}]"
        if each.type == F.TYPE_STRING:
            return f"s if type(s := {here}) is str else text(s)"
        if each.type == F.TYPE_DOUBLE:
            return f"x if -DOUBLE_MAX <= (x := {here}) <= DOUBLE_MAX else finite(x)"
        return here


def _messages(file: FileDescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
    def within(message: DescriptorProto, scope: str) -> Iterator[tuple[str, DescriptorProto]]:
        if message.options.map_entry:
            return
        full = f"{scope}.{message.name}"
        yield full, message
        for nested in message.nested_type:
            yield from within(nested, full)

    for message in file.message_type:
        yield from within(message, f".{file.package}")


def _enums(file: FileDescriptorProto) -> Iterator[tuple[str, EnumDescriptorProto]]:
    for enum in file.enum_type:
        yield f".{file.package}.{enum.name}", enum
    for full, message in _messages(file):
        for enum in message.enum_type:
            yield f"{full}.{enum.name}", enum
