"""Each family of errors says who acts next, and the tables are whole."""

from __future__ import annotations

import pytest

from api.model.disk import InvalidPersistenceId
from api.model.errors import FAMILY, HTTP_STATUS, WHO_FOR_GRPC, OperatorNeeded, OrlopError, Who, who_for_grpc
from api.model.operation import InvalidOperation, InvalidTransition
from api.model.quantity import InvalidQuantity
from api.model.resources import InvalidResource, NotContained
from api.model.roles import InvalidRole

GRPC_CODES = [
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
]


def test_everyone_who_may_act_has_a_status_and_a_family() -> None:
    assert set(HTTP_STATUS) == set(FAMILY) == set(Who)
    assert all(family.who is who for who, family in FAMILY.items())


def test_every_grpc_error_code_says_who_acts() -> None:
    assert sorted(WHO_FOR_GRPC) == sorted(GRPC_CODES)


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "A_CODE_OF_THE_FUTURE"])
def test_a_code_that_says_nothing_about_the_deed_leaves_the_outcome_unknown(code: str) -> None:
    assert who_for_grpc(code) is Who.UNKNOWN_OUTCOME


def test_an_error_for_an_operator_names_the_command() -> None:
    error = OperatorNeeded("volume data is half deleted", "orlop operations retry 7")
    assert error.command == "orlop operations retry 7"
    assert str(error) == "volume data is half deleted; an operator must run: orlop operations retry 7"
    assert error.http_status == 500


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (InvalidQuantity, 400),
        (InvalidRole, 400),
        (InvalidPersistenceId, 400),
        (InvalidResource, 400),
        (InvalidOperation, 400),
        (InvalidTransition, 409),
        (NotContained, 409),
    ],
)
def test_the_models_errors_answer_with_their_familys_status(kind: type[OrlopError], status: int) -> None:
    assert HTTP_STATUS[kind.who] == status
