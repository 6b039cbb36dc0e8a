"""Which answer a request gets when several things are wrong with it: the first in the rules' order."""

from __future__ import annotations

import pytest

from api.wire.content import PROTOBUF, encode
from api.wire.http_rules import (
    JSON,
    RECORDIO,
    Accepted,
    Head,
    Rejection,
    accepts,
    answer_in,
    check_call,
    check_head,
    check_stream_head,
    oldest_wanted,
    served_path,
)
from api.wire.v1 import agent

GOOD = Head("POST", JSON)
HEALTH = encode(agent.Call(type=agent.CallType.GET_HEALTH), PROTOBUF)


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
        (Head("POST", "application/protobuf"), HEALTH, 415),
        (Head("POST", PROTOBUF), HEALTH, 200),
        (Head("POST", "Application/X-Protobuf; charset=utf-8"), HEALTH, 200),
        (Head("POST", PROTOBUF), b'{"type": "GET_HEALTH"}', 400),
        (GOOD, HEALTH, 400),
        (Head("POST", PROTOBUF), b"", 400),
        (Head("POST", PROTOBUF), b"\x08\xe7\x07", 400),
        (Head("POST", PROTOBUF), b"\x08\x00", 501),
        (Head("POST", PROTOBUF, accept="text/html"), b"\x08", 400),
        (Head("POST", PROTOBUF, accept="text/html"), HEALTH, 406),
        (Head("POST", PROTOBUF, message_accept=PROTOBUF), HEALTH, 406),
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
        (None, JSON),
        ("", JSON),
        ("application/x-protobuf, application/json", JSON),
        ("application/x-protobuf;q=1, application/json;q=0.1", JSON),
        ("application/*", JSON),
        ("*/*", JSON),
        ("application/x-protobuf", PROTOBUF),
        ("text/html, Application/X-Protobuf", PROTOBUF),
        ("application/json;q=0, */*", PROTOBUF),
        ("application/json;q=oops", None),
        ("application/x-protobuf;q=0", None),
        ("text/*", None),
    ],
)
def test_json_goes_first_where_a_client_takes_both(accept: str | None, expected: str | None) -> None:
    assert answer_in(accept) == expected


def test_what_an_answer_is_made_of_does_not_hang_on_the_body_of_the_call() -> None:
    for content, body in ((JSON, b'{"type": "GET_HEALTH"}'), (PROTOBUF, HEALTH)):
        for accept, expected in ((None, JSON), (JSON, JSON), (PROTOBUF, PROTOBUF)):
            outcome = check_call(Head("POST", content, accept=accept), body, agent.Call)
            assert isinstance(outcome, Accepted)
            assert (outcome.call.type, outcome.media_type) == (agent.CallType.GET_HEALTH, expected)


def test_records_of_a_stream_are_made_of_what_message_accept_says() -> None:
    def outcome(message_accept: str | None) -> object:
        head = Head("POST", PROTOBUF, accept=RECORDIO, message_accept=message_accept)
        return check_call(head, HEALTH, agent.Call, streams=lambda call: True)

    for message_accept, expected in ((None, JSON), (JSON, JSON), (PROTOBUF, PROTOBUF)):
        accepted = outcome(message_accept)
        assert isinstance(accepted, Accepted)
        assert accepted.framed and accepted.media_type == expected
    assert status(outcome("text/plain")) == 406


def test_the_records_of_a_body_are_of_either_media_type() -> None:
    for named, expected in ((JSON, 200), (PROTOBUF, 200), ("text/plain", 415), (None, 400), (" ", 400)):
        assert status(check_stream_head(Head("POST", RECORDIO, message_content_type=named))) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, True),
        ("application/x-protobuf, application/json", True),
        ("application/*", True),
        ("application/x-protobuf", False),
        ("application/json;q=0, */*", False),
    ],
)
def test_accept_lists_are_understood(accept: str | None, expected: bool) -> None:
    assert accepts(accept, JSON) is expected


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


@pytest.mark.parametrize(
    ("sent", "oldest"),
    [
        (None, None),
        ("", None),
        ("private, max-stale=5", None),
        ("no-cache", 0.0),
        ("No-Store", 0.0),
        ("max-age=5", 5.0),
        ('public, Max-Age = "7", max-age=9', 7.0),
        ("max-age=", 0.0),
        ("max-age=-1", 0.0),
    ],
)
def test_how_old_an_answer_may_be_is_read_of_cache_control(sent: str | None, oldest: float | None) -> None:
    assert oldest_wanted(sent) == oldest
