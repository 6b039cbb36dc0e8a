"""Commands: arguments, variables, secrets, and their bounds."""

from __future__ import annotations

import pytest

from agent.commands import InvalidTask, argv_of, environment_of, validate_command
from api.wire.v1 import mesos

Type = mesos.EnvironmentVariableType


def command(*variables: mesos.EnvironmentVariable, value: str = "true") -> mesos.CommandInfo:
    return mesos.CommandInfo(value=value, environment=mesos.Environment(variables=list(variables)))


def secret(data: bytes = b"hunter2", kind: mesos.SecretType = mesos.SecretType.VALUE) -> mesos.Secret:
    return mesos.Secret(type=kind, value=mesos.SecretValue(data=data))


def test_shell_text_goes_to_a_shell_and_arguments_go_as_they_are() -> None:
    assert argv_of(mesos.CommandInfo(value="a | b")) == ("/bin/sh", "-c", "a | b")
    plain = mesos.CommandInfo(shell=False, value="/bin/echo", arguments=["echo", "a b"])
    assert argv_of(plain) == ("/bin/echo", "a b")
    assert argv_of(mesos.CommandInfo(shell=False, arguments=["/bin/echo", "x"])) == ("/bin/echo", "x")


def test_an_inline_secret_becomes_the_variables_value() -> None:
    variable = mesos.EnvironmentVariable(name="TOKEN", type=Type.SECRET, secret=secret())
    assert environment_of(command(variable)) == {"TOKEN": "hunter2"}


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        (mesos.EnvironmentVariable(name="A=B", value="x"), "no '='"),
        (mesos.EnvironmentVariable(name="", value="x"), "not empty"),
        (mesos.EnvironmentVariable(name="A", value="hunter2\0"), "NUL"),
        (mesos.EnvironmentVariable(name="A", type=Type.UNKNOWN), "neither VALUE nor SECRET"),
        (mesos.EnvironmentVariable(name="A", type=Type.SECRET), "has a secret"),
        (
            mesos.EnvironmentVariable(name="A", type=Type.SECRET, value="hunter2", secret=secret()),
            "no value",
        ),
        (
            mesos.EnvironmentVariable(
                name="A",
                type=Type.SECRET,
                secret=mesos.Secret(
                    type=mesos.SecretType.REFERENCE, reference=mesos.SecretReference(name="x")
                ),
            ),
            "no secret store",
        ),
        (
            mesos.EnvironmentVariable(name="A", type=Type.SECRET, secret=secret(b"hunter2\xff")),
            "UTF-8",
        ),
        (mesos.EnvironmentVariable(name="A", value="hunter2" * 100_000), "at most"),
    ],
)
def test_variables_that_cannot_be_are_refused_without_their_value(
    variable: mesos.EnvironmentVariable, words: str
) -> None:
    with pytest.raises(InvalidTask) as error:
        validate_command(command(variable))
    assert words in str(error.value)
    assert "hunter2" not in str(error.value)


def test_four_megabytes_of_environment_are_refused() -> None:
    many = [mesos.EnvironmentVariable(name=f"V{i}", value="x" * 100_000) for i in range(40)]
    with pytest.raises(InvalidTask, match="put them into a file"):
        validate_command(command(*many))


def test_very_many_arguments_are_refused() -> None:
    with pytest.raises(InvalidTask, match="arguments and variables"):
        validate_command(mesos.CommandInfo(shell=False, arguments=["x"] * 20_000))
