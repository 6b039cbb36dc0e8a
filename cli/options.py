"""The options that several commands share, as types. Quick to import: no network, no tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from api.model.quantity import InvalidQuantity, parse_size

DEFAULT_URL = "http://127.0.0.1:5050"


class Output(StrEnum):
    """What a command prints."""

    TABLE = "table"
    JSON = "json"


def a_size(text: str) -> int:
    """Bytes; for typer: a wrong size is a wrong command line."""
    try:
        return parse_size(text)
    except InvalidQuantity as error:
        raise typer.BadParameter(str(error)) from error


Url = Annotated[str, typer.Option("--url", envvar="ORLOP_URL", help="Where the orchestrator is.")]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="For people, or one JSON document.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait at most.")]
Size = Annotated[
    int,
    typer.Option("--size", parser=a_size, metavar="SIZE", help="For example 512MiB, 1GiB, 10GB, or bytes."),
]
