"""--config, --json, -q and -v hold before the name of a command as they do behind it."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ragkit.cli.anywhere import accept_before
from ragkit.cli.door import Door, common_options
from ragkit.cli.main import COMMANDS, cli

FORMS = (("--config", "a.yaml"), ("--json",), ("-q",), ("-v",))


@click.group()
def top() -> None:
    """A group with a command, and with a group that has one."""


@top.group()
def inner() -> None:
    """A group in it."""


def shown(door: Door) -> int:
    """Show the options."""
    click.echo(f"{door.config} {door.as_json} {door.quiet} {door.verbose}")
    return 0


top.add_command(click.command("show")(common_options(shown)))
inner.add_command(click.command("show")(common_options(shown)))
accept_before(accept_before(top))
accept_before(inner)


def run(*words: str, **environment: str) -> str:
    done = CliRunner().invoke(top, words, env=environment, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_before_and_behind_are_the_same(form: tuple[str, ...]) -> None:
    behind = run("show", *form)
    assert behind != run("show")
    assert run(*form, "show") == behind
    assert run(*form, "inner", "show") == behind
    assert run("inner", *form, "show") == behind
    assert run("inner", "show", *form) == behind


def test_the_nearest_to_the_command_holds() -> None:
    assert run("--config", "a", "inner", "--config", "b", "show").startswith("b ")
    assert run("--config", "a", "inner", "show", "--config", "c").startswith("c ")


def test_a_given_option_goes_before_the_environment() -> None:
    assert run("show", RAGKIT_CONFIG="env.yaml").startswith("env.yaml ")
    assert run("--config", "a", "show", RAGKIT_CONFIG="env.yaml").startswith("a ")


def test_the_command_itself_takes_them(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.yaml")
    done = CliRunner().invoke(cli, ["--json", "--config", missing, "status"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["message"] == f"There is no {missing}."


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_them_before_its_name(name: str) -> None:
    words = ["--json", "-q", "-v", "--config", "x.yaml", name, "--help"]
    assert CliRunner().invoke(cli, words).exit_code == 0


@pytest.mark.parametrize("name", ["audit", "models", "schedule", "bench"])
def test_groups_of_commands_take_them_too(name: str) -> None:
    words = [name, "--json", "-q", "-v", "--config", "x.yaml", "--help"]
    assert CliRunner().invoke(cli, words).exit_code == 0
