"""`ragkit purge`."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ragkit.cli.door import Door, guarded_options
from ragkit.errors import EXIT_OK, CheckFailed, StorageFault, UsageFault
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
    if file is not None:
        _require_writable(file)

    made: list[Certificate] = []

    def keep(certificate: Certificate) -> None:
        """Shown first, whatever becomes of the file."""
        made.append(certificate)
        door.result(certificate.as_dict(), lambda: _shown(certificate))
        if file is not None:
            _write(certificate, file)
            door.note(f"The certificate: {file}")

    with (
        door.open_workspace(writes=[file] if file else ()) as workspace,
        door.progress() as progress,
    ):
        try:
            certificate = workspace.purge(
                pipeline, documents, still_there=still_there, on_step=progress, on_certificate=keep
            )
        except StorageFault as fault:
            if not made:
                raise
            door.complain(fault)  # the result stands on stdout already
            return fault.exit_code
    return EXIT_OK if certificate.is_clean else CheckFailed.exit_code


def _require_writable(file: Path) -> None:
    """Before anything is erased. Raises UsageFault."""
    if file.suffix.lower() not in SUFFIXES:
        raise UsageFault(
            f"A certificate is written as .json or .html, not {file.suffix or 'without a suffix'}.",
            hint="--certificate FILE.html",
        )
    folder = file.absolute().parent
    if not folder.is_dir():
        raise UsageFault(
            f"There is no folder {folder} for the certificate; nothing was erased.",
            hint=f"mkdir -p {shlex.quote(str(folder))}",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageFault(
            f"Nothing can be written to {folder}; nothing was erased.",
            hint="Name a certificate in a folder that you may write to.",
        )


def _write(certificate: Certificate, file: Path) -> None:
    try:
        write_atomically(file, _written(certificate, file.suffix.lower()))
    except OSError as error:
        raise StorageFault(
            f"The documents are erased, but the certificate cannot be written to {file}: "
            f"{error.strerror}.",
            hint="Run the same command again with a file elsewhere: it makes the certificate anew.",
        ) from error


def _shown(certificate: Certificate) -> str:
    from ragkit.rendering.certificate import as_text

    return as_text(certificate)


def _written(certificate: Certificate, suffix: str) -> str:
    if suffix == ".json":
        return json.dumps(certificate.as_dict(), ensure_ascii=False, indent=2) + "\n"
    from ragkit.rendering.certificate_page import as_html

    return as_html(certificate)
