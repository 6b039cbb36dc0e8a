"""Generates the message classes of api/wire/v1 from the .proto files of api/wire/proto.

    python tools/generate_wire.py           writes them
    python tools/generate_wire.py --check   exits 1, naming the files, when what is committed is stale

It knows the proto2 that the files use and refuses the rest. What is written for protobuf: `wire_protobuf`.
"""

import argparse
import keyword
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc
from wire_protobuf import Readers, Writers, descriptor_set

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "api" / "wire" / "proto"
OUTPUT = ROOT / "api" / "wire" / "v1"
PACKAGE = "api.wire.v1"
HEADER = "Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."
FIRST_EXTENSION = 1000
DESCRIPTORS = "descriptors.binpb"

SCALARS = {
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
    FieldDescriptorProto.TYPE_DOUBLE: "Double",
    FieldDescriptorProto.TYPE_INT32: "Int32",
    FieldDescriptorProto.TYPE_INT64: "Int64",
    FieldDescriptorProto.TYPE_STRING: "str",
    FieldDescriptorProto.TYPE_UINT32: "UInt32",
    FieldDescriptorProto.TYPE_UINT64: "UInt64",
}
NUMBERS = ("Double", "Int32", "Int64", "UInt32", "UInt64")


class UnsupportedProto(Exception):
    """The .proto files say something that has no form in the generated classes: change them, or this tool."""


@dataclass(frozen=True, slots=True)
class TypeName:
    """Where a message or enum is generated: its module and its class."""

    module: str
    name: str

    def seen_from(self, module: str) -> str:
        return self.name if module == self.module else f"{self.module}.{self.name}"


@dataclass(slots=True)
class Schema:
    """Every type of the compiled files by its full proto name (with the leading dot that protoc writes)."""

    names: dict[str, TypeName] = field(default_factory=dict)
    map_entries: dict[str, DescriptorProto] = field(default_factory=dict)

    def add(self, full_name: str, type_name: TypeName) -> None:
        for other, taken in self.names.items():
            if taken == type_name:
                raise UnsupportedProto(
                    f"{full_name} and {other} would both be {type_name.module}.{type_name.name}"
                )
        self.names[full_name] = type_name


def compile_protos() -> FileDescriptorSet:
    """The descriptors of every .proto file, imports first."""
    sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    well_known = str(files("grpc_tools") / "_proto")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "descriptors"
        arguments = [f"-I{PROTO}", f"-I{well_known}", "--include_imports", f"--descriptor_set_out={target}"]
        if protoc.main(["protoc", *arguments, *sources]) != 0:
            raise UnsupportedProto("protoc refused the files; its message is above")
        return FileDescriptorSet.FromString(target.read_bytes())


def module_name(file: FileDescriptorProto) -> str:
    """mesos.v1 -> mesos; else the last part: mesos.v1.scheduler -> scheduler, orlop.v1.link -> link."""
    package = file.package
    return "mesos" if package == "mesos.v1" else package.rpartition(".")[2]


def build_schema(compiled: FileDescriptorSet) -> Schema:
    schema = Schema()
    for file in compiled.file:
        module = module_name(file)

        def visit(message: DescriptorProto, scope: str, prefix: str, module: str = module) -> None:
            full = f"{scope}.{message.name}"
            if message.options.map_entry:
                schema.map_entries[full] = message
                return
            schema.add(full, TypeName(module, prefix + message.name))
            for enum in message.enum_type:
                schema.add(f"{full}.{enum.name}", TypeName(module, prefix + message.name + enum.name))
            for nested in message.nested_type:
                visit(nested, full, prefix + message.name)

        for enum in file.enum_type:
            schema.add(f".{file.package}.{enum.name}", TypeName(module, enum.name))
        for message in file.message_type:
            visit(message, f".{file.package}", "")
    return schema


