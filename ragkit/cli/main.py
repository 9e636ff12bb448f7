"""The command `ragkit`: the list of its commands. Each lives in a module of its own, loaded when used."""

from __future__ import annotations

import importlib
import json
import sys

import click

from ragkit.cli.anywhere import accept_before
from ragkit.cli.watching import needs_watching, watched
from ragkit.errors import Interrupted, UsageFault

COMMANDS = {
    "init": ("ragkit.cli.init", "Write a pipelines.yaml for a folder of documents."),
    "models": ("ragkit.cli.models", "Bring, list, check and remove models."),
    "ingest": ("ragkit.cli.ingest", "Read what is new in a pipeline's folders and publish it."),
    "status": ("ragkit.cli.status", "Show what is indexed, and what could not be read."),
    "runs": ("ragkit.cli.runs", "Show the latest ingests, or a nightly report."),
    "nightly": ("ragkit.cli.nightly", "Ingest, and leave a report to read in the morning."),
    "schedule": ("ragkit.cli.schedule", "Run nightly by itself, every night."),
    "search": ("ragkit.cli.search", "Find the passages that fit a question."),
    "ask": ("ragkit.cli.ask", "Answer a question with quotes from the documents."),
    "chat": ("ragkit.cli.chat", "Ask one question after the other, with follow-ups."),
    "verify": ("ragkit.cli.verify", "Check a saved answer against the files as they are now."),
    "eval": ("ragkit.cli.eval", "Measure how well questions of your own are answered."),
    "feedback": ("ragkit.cli.feedback", "Mark passages as right or wrong for a question."),
    "tune": ("ragkit.cli.tune", "Learn from what is marked, and use it if it helps."),
    "audit": ("ragkit.cli.audit", "Show who asked what, and check that the record is whole."),
    "doctor": ("ragkit.cli.doctor", "Look at this machine, or prove that nothing leaves it."),
    "bench": ("ragkit.cli.bench", "Measure ragkit against the usual stack on this machine."),
    "sweep": ("ragkit.cli.sweep", "Ask every document, and get a row for each."),
    "summarize": ("ragkit.cli.summarize", "Summarize each document and all of them together."),
    "purge": ("ragkit.cli.purge", "Erase documents, and prove that nothing of them is left."),
}
ENVIRONMENT = """\b
Exit codes: 0 done, 1 a bug, 2 usage or settings, 3 done but some documents could not be read,
4 not ready (a model or the index is missing), 5 busy, 6 not found in the documents,
7 the quality gate kept the old state, 8 a connection was attempted and blocked, 9 a check failed,
130 interrupted."""


class Commands(click.Group):
    """Loads a command's module only when that command is used: `--help` must be instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[name][0]).command
        assert isinstance(command, click.Command)
        return accept_before(command) if isinstance(command, click.Group) else command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(
    cls=Commands, epilog=ENVIRONMENT, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="ragkit")
def cli() -> None:
    """Ask confidential documents on your own machine, with quotes you can open.

    Start with: ragkit init FOLDER, then ragkit ingest, then ragkit ask PIPELINE "...".
    """


accept_before(cli)


def run() -> None:
    """The entry point of the command."""
    if needs_watching(sys.argv[1:], COMMANDS):
        watched(_run)
    else:
        _run()


def _run() -> None:
    try:
        code = cli.main(prog_name="ragkit", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)  # --help and --version come back with one
    except click.ClickException as error:
        if "--json" not in sys.argv[1:]:
            error.show()
            sys.exit(error.exit_code)
        fault = UsageFault(error.format_message(), hint="--help lists what there is.")
        click.echo(json.dumps({"version": 1, **fault.as_dict()}, indent=2))
        sys.exit(fault.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Interrupted.exit_code)
