"""Settings of a daemon: a frozen dataclass, from flags, environment (ORLOP_*) and a TOML file, in that order.

A field `pool_size` is the flag `--pool-size`, the variable `ORLOP_POOL_SIZE` and the key `pool-size` (or
`pool_size`) of the file. Keys of the file that name no field are refused. No daemon's own knowledge here.
"""

from __future__ import annotations

import dataclasses
import inspect
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer

from cli.failures import USAGE, CommandFailed

S = TypeVar("S")

PREFIX: Final = "ORLOP_"
TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off", ""})


def about(
    help_text: str,
    parse: Callable[[str], Any],
    metavar: str | None,
    *,
    live: bool = False,
    listed: bool = False,
) -> dict[str, Any]:
    """Metadata of a field. `parse` makes its value of a text or raises ValueError; no metavar: a switch.
    `live`: another value can be applied while the daemon runs. `listed`: the file may have a list of texts,
    which elsewhere stand with commas between them."""
    return {"help": help_text, "parse": parse, "metavar": metavar, "live": live, "listed": listed}


def differing(old: S, new: S) -> list[dataclasses.Field[Any]]:
    """The fields that are not the same in both."""
    fields = dataclasses.fields(old)  # type: ignore[arg-type]
    return [each for each in fields if getattr(old, each.name) != getattr(new, each.name)]


def a_bool(text: str) -> bool:
    word = text.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError(f"{text!r} is neither true nor false")
    return word in TRUE


def a_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ValueError(f"{text!r} is not a port: 0 (any free one) to 65535")
    return int(text)


def above_zero(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{text!r} is not a number above 0")
    return value


def seconds(least: float, most: float) -> Callable[[str], float]:
    """A parser for a span of time within bounds."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise ValueError(f"{text!r} is not a number of seconds from {least:g} to {most:g}")
        return value

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """A parser for a setting with few values."""

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is not one of {', '.join(words)}")
        return text

    return parse


def resolve(kind: type[S], flags: Mapping[str, Any], environ: Mapping[str, str], config: Path | None) -> S:
    """The settings: each from the first source that has it, else its default.

    `flags`: by field name, None for those not given. Raises CommandFailed (USAGE), naming the source.
    """
    file = {} if config is None else _read(kind, config)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        variable = PREFIX + field.name.upper()
        for source, value in (
            (flag_name(field.name), flags.get(field.name)),
            (variable, environ.get(variable)),
            (f"{field.name} in {config}", file.get(field.name)),
        ):
            if value is not None:
                values[field.name] = _parsed(field, source, value)
                break
    return kind(**values)


def flag_name(name: str) -> str:
    return "--" + name.replace("_", "-")


def _parsed(field: dataclasses.Field[Any], source: str, value: Any) -> Any:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        return field.metadata["parse"](text)
    except ValueError as error:
        raise CommandFailed(f"{source}: {error}", USAGE) from error


def _read(kind: type[Any], config: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(config.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"cannot read {config}: {error}", USAGE) from error
    known = {field.name: field for field in dataclasses.fields(kind)}
    found = {key.replace("-", "_"): value for key, value in document.items()}
    unknown = sorted(found.keys() - known.keys())
    if unknown:
        raise CommandFailed(f"{config}: unknown settings: {', '.join(unknown)}", USAGE)
    lists = {name: value for name, value in found.items() if known[name].metadata["listed"]}
    for name, value in lists.items():
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            found[name] = ",".join(value)
    nested = sorted(name for name, value in found.items() if not isinstance(value, str | int | float | bool))
    if nested:
        raise CommandFailed(f"{config}: not a plain value: {', '.join(nested)}", USAGE)
    return found


def command(
    kind: type[S], run: Callable[[S, Callable[[], S]], None], environ: Mapping[str, str]
) -> Callable[..., None]:
    """A function for typer with a flag for each setting, and --config; it calls `run` with the settings, and
    with what reads them again: the file as it is then, flags and environment as they were."""

    def with_flags(config: Path | None = None, **flags: Any) -> None:
        found = None if config is None else config.absolute()

        def again() -> S:
            return resolve(kind, flags, environ, found)

        run(again(), again)

    parameters = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(field)
        )
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
    ]
    config = inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            Path | None, typer.Option("--config", metavar="FILE.toml", help="Settings that no flag gives.")
        ],
    )
    signature = inspect.Signature([*parameters, config])
    with_flags.__signature__ = signature  # type: ignore[attr-defined]
    with_flags.__annotations__ = {name: each.annotation for name, each in signature.parameters.items()}
    with_flags.__doc__ = inspect.getdoc(kind)
    return with_flags


def shown(default: Any) -> str:
    """A setting's default, as it would be given."""
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)


def _annotation(field: dataclasses.Field[Any]) -> Any:
    is_switch = field.metadata["metavar"] is None
    has_none = is_switch or field.default in (None, (), frozenset())
    default = "" if has_none else f" [default: {shown(field.default)}]"
    help_text = f"{field.metadata['help']}{default}"
    if is_switch:
        name = flag_name(field.name)
        names = f"{name}/{flag_name('no_' + field.name)}" if field.default else name
        return Annotated[bool | None, typer.Option(names, help=help_text, show_default=False)]
    return Annotated[
        str | None,
        typer.Option(
            flag_name(field.name), help=help_text, metavar=field.metadata["metavar"], show_default=False
        ),
    ]