@dataclass(slots=True)
class ModuleWriter:
    """Writes one package as one module."""

    schema: Schema
    file: FileDescriptorProto
    module: str

    def text(self) -> str:
        body = "\n\n\n".join(self.definitions())
        return f'"""{self.file.package}. {HEADER}"""\n\n{self.imports(body)}\n\n\n{body}\n'

    def definitions(self) -> Iterator[str]:
        scope = f".{self.file.package}"
        for enum in self.file.enum_type:
            yield self.enum(enum, f"{scope}.{enum.name}")
        for message in self.file.message_type:
            yield from self.message(message, f"{scope}.{message.name}")

    def imports(self, body: str) -> str:
        standard = ["from __future__ import annotations", ""]
        if "(StrEnum)" in body:
            standard += ["from enum import StrEnum", ""]
        names = [name for name in ("UNSET", "UnsetType", "field") if re.search(rf"\b{name}\b", body)]
        lines = [f"from msgspec import {', '.join(names)}", ""] if names else []
        numbers = [name for name in NUMBERS if re.search(rf"\b{name}\b", body)]
        bounded = ["UINT64_MAX", "beyond_uint64"] if "beyond_uint64" in body else []
        from_message = sorted([*numbers, "Message", *bounded])
        lines.append(f"from api.wire.message import {', '.join(from_message)}")
        modules = {name.module for name in self.schema.names.values()} - {self.module}
        used = sorted(name for name in modules if re.search(rf"\b{name}\.[A-Z]", body))
        if used:
            lines.append(f"from {PACKAGE} import {', '.join(used)}")
        return "\n".join(standard + lines)

    def enum(self, enum: EnumDescriptorProto, full: str) -> str:
        lines = [f"class {self.schema.names[full].name}(StrEnum):", f'    """{full[1:]}"""', ""]
        lines.extend(f'    {python_name(value.name)} = "{value.name}"' for value in enum.value)
        return "\n".join(lines)

    def message(self, message: DescriptorProto, full: str) -> Iterator[str]:
        if message.options.map_entry:
            return
        for enum in message.enum_type:
            yield self.enum(enum, f"{full}.{enum.name}")
        fields = [self.field(each) for each in message.field]
        self.refuse_shadowing(message, full, fields)
        lines = [f"class {self.schema.names[full].name}(Message, kw_only=True):", f'    """{full[1:]}"""']
        lines += [*([""] if fields else []), *(f"    {each}" for each in fields), *self.bounds(message)]
        yield "\n".join(lines)
        for nested in message.nested_type:
            yield from self.message(nested, f"{full}.{nested.name}")

    def bounds(self, message: DescriptorProto) -> Iterator[str]:
        """What msgspec cannot be told of the type: how large a UInt64 may be."""
        unsigned = [each for each in message.field if each.type == FieldDescriptorProto.TYPE_UINT64]
        if not unsigned:
            return
        if any(each.label == FieldDescriptorProto.LABEL_REPEATED for each in unsigned):
            raise UnsupportedProto(f"{message.name}: a repeated uint64 is not bounded by this tool")
        yield from ("", "    def __post_init__(self) -> None:")
        for each in unsigned:
            needs_look = each.label != FieldDescriptorProto.LABEL_REQUIRED and not self.has_own_default(each)
            present = f"self.{each.name} is not UNSET and " if needs_look else ""
            yield f"        if {present}self.{each.name} > UINT64_MAX:"
            yield f'            raise beyond_uint64("{each.name}")'

    def refuse_shadowing(self, message: DescriptorProto, full: str, fields: Sequence[str]) -> None:
        """Annotations are evaluated in the scope of the class, where a field's name hides a type's."""
        used = {
            token
            for each in fields
            for token in re.findall(r"\w+", each.partition(": ")[2].partition(" = ")[0])
        }
        for each in message.field:
            if each.name in used:
                raise UnsupportedProto(f"{full[1:]}: the field {each.name} hides the type of that name")
            if keyword.iskeyword(each.name) or each.name.startswith("_"):
                raise UnsupportedProto(f"{full[1:]}: {each.name} cannot be an attribute")

    def field(self, each: FieldDescriptorProto) -> str:
        comment = "  # deprecated" if each.options.deprecated else ""
        return f"{each.name}: {self.annotation(each)}{self.default(each)}{comment}"

    def annotation(self, each: FieldDescriptorProto) -> str:
        entry = self.schema.map_entries.get(each.type_name)
        if entry is not None:
            key, value = entry.field
            return f"dict[{self.type(key)}, {self.type(value)}]"
        if each.label == FieldDescriptorProto.LABEL_REPEATED:
            return f"list[{self.type(each)}]"
        if each.label == FieldDescriptorProto.LABEL_REQUIRED or self.has_own_default(each):
            return self.type(each)
        return f"{self.type(each)} | UnsetType"

    def type(self, each: FieldDescriptorProto) -> str:
        if each.type in (FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_ENUM):
            return self.schema.names[each.type_name].seen_from(self.module)
        if each.type not in SCALARS:
            raise UnsupportedProto(
                f"the field {each.name} is of a type that this tool does not know: {each.type}"
            )
        return SCALARS[each.type]

    def default(self, each: FieldDescriptorProto) -> str:
        if each.type_name in self.schema.map_entries:
            return " = {}"
        if each.label == FieldDescriptorProto.LABEL_REPEATED:
            return " = []"
        if each.label == FieldDescriptorProto.LABEL_REQUIRED:
            return ""
        if self.has_own_default(each):
            # A default made by a factory is one that msgspec does not recognise, and so does not omit.
            return f" = field(default_factory=lambda: {self.own_default(each)})"
        return " = UNSET"

    def has_own_default(self, each: FieldDescriptorProto) -> bool:
        return (
            each.HasField("default_value")
            and not each.options.deprecated
            and each.label == FieldDescriptorProto.LABEL_OPTIONAL
        )

    def own_default(self, each: FieldDescriptorProto) -> str:
        value = each.default_value
        if each.type == FieldDescriptorProto.TYPE_ENUM:
            return f"{self.type(each)}.{python_name(value)}"
        if each.type == FieldDescriptorProto.TYPE_BOOL:
            return value.capitalize()
        if each.type == FieldDescriptorProto.TYPE_STRING:
            return f'"{value}"'
        if each.type == FieldDescriptorProto.TYPE_DOUBLE:
            return repr(float(value))
        return str(int(value))


