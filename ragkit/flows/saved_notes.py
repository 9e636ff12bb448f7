"""Whether a note of a saved answer is one that ragkit makes of the quotes it points at and their documents.

A note on versions must name the documents of its quotes, and these must belong together as the files
stand now; of a conflict the quotes must say different things. Its words are ragkit's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ragkit.catalog import DocumentEntry
from ragkit.flows.contradicting import NOTE_TEXTS, value_in
from ragkit.flows.differing import differ
from ragkit.flows.versions import pairs_of
from ragkit.types import Citation, Evidence, Note
from ragkit.types.rechecks import SavedAnswer

_FENCED = re.compile(
    r"Reads like an instruction to a machine, and was left out: (?P<en>[^\n]+?)(?: and \d+ more places)?\."
    r"|Parece una instrucci[óo]n para una m[áa]quina y se ha dejado fuera: (?P<es>[^\n]+?)"
    r"(?: y en \d+ lugares m[áa]s)?\."
)
_PLACES = re.compile(r"(?:[^:;\n]|::)+\.\w{1,12}(?:, p\. \d+)?")
"""Names of files, with a page or without: they may hold commas ("Ruiz, Ana.pdf"), "::" before an attachment."""
OTHER_WORDS = "these are not the words of such a note on its quotes"


def why_not(note: Note, answer: SavedAnswer, entries: Mapping[str, DocumentEntry]) -> str:
    """Why a note may not stand in an answer; "" if it may.

    entries: by path, what the catalog would say of the quoted documents; of those that cannot be read
    there is none, and whether they belong together is then not asked.
    """
    if note.kind == "fenced":
        return _of_fenced(note)
    quoted = {each.mark: each for each in answer.citations if each.mark > 0}
    strange = [mark for mark in note.citations if mark not in quoted]
    if strange:
        return f"it points at [{strange[0]}], and there is no such quote"
    cited = [quoted[mark] for mark in note.citations]
    if len({each.document for each in cited}) != 2:
        return "it does not point at quotes of two documents"
    if note.kind == "conflict":
        return _of_conflict(note, cited, answer.question)
    return _of_versions(note, cited, entries)


def evidence_of(citation: Citation, context: str = "") -> Evidence:
    """A quote as the evidence that it was. context: what names its document."""
    return Evidence(
        number=citation.mark,
        document=citation.document,
        document_id=0,
        sha256=citation.sha256,
        page=citation.page,
        start=citation.start,
        end=citation.end,
        text=citation.quote,
        context=context,
    )


def _of_fenced(note: Note) -> str:
    found = _FENCED.fullmatch(note.text)
    places = found and (found["en"] or found["es"])
    return "" if places and _PLACES.fullmatch(places) and not note.citations else OTHER_WORDS


def _of_conflict(note: Note, cited: list[Citation], question: str) -> str:
    if not _says(note, "conflict", cited[0].document, cited[-1].document):
        return OTHER_WORDS
    one, other = (value_in(question, evidence_of(each)) for each in (cited[0], cited[-1]))
    if one is not None and other is not None and not differ(one, other):
        return "its quotes do not say different things"
    same = " ".join(cited[0].quote.split()) == " ".join(cited[-1].quote.split())
    return "its quotes say the same" if same else ""


def _of_versions(note: Note, cited: list[Citation], entries: Mapping[str, DocumentEntry]) -> str:
    newer, older = cited[0].document, cited[-1].document
    ways = [way for way in ("amendment", "version") if _says(note, way, newer, older)]
    if not ways:
        return OTHER_WORDS
    if newer not in entries or older not in entries:
        return ""
    pairs = pairs_of((entries[newer], entries[older]))
    holds = any((p.newer, p.older, p.way) == (newer, older, ways[0]) for p in pairs)
    return "" if holds else "the one document is no newer version or amendment of the other"


def _says(note: Note, way: str, newer: str, older: str) -> bool:
    return any(
        note.text == texts[way].format(newer=newer, older=older) for texts in NOTE_TEXTS.values()
    )
