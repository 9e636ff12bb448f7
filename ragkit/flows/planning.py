"""Planning: what an ingest would look into, by the comparison that the ingest itself makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from ragkit.config import Pipeline
from ragkit.flows.before import NO_PASSWORDS, Before
from ragkit.flows.passwords import Passwords
from ragkit.flows.surveying import SourceFile, survey
from ragkit.types import FileKind, IngestPlan


def reader_name(fingerprint: Callable[[str], str], suffix: str) -> str:
    """What reads files of a suffix. It counts itself: the same bytes are read otherwise as .md than as .txt.

    Its first word tells the suffix again, "-" where there is none.
    """
    return f"{suffix or '-'} {fingerprint(suffix)}".strip()


def plan(
    pipeline: Pipeline,
    before: Before,
    fingerprint: Callable[[str], str],
    ocr: Callable[[], str],
    passwords: Passwords = NO_PASSWORDS,
) -> IngestPlan:
    """Told from sizes, times and what reads the files; nothing is opened.

    fingerprint: suffix -> what reads it now; ocr: what reads scanned pages now.
    """
    anew = before.read_anew(retry=False, ocr=ocr, passwords=passwords)
    found = survey(pipeline, before.settled(partial(reader_name, fingerprint), anew))
    was_there = before.known.keys() | before.failed.keys()
    return IngestPlan(
        pipeline=pipeline.name,
        new=tuple(file.path for file in found.files if file.path not in was_there),
        changed=tuple(file.path for file in found.files if file.path in was_there),
        removed=tuple(sorted(before.gone(found))),
        unchanged=len(found.unchanged),
        kinds=_kinds(found.files),
    )


def _kinds(files: Iterable[SourceFile]) -> tuple[FileKind, ...]:
    """The files by suffix, the most bytes first."""
    sizes: dict[str, list[int]] = {}
    for file in files:
        sizes.setdefault(file.suffix, []).append(file.size)
    kinds = (FileKind(suffix, len(found), sum(found)) for suffix, found in sizes.items())
    return tuple(sorted(kinds, key=lambda kind: -kind.bytes))
