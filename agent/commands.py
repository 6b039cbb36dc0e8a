"""From a CommandInfo to the words and variables that a process is started with. Pure: nothing is looked up.

For tasks, their checks, executors and operators' containers alike. What cannot be done is refused here, by
name, before anything happens. Values of variables are never part of a message: they may be secret.
"""

from __future__ import annotations

from msgspec import UNSET

from agent.containerizer.wellformed import MAX_COMMAND_BYTES, MAX_WORD_BYTES
from api.wire.v1 import mesos

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

MAX_WORDS = 16_384
"""Arguments and variables together."""

VariableType = mesos.EnvironmentVariableType


class InvalidTask(Exception):
    """The task as described can run on no agent of this release; its scheduler must change it."""


def validate_command(command: mesos.CommandInfo) -> None:
    """Raises InvalidTask, naming the first thing that cannot be done."""
    if command.shell and not command.value:
        raise InvalidTask("the command is empty")
    if not command.shell and not command.value and not command.arguments:
        raise InvalidTask("the command is empty: give a value, or arguments")
    words = [*argv_of(command), *(f"{name}={value}" for name, value in environment_of(command).items())]
    if len(words) > MAX_WORDS:
        raise InvalidTask(
            f"the command has {len(words)} arguments and variables; at most {MAX_WORDS} are taken"
        )
    sizes = [_size(word) for word in words]
    if max(sizes) > MAX_WORD_BYTES:
        raise InvalidTask(
            f"an argument or variable of the command has {max(sizes)} bytes; at most {MAX_WORD_BYTES} can be"
            " given to a program: put it into a file"
        )
    if sum(sizes) > MAX_COMMAND_BYTES:
        raise InvalidTask(
            f"the command's arguments and variables have {sum(sizes)} bytes; at most {MAX_COMMAND_BYTES} are"
            " taken: put them into a file"
        )


def argv_of(command: mesos.CommandInfo) -> tuple[str, ...]:
    """Shell text under /bin/sh; else `value` is the program and `arguments` its argv, which begins
    with the program's own name."""
    if command.shell:
        return ("/bin/sh", "-c", "" if command.value is UNSET else command.value)
    if command.value is UNSET or not command.value:
        return tuple(command.arguments)
    return (command.value, *command.arguments[1:])


def environment_of(command: mesos.CommandInfo) -> dict[str, str]:
    """The variables that the command asks for, inline secrets among them. Raises InvalidTask."""
    if command.environment is UNSET:
        return {}
    return {variable.name: _value_of(variable) for variable in command.environment.variables}


def _value_of(variable: mesos.EnvironmentVariable) -> str:
    about = f"environment variable {variable.name[:100]!r}"
    if not variable.name or "=" in variable.name or "\0" in variable.name:
        raise InvalidTask(f"{about}: a name is not empty and has no '=' and no NUL character")
    if variable.type is VariableType.VALUE:
        value = "" if variable.value is UNSET else variable.value
    elif variable.type is VariableType.SECRET:
        value = _secret_of(variable, about)
    else:
        raise InvalidTask(f"{about}: its type is neither VALUE nor SECRET")
    if "\0" in value:
        raise InvalidTask(f"{about}: its value has a NUL character, which no variable can hold")
    return value


def _secret_of(variable: mesos.EnvironmentVariable, about: str) -> str:
    secret = variable.secret
    if secret is UNSET or variable.value is not UNSET:
        raise InvalidTask(f"{about}: a SECRET has a secret and no value")
    if secret.type is not mesos.SecretType.VALUE or secret.value is UNSET:
        raise InvalidTask(f"{about}: there is no secret store here: give the secret's value with it (VALUE)")
    try:
        return secret.value.data.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidTask(f"{about}: its secret is no UTF-8 text, which a variable has to be") from None


def _size(word: str) -> int:
    return len(word.encode("utf-8", "surrogateescape"))
