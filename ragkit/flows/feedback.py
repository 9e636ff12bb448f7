"""Feedback: passages marked right or wrong for a question, kept in the pipeline's catalog."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ragkit.catalog import Catalog, Reader, WriterLock
from ragkit.catalog.erasing import TO_ERASE
from ragkit.catalog.feedback import Feedback, Mark, MarkedEntry
from ragkit.catalog.state import note_state
from ragkit.catalog.store import storage_faults
from ragkit.config import Pipeline
from ragkit.errors import Busy, UsageFault
from ragkit.flows.naming import paths_named
from ragkit.flows.owning import require_owner
from ragkit.flows.stating import published
from ragkit.types import SearchResult
from ragkit.types.tuning import MarkedPassage, MarkedQuestion

MOST_PASSAGES = 1000
"""As many as a search shows at most."""
_RANK = re.compile(r"[0-9]{1,9}")
_PLACE = re.compile(r"(?P<document>.+):(?P<start>[0-9]{1,12})-(?P<end>[0-9]{1,12})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to be marked: ranks of passages ("2"), or places ("letter.txt:120-340")."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def highest_rank(self) -> int:
        """How many passages must be searched for; 0 if no rank is given."""
        ranks = (int(mark) for mark in (*self.right, *self.wrong) if _RANK.fullmatch(mark.strip()))
        return min(max(ranks, default=0), MOST_PASSAGES)


@dataclass(frozen=True, slots=True)
class Marked:
    """A question as it is kept now; sha256: of the documents that were marked just now."""

    question: MarkedQuestion
    sha256: tuple[str, ...]
    generation: int


def mark(
    pipeline: Pipeline,
    question: str,
    given: Marks,
    found: SearchResult | None,
    note: Callable[[Marked], None] = lambda marked: None,
) -> Marked:
    """Keep marks, beside those that the question has.

    found: what a search for the question shows now; needed for ranks only. note: called before they
    are kept; if it raises, they are not.
    Raises UsageFault for a mark that means nothing, UnknownPipeline for a document that is not there,
    Busy if somebody writes, StorageFault.
    """
    _require_marks(given)
    store = pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        reader = Reader(catalog)
        require_owner(pipeline, reader)
        with catalog.transaction() as connection:
            marks = [
                _mark(reader, text, is_right, found)
                for texts, is_right in ((given.right, True), (given.wrong, False))
                for text in texts
            ]
            _require_one_verdict(marks)
            feedback = Feedback(connection)
            number = feedback.add(question, marks)
            entry = next(entry for entry in feedback.entries() if entry.id == number)
            digests = tuple({mark.sha256 for mark in marks})
            marked = Marked(_shown(reader, entry), digests, reader.generation())
            note(marked)
        return marked


def marked(pipeline: Pipeline) -> tuple[tuple[MarkedQuestion, ...], int]:
    """All marked questions, and the generation. Raises IndexMissing, UsageFault if the index is another's."""
    with published(pipeline) as catalog:
        reader = Reader(catalog)
        entries = Feedback(catalog.connection).entries()
        return tuple(_shown(reader, entry) for entry in entries), reader.generation()


def unmark(
    pipeline: Pipeline, number: int, note: Callable[[int], None] = lambda generation: None
) -> None:
    """Forget a question and its marks. Raises UsageFault if there is none, Busy.

    note: called with the generation before they are forgotten; if it raises, they stay.
    """
    store = pipeline.store
    with storage_faults(store), WriterLock(store), Catalog.open_for_writing(store) as catalog:
        reader = Reader(catalog)
        require_owner(pipeline, reader)
        with catalog.transaction() as connection:
            if not Feedback(connection).remove(number):
                raise UsageFault(
                    f"There is no marked question {number} in {pipeline.name}.",
                    hint=f"ragkit feedback {pipeline.name} --list",
                )
            note_state(connection, {TO_ERASE: "yes"})
            note(reader.generation())


def _require_marks(given: Marks) -> None:
    if not given.right and not given.wrong:
        raise UsageFault(
            "Nothing is marked.", hint="--right 2 --wrong 1 (numbers as `ragkit search` shows them)"
        )


def _mark(reader: Reader, text: str, is_right: bool, found: SearchResult | None) -> Mark:
    if _RANK.fullmatch(text.strip()):
        return _mark_of_rank(reader, int(text), is_right, found)
    place = _PLACE.fullmatch(text)
    if place is None:
        raise UsageFault(
            f"{text!r} is neither the number of a passage nor DOCUMENT:START-END.",
            hint="--right 2, or --right contract.txt:1200-1560 (characters, as --json shows them)",
        )
    return _mark_of_place(
        reader, place["document"], int(place["start"]), int(place["end"]), is_right
    )


def _mark_of_rank(reader: Reader, rank: int, is_right: bool, found: SearchResult | None) -> Mark:
    passages = found.passages if found is not None else ()
    passage = next((one for one in passages if one.rank == rank), None)
    if passage is None:
        shown = f"1 to {len(passages)}" if passages else "none"
        raise UsageFault(f"There is no passage {rank} for this question; there are {shown}.")
    entry = reader.document(passage.document)
    if entry is None or entry.sha256 != passage.sha256:
        # The search was before the lock: a purge in between must not find its document named again.
        raise Busy(
            "What was found has changed meanwhile; nothing was marked.", hint="Ask once more."
        )
    return Mark(passage.document, passage.sha256, passage.start, passage.end, is_right)


def _mark_of_place(reader: Reader, document: str, start: int, end: int, is_right: bool) -> Mark:
    entry = reader.document(document.replace(" > ", "::"))
    if entry is None:
        paths_named(
            document, (known.path for known in reader.documents())
        )  # raises, naming similar
        raise UsageFault(f"{document!r} stands for several documents; a mark is in one of them.")
    length = reader.length(entry.content_id)
    if not start < end <= length:
        raise UsageFault(
            f"{start}-{end} is no range of the {length} characters of {entry.path}.",
            hint="`ragkit search --json` shows start and end of each passage.",
        )
    return Mark(entry.path, entry.sha256, start, end, is_right)


def _require_one_verdict(marks: Sequence[Mark]) -> None:
    places = [(mark.path, mark.start, mark.end) for mark in marks]
    twice = next((place for place in places if places.count(place) > 1), None)
    if twice is not None:
        path, start, end = twice
        raise UsageFault(f"{path}:{start}-{end} is marked twice.", hint="Leave one of them out.")


def _shown(reader: Reader, entry: MarkedEntry) -> MarkedQuestion:
    passages = []
    for each in entry.marks:
        now = reader.document(each.path)
        is_stale = now is None or now.sha256 != each.sha256
        passages.append(MarkedPassage(each.path, each.start, each.end, each.is_right, is_stale))
    return MarkedQuestion(entry.id, entry.question, entry.at, tuple(passages))
