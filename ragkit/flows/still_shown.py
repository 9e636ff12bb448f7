"""What was shown, or is about to be, and is still in the index; which words of a question are names."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ragkit.catalog import Reader
from ragkit.catalog.name_words import words_in_names
from ragkit.config import Pipeline
from ragkit.errors import Busy, IndexMissing
from ragkit.flows.stating import published
from ragkit.types import Answer
from ragkit.types.conversation import StillShown

ANY_VERSION = ""
"""In place of a SHA-256: the document is there, whatever it says now."""


def still_shown(pipeline: Pipeline, shown: Iterable[tuple[str, str]]) -> StillShown:
    """Which of the documents (path, SHA-256 or ANY_VERSION) are not published any more.

    All of them are gone where nothing is published. Raises UsageFault if the store is another's.
    """
    wanted = tuple(dict.fromkeys(shown))
    try:
        with published(pipeline) as catalog:
            reader = Reader(catalog)
            gone = tuple(each for each in wanted if not _is_there(reader, *each))
            return StillShown(reader.generation(), gone)
    except IndexMissing:
        return StillShown(0, wanted)


def answered_as_it_is(pipeline: Pipeline, make: Callable[[], Answer]) -> Answer:
    """An answer whose documents are still those that it was made from, now that it is to be shown.

    While a model writes for half a minute a document may be purged: then the answer is made anew, once.
    Raises Busy if that is overtaken as well.
    """
    for _ in range(2):
        answer = make()
        if not still_shown(pipeline, _documents_of(answer)).gone:
            return answer
    raise Busy(
        f"Documents of {pipeline.name} were changed or removed while the question was answered, twice; "
        "nothing is shown.",
        hint="Ask again when the ingest or the purge is done.",
    )


def _documents_of(answer: Answer) -> list[tuple[str, str]]:
    """Those whose words or names it shows. Of what is only named any version will do."""
    shown = [(each.document, each.sha256) for each in answer.citations]
    shown += [(each.document, each.sha256) for each in answer.nearest]
    named = [*answer.candidates]
    if answer.explanation is not None and answer.explanation.decision is not None:
        named += [each.document for each in answer.explanation.decision.evidence]
    return [*shown, *((path, ANY_VERSION) for path in named)]


def _is_there(reader: Reader, path: str, sha256: str) -> bool:
    entry = reader.document(path)
    return entry is not None and sha256 in (entry.sha256, ANY_VERSION)


def names_among(pipeline: Pipeline, words: Iterable[str]) -> tuple[str, ...]:
    """Those of `words` (lower case) that documents' parties or patients are called by."""
    with published(pipeline) as catalog:
        return words_in_names(catalog, tuple(words))
