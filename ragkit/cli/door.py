"""What every command shares: its options, where it prints, when it shuts the network off, how it fails."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ragkit.cli.anywhere import given_anywhere
from ragkit.cli.progress import ProgressLine
from ragkit.config import CONFIG_NAME, load_config
from ragkit.errors import (
    EXIT_OK,
    ConfigFault,
    ConnectionBlocked,
    RagkitError,
    StorageFault,
    UsageFault,
    explained,
    strongest_exit_code,
)
from ragkit.isolation import ACCEPT_WEAK, attempts, seal
from ragkit.rendering.terminal import one_line

if TYPE_CHECKING:
    from ragkit.workspace import Workspace

WIDEST = 110
TERMINAL = Path("/dev/tty")
"""Where passwords are asked for."""
FOR_A_PIPELINE = ("ingest", "nightly", "runs", "status", "audit", "purge", "doctor")
"""Commands that a hint may name and that need the settings file to be typed again."""
SUBCOMMANDS = ("show", "verify", "begin")
"""The option stands behind these."""


@dataclass(slots=True)
class Door:
    """The options given to a command, and its ways of answering."""

    config: Path
    as_json: bool
    quiet: bool
    verbose: bool
    accept_weak: bool = False

    def open_workspace(
        self, *, reads_files: bool = False, writes: Iterable[Path] = (), fills: Iterable[str] = ()
    ) -> Workspace:
        """Shut this process off the network, and only then load what opens documents.

        From then on it writes to the stores of the settings file, to what is made of models, and to
        `writes` only. reads_files: have scanned pages read too. What does that runs another program,
        so it is started before. fills: pipelines whose stores may not be there yet.
        Raises ConfigFault, IsolationFault.
        """
        from ragkit.models import default_models_folder
        from ragkit.places import make_stores, written_places

        config = load_config(self.config)
        make_stores([config.pipelines[name] for name in fills if name in config.pipelines])
        helpers = None
        if reads_files:
            from ragkit.parsers.ocr_helpers import OcrHelpers

            helpers = OcrHelpers.for_pipelines(config, accept_weak_isolation=self.accept_weak)
        write = (*written_places(config, default_models_folder(), writes), TERMINAL)
        isolation = seal(accept_weak=self.accept_weak, write=write)
        if self.accept_weak and not isolation.is_strong:
            self.alert(f"isolation {isolation.description}; accepted with {ACCEPT_WEAK}.")
        from ragkit.workspace import Workspace

        # Recorded where it made a difference.
        weak = self.accept_weak and not isolation.is_strong
        return Workspace(self.config, ocr_helpers=helpers, accepted_weak=weak)

    def progress(self) -> ProgressLine:
        return ProgressLine(silent=self.quiet)

    @property
    def width(self) -> int:
        return min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)

    def result(self, data: dict[str, object], text: Callable[[], str]) -> None:
        """The result on stdout: JSON with --json, else text for people."""
        # At a terminal JSON is escaped: what a document holds must not steer it.
        escaped = sys.stdout.isatty()
        click.echo(json.dumps(data, ensure_ascii=escaped, indent=2) if self.as_json else text())

    def note(self, text: str) -> None:
        """Something beside the result, on stderr; not with -q."""
        if not self.quiet:
            click.echo(text, err=True)

    def alert(self, text: str) -> None:
        """Something that needs a person, on stderr; also with -q, so that a service's log has it."""
        click.echo(f"ragkit: {one_line(text)}", err=True)

    def failure(self, error: RagkitError) -> None:
        """What went wrong: a sentence on stderr, or an object on stdout with --json."""
        if self.as_json:
            click.echo(json.dumps({"version": 1, **error.as_dict()}, indent=2))
        else:
            self.complain(error)

    def complain(self, error: RagkitError) -> None:
        """A fault in words, on stderr."""
        click.echo(f"ragkit: {one_line(error.message)}", err=True)
        if isinstance(error, ConfigFault):
            for fault in error.faults:
                click.echo(f"  {one_line(str(fault))}", err=True)
        if error.hint:
            click.echo(f"  -> {one_line(self.with_config(error.hint))}", err=True)

    def with_config(self, hint: str) -> str:
        """A command as it must be typed here: with --config where that was given."""
        words = hint.split()
        is_command = len(words) > 1 and words[0] == "ragkit" and words[1] in FOR_A_PIPELINE
        if not is_command or str(self.config) == CONFIG_NAME:
            return hint
        named = words[: 3 if words[2:3] and words[2] in SUBCOMMANDS else 2]
        command = " ".join(named)
        return f"{command} --config {shlex.quote(str(self.config))}{hint.removeprefix(command)}"


