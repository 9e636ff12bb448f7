"""`ragkit chat`."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.cli.filtering import filter_options
from ragkit.cli.saver import Saver
from ragkit.errors import (
    EXIT_OK,
    EXIT_SOME_FAILED,
    Busy,
    CheckFailed,
    Interrupted,
    NotReady,
    RagkitError,
    UsageFault,
    explained,
)
from ragkit.types.conversation import Turn
from ragkit.types.scope import Scope

if TYPE_CHECKING:
    from ragkit.flows.conversing import Asked, Conversation


@click.command("chat")
@click.argument("pipeline")
@click.option(
    "--style",
    type=click.Choice(["auto", "quote", "compose"]),
    default=None,
    help="As for ask.",
)
@click.option("--as-typed", is_flag=True, help="Ask every question as it is typed.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A new .jsonl file that every turn is written to. Without it nothing is kept on disk.",
)
@filter_options
@guarded_options
def command(
    door: Door,
    pipeline: str,
    style: str | None,
    as_typed: bool,
    save: Path | None,
    scope: Callable[[], Scope],
) -> int:
    """Ask the documents of PIPELINE one question after the other.

    Follow-ups ("and for Calderbrook?", "when was it signed?") are rewritten to stand alone, and shown
    as they are asked; each is answered as by `ragkit ask`. Without a terminal every line of standard
    input is a question; with --json every answer is one line. /help lists what else there is.
    """
    within = scope()
    with Saver.start(accept_weak=door.accept_weak) as saver, door.open_workspace() as workspace:
        conversation = workspace.converse(pipeline, style=style, scope=within, as_typed=as_typed)
        conversation.saving.write = saver
        if save is not None:
            conversation.save(save)
        return _Session(door, conversation).run()


@dataclass
class _Session:
    """The lines that are typed, and what is shown for them."""

    door: Door
    conversation: Conversation
    failed: int = 0
    is_ended: bool = False
    """A service manager or a closed terminal has asked to stop."""
    is_interactive: bool = field(default_factory=lambda: sys.stdin.isatty())

    def run(self) -> int:
        """Until the input ends. Returns the exit code."""
        signal.signal(signal.SIGTERM, self._terminate)
        if self.is_interactive:
            self._greet()
        was_stopped = False
        while True:
            try:
                line = self._read()
                was_stopped = False
                if line is None or not self._done(line):
                    break
            except KeyboardInterrupt:
                if was_stopped or self.is_ended:
                    self.door.note("Ended; nothing was lost.")
                    return Interrupted.exit_code
                was_stopped = True
                self.door.note("\nStopped. Ctrl-C again, Ctrl-D or /quit ends.")
        return EXIT_SOME_FAILED if self.failed and not self.is_interactive else EXIT_OK

    def _terminate(self, number: int, frame: object) -> None:
        self.is_ended = True
        raise KeyboardInterrupt

    def _greet(self) -> None:
        with suppress(ImportError):  # then lines are read without history
            import readline  # noqa: F401 (input() uses it; what is typed stays in memory)
        self.door.note("Ask a question; /help lists what else there is, /quit ends.")

    def _read(self) -> str | None:
        """A line; None at the end. What is no UTF-8 is told and skipped."""
        while True:
            try:
                if self.is_interactive and sys.stdout.isatty():
                    return input(f"{self.conversation.pipeline}> ")
                if self.is_interactive:
                    click.echo(f"{self.conversation.pipeline}> ", err=True, nl=False)
                line = sys.stdin.buffer.readline()
                return line.decode() if line else None
            except EOFError:
                click.echo(err=True)
                return None
            except UnicodeError:
                self._fail(UsageFault("The line is not valid UTF-8 text.", hint="iconv -t UTF-8"))

    def _done(self, line: str) -> bool:
        """Whether to go on after a line."""
        text = line.strip()
        if not text:
            return True
        try:
            if text.startswith("/"):
                return self._command(text)
            self._ask(text)
        except BrokenPipeError:
            raise  # nobody reads on: the door ends it quietly
        except Exception as error:  # told as the door tells it; the session goes on
            if self.door.verbose and not isinstance(error, RagkitError):
                raise
            self._fail(explained(error), is_command=text.startswith("/"))
        finally:
            self._tell_notes()
        return True

    def _command(self, text: str) -> bool:
        # Loads what opens documents: after the network is shut off.
        from ragkit.cli.chat_commands import run

        said = run(text, self.conversation, self.door.width)
        if said is None:
            return False
        self._show(said.data, lambda: said.text)
        return True

    def _ask(self, text: str) -> None:
        from ragkit.cli.ask import preview, quoted
        from ragkit.rendering.phrases import phrases_for

        is_shown = not self.door.as_json
        said = phrases_for(text, self.conversation.language)
        turn = self.conversation.ask(
            text,
            on_asked=self._tell_asked if is_shown else None,
            on_sentence=(lambda item: preview(self.door, item, said)) if is_shown else None,
            on_quote=(lambda item: quoted(self.door, item, said)) if is_shown else None,
        )
        self._show(_plain(turn), lambda: self._in_words(turn))

    def _in_words(self, turn: Turn) -> str:
        from ragkit.rendering.results import show_answer

        answer = replace(turn.answer, explanation=None)
        return show_answer(answer, width=self.door.width, typed=self.door.with_config) + "\n"

    def _tell_asked(self, asked: Asked) -> None:
        from ragkit.conversation.reading import spoken
        from ragkit.rendering.conversation import asked_line, unclear_line

        language = spoken(asked.asked, "en")
        if asked.by:
            click.echo(asked_line(asked.asked, asked.documents, language, self.door.width))
        elif asked.is_unclear:
            click.echo(unclear_line(language))

    def _show(self, data: dict[str, object], text: Callable[[], str]) -> None:
        """One object on one line, or text for people."""
        # At a terminal JSON is escaped: what a document holds must not steer it.
        escaped = sys.stdout.isatty()
        click.echo(json.dumps(data, ensure_ascii=escaped) if self.door.as_json else text())

    def _tell_notes(self) -> None:
        notes, self.conversation.notes = self.conversation.notes, []
        for note in notes:
            self.door.alert(note)

    def _fail(self, error: RagkitError, *, is_command: bool = False) -> None:
        """Tell it and go on; without a person what holds for every question ends the session, but not
        what a command met, such as a place that cannot be written."""
        lasts = isinstance(error, (NotReady, Busy, CheckFailed)) and not is_command
        if lasts and not self.is_interactive:
            raise error
        self.failed += 1
        if self.door.as_json:
            self._show({"version": 1, **error.as_dict()}, str)
        else:
            self.door.complain(error)


def _plain(turn: Turn) -> dict[str, object]:
    """Without the figures behind it, as `ask` gives it without --explain."""
    data = turn.as_dict()
    data.pop("explanation", None)
    return data
