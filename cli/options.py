"""The options that several commands share, as types. Quick to import: no network, no tables."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer

from api.model.quantity import InvalidQuantity, parse_size

DEFAULT_URL = "http://127.0.0.1:5050"
FROM_ENVIRONMENT = ""
"""Stands for a URL that the command line does not name."""


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


def a_url(named: str) -> str:
    """Where the orchestrator is: as named, else as ORLOP_URL says, else the default."""
    url = named or os.environ.get("ORLOP_URL") or DEFAULT_URL
    if not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"{url!r} is not a URL: write for example {DEFAULT_URL}")
    return url


Url = Annotated[
    str,
    typer.Option(
        "--url",
        callback=a_url,
        metavar="URL",
        help=f"Where the orchestrator is.  [ORLOP_URL, else {DEFAULT_URL}]",
        show_default=False,
    ),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="For people, or one JSON document.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait at most.")]
Size = Annotated[
    int,
    typer.Option("--size", parser=a_size, metavar="SIZE", help="For example 512MiB, 1GiB, 10GB, or bytes."),
]
