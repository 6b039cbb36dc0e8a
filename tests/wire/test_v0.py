"""What version-0 pages of both daemons have in common."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.model.errors import InvalidRequest
from api.model.resource import Reservation, Resource
from api.model.resources import Resources
from api.model.values import Items, Ranges, Scalar
from api.wire.slices import CHUNK_BYTES, in_chunks
from api.wire.v0 import documents, metrics
from api.wire.v0.amounts import MERGED_AT, Sum, amounts, attributes, split
from api.wire.v0.files import part_read
from api.wire.v0.paths import plain, unprefixed
from api.wire.v0.queries import READ_LIMIT, FileQuery, TaskQuery
from api.wire.v1 import mesos


def test_resources_are_an_object_of_numbers_and_texts() -> None:
    resources = Resources(
        (
            Resource("cpus", Scalar(1500)),
            Resource("cpus", Scalar(500), (Reservation("eng"),)),
            Resource("ports", Ranges(((31000, 31009), (31500, 31500)))),
            Resource("kinds", Items(("ssd", "nvme"))),
            Resource("licences", Scalar(3000)),
        )
    )
    assert amounts(resources) == {
        "cpus": 2.0,
        "gpus": 0.0,
        "mem": 0.0,
        "disk": 0.0,
        "licences": 3.0,
        "ports": "[31000-31009, 31500-31500]",
        "kinds": "{nvme, ssd}",
    }
    parts = split(resources)
    assert parts["unreserved_resources"]["cpus"] == 1.5  # type: ignore[index]
    assert parts["reserved_resources"]["eng"]["cpus"] == 0.5  # type: ignore[index]
    assert [each.reservations[0].role for each in parts["reserved_resources_full"]["eng"]] == ["eng"]  # type: ignore[index]


@given(st.lists(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=4), max_size=40))
def test_a_sum_of_many_is_the_sum_of_all(piles: list[list[tuple[int, int]]]) -> None:
    parts = [
        Resources(Resource("ports", Ranges(((low, low + length),))) for low, length in pile)
        for pile in piles * (MERGED_AT // 40)
    ]
    total = Sum()
    for part in parts:
        total.add(part)
    assert total.shown() == amounts(Resources.total(parts))


def test_attributes_are_numbers_and_texts() -> None:
    described = [
        mesos.Attribute(name="cores", type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=16.0)),
        mesos.Attribute(name="rack", type=mesos.ValueType.TEXT, text=mesos.ValueText(value="r7")),
        mesos.Attribute(
            name="slots",
            type=mesos.ValueType.RANGES,
            ranges=mesos.ValueRanges(range=[mesos.ValueRange(begin=1, end=4)]),
        ),
        mesos.Attribute(name="none", type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=0.0)),
    ]
    assert attributes(described) == {"cores": 16.0, "rack": "r7", "slots": "[1-4]", "none": 0.0}


@given(st.text(max_size=200), st.integers(4, 40), st.integers(0, 3))
def test_a_text_read_part_by_part_comes_out_whole(text: str, length: int, cut: int) -> None:
    data = text.encode()
    found, offset = "", 0
    while offset < len(data):
        part = part_read(offset, len(data), data[offset : offset + length])
        assert part["offset"] == offset
        found += part["data"]
        read = len(part["data"].encode())
        assert read > 0, "a reader gets on"
        offset += read
    assert found == text


@given(st.binary(max_size=60))
def test_what_is_no_text_is_read_all_the_same(data: bytes) -> None:
    part = part_read(0, len(data) + 1, data)
    json.loads(documents.as_json(part))
    assert part["data"] or len(data) < 4


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, TaskQuery(100, 0, False)),
        ({"limit": "-1", "order": "asc"}, TaskQuery(None, 0, True)),
        ({"limit": "5", "offset": "7", "order": "ASC"}, TaskQuery(5, 7, False)),
        ({"offset": "-7", "task_id": "t", "framework_id": ""}, TaskQuery(100, 0, False, "t")),
    ],
)
def test_queries_of_tasks(query: dict[str, str], wanted: TaskQuery) -> None:
    assert TaskQuery.read(query) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"path": "/a"}, FileQuery("/a", None, READ_LIMIT)),
        ({"path": "/a", "offset": "-1", "length": "1024"}, FileQuery("/a", None, 1024)),
        ({"path": "/a", "offset": "0", "length": str(10**9)}, FileQuery("/a", 0, READ_LIMIT)),
    ],
)
def test_queries_of_files(query: dict[str, str], wanted: FileQuery) -> None:
    assert FileQuery.read(query) == wanted


@given(st.dictionaries(st.sampled_from(["path", "offset", "length", "limit", "order"]), st.text(max_size=30)))
def test_a_query_is_understood_or_refused(query: dict[str, str]) -> None:
    for kind in (TaskQuery, FileQuery):
        try:
            kind.read(query)
        except InvalidRequest as error:
            assert str(error)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/state", "/state"),
        ("/slave(1)/state.json/", "/state"),
        ("/slave(1)", "/slave(1)"),
        ("/slave(1)x/state", "/slave(1)x/state"),
        ("/", ""),
    ],
)
def test_paths_without_what_stands_around_them(path: str, wanted: str) -> None:
    assert plain(path, "/slave(1)") == wanted
    assert unprefixed("/master/api/v1/x.json/", "/master") == "/api/v1/x.json/"


@given(st.lists(st.integers(0, 3 * CHUNK_BYTES // 2), max_size=20))
def test_pieces_are_joined_to_chunks_of_a_size(sizes: list[int]) -> None:
    pieces = [bytes([index % 256]) * size for index, size in enumerate(sizes)]
    chunks = list(in_chunks(iter(pieces)))
    assert b"".join(chunks) == b"".join(pieces)
    assert chunks.count(b"") == sizes.count(0)
    full = [chunk for chunk in chunks if chunk][:-1]
    assert all(CHUNK_BYTES <= len(chunk) < CHUNK_BYTES + max(sizes) for chunk in full)


def test_what_is_revocable_is_counted_apart() -> None:
    total, used = metrics.Amounts(), metrics.Amounts()
    total.add(
        Resources((Resource("cpus", Scalar(4000)), replace(Resource("cpus", Scalar(2000)), revocable=True)))
    )
    used.add(Resources((Resource("cpus", Scalar(1000)),)))
    found = metrics.usage("slave", total, used)
    assert {name: found[f"slave/cpus{name}"] for name in ("_total", "_used", "_percent")} == {
        "_total": 4.0,
        "_used": 1.0,
        "_percent": 0.25,
    }
    assert (found["slave/cpus_revocable_total"], found["slave/cpus_revocable_percent"]) == (2.0, 0.0)