def common_options(command: Callable[..., int]) -> Callable[..., None]:
    """Adds --config --json -q -v to a command, hands it a Door, and exits with what it returns."""
    return _with_options(command)


def guarded_options(command: Callable[..., int]) -> Callable[..., None]:
    """The same, and --accept-weak-isolation, for commands that open documents or stores."""
    return click.option(
        ACCEPT_WEAK,
        "accept_weak",
        is_flag=True,
        help="Go on where the kernel cannot shut the network off; it is recorded.",
    )(_with_options(command))


def _with_options(command: Callable[..., int]) -> Callable[..., None]:
    @click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=CONFIG_NAME,
        envvar="RAGKIT_CONFIG",
        show_default=True,
        help="The settings file.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    @click.option("-q", "--quiet", is_flag=True, help="Print the result only, no progress.")
    @click.option("-v", "--verbose", is_flag=True, help="Show where an unexpected error came from.")
    @wraps(command)
    def with_door(
        config: Path,
        as_json: bool,
        quiet: bool,
        verbose: bool,
        accept_weak: bool = False,
        **rest: Any,
    ) -> None:
        door = Door(
            given_anywhere("config", config),
            given_anywhere("as_json", as_json),
            given_anywhere("quiet", quiet),
            given_anywhere("verbose", verbose),
            accept_weak,
        )
        sys.exit(guarded(door, command, **rest))

    return with_door


def guarded(door: Door, command: Callable[..., int], **arguments: Any) -> int:
    """Run a command; the one place where errors become messages and exit codes."""
    # A service manager's way of asking to stop is taken as Ctrl-C is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return strongest_exit_code((_translated(door, command, **arguments), _blocked(door)))


def _blocked(door: Door) -> int:
    """The exit code for connections that something tried to open and the guard refused."""
    tried = [attempt for attempt in attempts() if not attempt.harmless]
    if not tried:
        return EXIT_OK
    places = ", ".join(dict.fromkeys(attempt.place for attempt in tried))
    error = ConnectionBlocked(
        f"Something tried to connect and was refused; nothing left this machine: {places}.",
        hint="Please report this: no part of ragkit should try.",
    )
    click.echo(f"ragkit: {error.message}\n  -> {error.hint}", err=True)
    return error.exit_code


def _translated(door: Door, command: Callable[..., int], **arguments: Any) -> int:
    try:
        return command(door, **arguments)
    except RagkitError as error:
        door.failure(error)
        return error.exit_code
    except KeyboardInterrupt:
        door.note("Interrupted; nothing was lost.")
        return 130
    except (click.ClickException, click.exceptions.Exit):
        raise
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as error:
        fault = explained(error)
        if isinstance(fault, StorageFault):
            door.complain(fault)  # the output may be what failed
            return fault.exit_code
        if door.verbose:
            raise
        door.failure(fault)
        return fault.exit_code


def _closed_pipe() -> int:
    """`ragkit ... | head` ends quietly: nobody reads on, so nothing more is written."""
    sys.stdout = None  # keeps the interpreter from flushing it at exit
    return 0


def read_question(question: str) -> str:
    """The question, from standard input when it is "-". Raises UsageFault if it is empty."""
    try:
        text = sys.stdin.read() if question == "-" else question
        text = " ".join(text.split())
        text.encode()
    except UnicodeError:
        raise UsageFault("The question is not valid UTF-8 text.", hint="iconv -t UTF-8") from None
    if not text:
        raise UsageFault("The question is empty.", hint='ragkit ask PIPELINE "..."')
    return text
