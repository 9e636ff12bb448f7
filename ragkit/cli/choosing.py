"""Which pipelines a command works on, and how it goes through them: one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ragkit.cli.door import Door
from ragkit.errors import (
    EXIT_OK,
    Interrupted,
    RagkitError,
    UsageFault,
    explained,
    strongest_exit_code,
)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one pipeline: for --json, for people, and its exit code."""

    data: dict[str, object]
    text: Callable[[], str]
    exit_code: int = EXIT_OK


def chosen_pipelines(
    given: tuple[str, ...], every: bool, known: tuple[str, ...], command: str
) -> tuple[str, ...]:
    """The pipelines named, all with `every`, without either the only one there is.

    Raises UsageFault if that is not clear.
    """
    if every and given:
        raise UsageFault("There are pipelines and --all.", hint="Leave one of them out.")
    if every:
        return known
    if given:
        return given
    if len(known) == 1:
        return known
    raise UsageFault(
        f"Which pipeline? There are {', '.join(known)}.",
        hint=f"ragkit {command} --all takes them all.",
    )


def one_after_the_other(
    door: Door, names: tuple[str, ...], work: Callable[[str], Done], *, as_list: str = "reports"
) -> int:
    """Do `work` for each pipeline; a fault of one does not take the others' turn.

    Results in words are shown as they come, JSON at the end: the object of the only pipeline, or
    a list of them under the key `as_list`. Returns the exit code that stands for all.
    """
    if len(names) == 1:
        only = work(names[0])
        door.result(only.data, only.text)
        return only.exit_code
    codes: list[int] = []
    shown: list[dict[str, object]] = []
    for name in names:
        try:
            done = work(name)
        except Interrupted:
            raise
        except Exception as caught:  # a bug must not take the others' turn
            if door.verbose and not isinstance(caught, RagkitError):
                raise  # -v asks for the traceback of a bug
            error = explained(caught)
            door.complain(error)
            shown.append({"pipeline": name, **error.as_dict()})
            codes.append(error.exit_code)
            continue
        shown.append(done.data)
        codes.append(done.exit_code)
        if not door.as_json:
            door.result({}, done.text)
    if door.as_json:
        door.result({"version": 1, as_list: shown}, str)
    return strongest_exit_code(codes)
