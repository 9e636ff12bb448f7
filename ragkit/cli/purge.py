"""`ragkit purge`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.errors import EXIT_OK, CheckFailed, UsageFault
from ragkit.files import write_atomically

if TYPE_CHECKING:
    from ragkit.types.erasure import Certificate

SUFFIXES = (".json", ".html")


@click.command("purge")
@click.argument("pipeline")
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
@click.option(
    "--certificate",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the certificate to FILE.json or FILE.html; it names no document.",
)
@click.option(
    "--still-there",
    is_flag=True,
    help="Also what still lies in the folder; the next ingest reads it again.",
)
@guarded_options
def command(
    door: Door,
    pipeline: str,
    documents: tuple[str, ...],
    file: Path | None,
    still_there: bool,
) -> int:
    """Erase documents of PIPELINE, and all that was made of them, from every byte of its store.

    DOCUMENT is a path as `ask` shows it, a folder, or a pattern such as "2024/*.pdf"; an attachment is
    erased with the whole file that it came in. Then every file is read through, and exit code 9 says
    that something was found. The original file is yours to delete, before.
    """
    if file is not None and file.suffix.lower() not in SUFFIXES:
        raise UsageFault(
            f"A certificate is written as .json or .html, not {file.suffix or 'without a suffix'}.",
            hint="--certificate FILE.html",
        )
    with (
        door.open_workspace(writes=[file] if file else ()) as workspace,
        door.progress() as progress,
    ):
        certificate = workspace.purge(
            pipeline, documents, still_there=still_there, on_step=progress
        )
    if file is not None:
        write_atomically(file, _written(certificate, file.suffix.lower()))
        door.note(f"The certificate: {file}")
    from ragkit.rendering.certificate import as_text

    door.result(certificate.as_dict(), lambda: as_text(certificate))
    return EXIT_OK if certificate.is_clean else CheckFailed.exit_code


def _written(certificate: Certificate, suffix: str) -> str:
    if suffix == ".json":
        return json.dumps(certificate.as_dict(), ensure_ascii=False, indent=2) + "\n"
    from ragkit.rendering.certificate_page import as_html

    return as_html(certificate)
