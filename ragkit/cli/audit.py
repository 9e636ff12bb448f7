"""`ragkit audit`: who asked what and when, and whether that record was altered."""

from __future__ import annotations

import click

from ragkit.cli.choosing import Done, chosen_pipelines, one_after_the_other
from ragkit.cli.door import Door, guarded_options, read_question
from ragkit.errors import EXIT_OK, CheckFailed, UsageFault
from ragkit.rendering.ledger import show_ledger, show_verdict

SHOWN = 100


@click.group("audit")
def command() -> None:
    """Show the ledger: who did what when, which documents were shown; check that it was not altered.

    It holds no text, no question and no file name: digests and keyed hashes only.
    """


@command.command("show")
@click.argument("pipeline", required=False)
@click.option(
    "--since", metavar="DATE", default="", help="From this date or time on, such as 2026-03-31."
)
@click.option("--user", default="", help="What this user of the operating system did.")
@click.option(
    "--document",
    metavar="PATH|SHA256",
    default="",
    help="Where this document, folder or pattern was shown; one erased since, by its SHA-256.",
)
@click.option(
    "--question", default="", help='Where this was asked, word for word ("-": standard input).'
)
@click.option(
    "--tail",
    type=click.IntRange(0),
    default=SHOWN,
    show_default=True,
    help="The newest so many; 0 shows all.",
)
@guarded_options
def show(
    door: Door,
    pipeline: str | None,
    since: str,
    user: str,
    document: str,
    question: str,
    tail: int,
) -> int:
    """Show the ledger's entries, oldest first, with the head: note that elsewhere."""
    asked = read_question(question) if question else ""
    with door.open_workspace() as workspace:
        names = (pipeline,) if pipeline else workspace.pipelines

        def shown(name: str) -> Done:
            view = workspace.ledger(
                name, since=since, user=user, document=document, question=asked, newest=tail
            )
            return Done(view.as_dict(), lambda: show_ledger(view))

        return one_after_the_other(door, names, shown, as_list="pipelines")


@command.command("verify")
@click.argument("pipeline", required=False)
@click.option("--all", "every", is_flag=True, help="All pipelines of the settings file.")
@click.option(
    "--head",
    metavar="HASH",
    help="A head noted earlier: proves that nothing up to it was changed since.",
)
@guarded_options
def verify(door: Door, pipeline: str | None, every: bool, head: str | None) -> int:
    """Check every line of the ledger.

    Exit code 9: the first line that was altered, dropped, inserted, moved or cut is named. Somebody
    who can write this folder could write the whole ledger anew: only --head shows that.
    """
    if head is not None and not head.strip():
        raise UsageFault("The head is empty.", hint="ragkit audit show prints it.")
    with door.open_workspace() as workspace:
        given = (pipeline,) if pipeline else ()
        names = chosen_pipelines(given, every, workspace.pipelines, "audit verify")
        if head and len(names) > 1:
            raise UsageFault(
                "A head belongs to one pipeline.", hint="ragkit audit verify PIPELINE --head HASH"
            )

        def verified(name: str) -> Done:
            verdict = workspace.verify_ledger(name, head=head or "")
            code = EXIT_OK if verdict.sound else CheckFailed.exit_code
            return Done(verdict.as_dict(), lambda: show_verdict(verdict), code)

        return one_after_the_other(door, names, verified, as_list="pipelines")


@command.command("begin")
@click.argument("pipeline")
@guarded_options
def begin(door: Door, pipeline: str) -> int:
    """Begin a new ledger where the old one is lost, or was moved away because it was changed.

    Its first entry says so, with the number and hash of the last one that the index remembers.
    """
    with door.open_workspace() as workspace:
        verdict = workspace.begin_ledger(pipeline)
        door.result(verdict.as_dict(), lambda: show_verdict(verdict))
    return EXIT_OK
