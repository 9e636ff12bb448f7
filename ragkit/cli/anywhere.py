"""--config, --json, -q and -v before the name of a command: they hold as if they stood behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

_PLACE = "ragkit.{}"
_FORMS: tuple[tuple[tuple[str, ...], dict[str, Any], str], ...] = (
    (
        ("--config",),
        {"type": click.Path(path_type=Path, dir_okay=False), "metavar": "FILE"},
        "The settings file, for every command.",
    ),
    (("--json", "as_json"), {"is_flag": True}, "Print the result as JSON, with every command."),
    (("-q", "--quiet"), {"is_flag": True}, "Print the result only, no progress."),
    (("-v", "--verbose"), {"is_flag": True}, "Show where an unexpected error came from."),
)


def accept_before(group: click.Group) -> click.Group:
    """The group with the options added; the commands in it ask `given_anywhere` for them."""
    known = {parameter.name for parameter in group.params}
    for names, form, about in _FORMS:
        option = click.Option(names, help=about, expose_value=False, callback=_note, **form)
        if option.name not in known:
            group.params.append(option)
    return group


def _note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    assert parameter.name is not None
    if context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE:
        context.meta[_PLACE.format(parameter.name)] = value


def given_anywhere(name: str, value: Any) -> Any:
    """The option of the command that runs, else the same before its name, else `value`, its default."""
    context = click.get_current_context()
    if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
        return value
    return context.meta.get(_PLACE.format(name), value)
