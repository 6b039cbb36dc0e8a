"""Which answer a request gets when several things are wrong with it: the first in the rules' order."""

from __future__ import annotations

import pytest

from api.wire.http_rules import (
    JSON,
    Accepted,
    Head,
    Rejection,
    accepts_json,
    check_call,
    check_head,
    served_path,
)
from api.wire.v1 import agent

GOOD = Head("POST", JSON)


def status(outcome: object) -> int:
    return outcome.status if isinstance(outcome, Rejection) else 200


def test_the_method_is_looked_at_before_the_content_type() -> None:
    rejection = check_head(Head("GET"))
    assert rejection is not None and rejection.status == 405
    assert ("Allow", "POST") in rejection.headers


def test_a_missing_content_type_is_a_bad_request() -> None:
    assert status(check_head(Head("POST"))) == 400


def test_a_body_that_announces_too_much_is_refused_unread() -> None:
    assert status(check_head(Head("POST", JSON, content_length=101), max_body_bytes=100)) == 413
    assert check_head(Head("POST", JSON, content_length=100), max_body_bytes=100) is None


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (GOOD, b'{"type": "GET_HEALTH"}', 200),
        (GOOD, b'{"type": "GET_HEALTH", "from_the_future": 1, "read_file": null}', 200),
        (Head("POST", "Application/JSON; charset=utf-8"), b'{"type": "GET_HEALTH"}', 200),
        (Head("POST", "text/plain"), b"{", 415),
        (Head("POST", "application/x-protobuf"), b"", 415),
        (GOOD, b"{", 400),
        (GOOD, b"[]", 400),
        (GOOD, b"{}", 400),
        (GOOD, b'{"type": "NO_SUCH_CALL"}', 400),
        (GOOD, b'{"type": "UNKNOWN"}', 501),
        (Head("POST", JSON, accept="text/html"), b"{", 400),
        (Head("POST", JSON, accept="text/html"), b'{"type": "GET_HEALTH"}', 406),
        (Head("POST", JSON, accept="text/html, */*;q=0.1"), b'{"type": "GET_HEALTH"}', 200),
        (Head("POST", JSON, message_accept=JSON), b'{"type": "GET_HEALTH"}', 406),
    ],
)
def test_the_first_fault_in_order_decides(head: Head, body: bytes, expected: int) -> None:
    assert status(check_call(head, body, agent.Call)) == expected


def test_what_the_caller_finds_invalid_comes_before_the_accept_header() -> None:
    head = Head("POST", JSON, accept="text/html")
    outcome = check_call(head, b'{"type": "GET_HEALTH"}', agent.Call, validate=lambda call: "not so")
    assert outcome == Rejection(400, "not so")


def test_accept_is_looked_at_only_for_calls_that_are_answered_with_a_body() -> None:
    head = Head("POST", JSON, accept="text/html")
    outcome = check_call(head, b'{"type": "GET_HEALTH"}', agent.Call, checks_accept=lambda call: False)
    assert isinstance(outcome, Accepted)
    assert outcome.call.type is agent.CallType.GET_HEALTH


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, True),
        ("", True),
        ("application/x-protobuf, application/json", True),
        ("application/*", True),
        ("application/x-protobuf", False),
        ("application/json;q=0, */*", False),
        ("application/json;q=oops", False),
    ],
)
def test_accept_lists_are_understood(accept: str | None, expected: bool) -> None:
    assert accepts_json(accept) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1", "/api/v1"),
        ("/api/v1/", "/api/v1"),
        ("/api/v1/operator", "/api/v1"),
        ("/api/v1/scheduler/", "/api/v1/scheduler"),
        ("/api/v10", None),
        ("/", None),
    ],
)
def test_longer_paths_belong_to_the_longest_served_one(path: str, expected: str | None) -> None:
    assert served_path(path, ["/api/v1", "/api/v1/scheduler"]) == expected