def python_name(name: str) -> str:
    """The name of an enum's member: the proto name, or with an underscore where Python forbids that."""
    return f"{name}_" if keyword.iskeyword(name) or name in ("name", "value", "mro") else name


def generate() -> dict[str, bytes]:
    """File name -> content of everything that belongs into the output folder."""
    compiled = compile_protos()
    schema = build_schema(compiled)
    proto3 = [each for file in compiled.file if file.syntax == "proto3" for each in file.message_type]
    texts = {
        "__init__.py": f'"""The v1 messages as Python classes. {HEADER}"""\n',
        "protobuf_readers.py": Readers(schema.names, schema.map_entries, python_name, proto3, HEADER).text(
            compiled
        ),
        "protobuf_writers.py": Writers(schema.names, schema.map_entries, HEADER).text(compiled),
    }
    for file in compiled.file:
        module = module_name(file)
        texts[f"{module}.py"] = ModuleWriter(schema, file, module).text()
    return {
        **{name: text.encode() for name, text in texts.items()},
        DESCRIPTORS: descriptor_set(compiled),
    }


def stale_files(texts: dict[str, bytes]) -> list[str]:
    """Names of files that are missing, differ, or should not be there."""
    present = {path.name for path in OUTPUT.iterdir() if path.suffix in (".py", ".binpb")}
    changed = {
        name for name, text in texts.items() if name in present and (OUTPUT / name).read_bytes() != text
    }
    return sorted(changed | (present ^ texts.keys()))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Generates api/wire/v1 from api/wire/proto.")
    parser.add_argument("--check", action="store_true", help="only say whether what is committed is stale")
    check = parser.parse_args(arguments).check
    texts = generate()
    stale = stale_files(texts)
    if check:
        if stale:
            print(f"stale in api/wire/v1: {', '.join(stale)}; run `make proto` and commit", file=sys.stderr)
        return 1 if stale else 0
    OUTPUT.mkdir(exist_ok=True)
    for name in stale:
        (OUTPUT / name).unlink(missing_ok=True)
        if name in texts:
            (OUTPUT / name).write_bytes(texts[name])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
