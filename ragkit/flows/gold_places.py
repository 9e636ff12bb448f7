"""Gold questions against one published state: which documents they mean, and where in their text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePosixPath

from ragkit.catalog import Reader
from ragkit.errors import ConfigFault, Fault
from ragkit.evaluation.measures import Target
from ragkit.gold import GoldPlace, GoldQuestion, GoldSpan
from ragkit.types import Passage

SIGNS_OF_PATTERNS = "*?["
TEXTS_KEPT = 64
"""Documents whose text is kept for the next question, most of which are about the same one."""


class Documents:
    """The documents of a published state by the names that gold questions give them."""

    def __init__(self, reader: Reader) -> None:
        self.content = {entry.path: entry.content_id for entry in reader.documents()}
        self._unreadable = {entry.path: entry.reason for entry in reader.quarantine()}
        self._inside: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for path in self.content:
            whole, mark, _ = path.partition("::")
            if mark:
                self._inside.setdefault(whole, []).append(path)
            else:
                self._by_stem.setdefault(_stem(path), []).append(path)

    def path_of(self, document: str) -> str | None:
        """The path that is named, with or without folders above the corpus; None for a pattern.

        A document may have come in another format: "x.txt" names "x.pdf", if that is the only x.
        """
        for name in _below(document):
            if name in self.content:
                return name
        if is_pattern(document) or self._why_unreadable(document):
            return None
        alike = self._by_stem.get(_stem(document), [])
        return alike[0] if len(alike) == 1 else None

    def named(self, document: str) -> tuple[str, ...]:
        """Paths of all documents that are meant: with the attachments, or those that fit a pattern."""
        if path := self.path_of(document):
            return (path, *self._inside.get(path, ()))
        if not is_pattern(document):
            return tuple(self._inside.get(document, ()))
        return tuple(path for path in self.content if is_of(path, document))

    def why_missing(self, document: str) -> str:
        """Why no document is meant, in words that follow the name of the document."""
        reason = self._why_unreadable(document)
        return f"could not be read: {reason}" if reason else "is not in the index"

    def is_unreadable(self, document: str) -> bool:
        return bool(self._why_unreadable(document))

    def _why_unreadable(self, document: str) -> str:
        """Of the path with or without folders above the corpus, or of what fits the pattern."""
        for name in [document] if is_pattern(document) else _below(document):
            for path, reason in self._unreadable.items():
                if is_of(path, name):
                    return reason
        return ""


class GoldPlaces:
    """Finds where the answers of gold questions stand, and collects what is wrong with them.

    faults: of the file, where it counts characters in another way than the index. missing: by
    document, why it cannot be found. unheard: questions whose words stand in none of their documents.
    """

    def __init__(self, reader: Reader) -> None:
        self.documents = Documents(reader)
        self.faults: list[Fault] = []
        self.missing: dict[str, str] = {}
        self.unheard: list[GoldQuestion] = []
        self._reader = reader
        self._letters_of = lru_cache(TEXTS_KEPT)(self._read_letters)

    def targets(self, question: GoldQuestion) -> tuple[Target, ...]:
        """The documents that answer; one that is missing stays, and is never found."""
        found: list[Target] = []
        told: dict[str, bool] = {}
        for place in question.places:
            targets = list(self._of_place(question, place))
            found += targets
            if is_pattern(place.document):
                continue  # it may fit thousands of documents
            for target in targets:
                for words in (span.text for span in target.spans if span.start is None):
                    told[words] = told.get(words, False) or self._says(target.document, words)
        if not all(told.values()):
            self.unheard.append(question)
        return tuple(found)

    def quotes(self, question: GoldQuestion) -> list[str]:
        """The words of which one must be found whole; none where a page or the document will do."""
        located = [place for place in question.places if place.spans]
        targets = (target for place in located for target in self._of_place(question, place))
        return [span.text for target in targets for span in target.spans if span.text]

    def require_sound(self, file: str) -> None:
        """Raises ConfigFault with every fault."""
        if self.faults:
            raise ConfigFault(
                f"{file} has faults.",
                faults=self.faults,
                hint="Characters are counted in the document's text, as `ragkit search --json` shows "
                "them; without start and end the words are looked for.",
            )

    def _of_place(self, question: GoldQuestion, place: GoldPlace) -> Iterator[Target]:
        paths = self.documents.named(place.document)
        if not paths:
            self.missing[place.document] = self.documents.why_missing(place.document)
            yield Target(place.document, place.spans or (_ANYTHING if place.page else ()))
            return
        counted = paths[0] if _is_same_file(paths[0], place.document) else ""
        for path in paths:
            if path == counted:
                yield Target(path, tuple(self._counted(question, path, place)))
                continue
            spans = tuple(GoldSpan(span.text) for span in place.spans if span.text)
            if not spans and (place.spans or place.page) and not counted:
                self._fault(question, f"{place.document!r} is not the file itself: give its words")
            yield Target(path, spans)

    def _counted(self, question: GoldQuestion, path: str, place: GoldPlace) -> Iterator[GoldSpan]:
        """The spans, of which those with a place are compared with the document's text there."""
        content = self.documents.content[path]
        page = self._reader.page_span(content, place.page) if place.page else None
        if place.page and page is None and (not place.spans or self._reader.place(content, 0).page):
            self._fault(question, f"{path} has no page {place.page}")
        if page and not place.spans:
            text = self._reader.text(content, page.start, page.end)
            yield GoldSpan(text, page.start, page.end)
        for span in place.spans:
            if span.start is None or span.end is None:
                yield span
                continue
            first = self._reader.text(content, span.start, span.end)
            text = span.text or first
            if len(first) < span.end - span.start or first != text:
                self._other_words(question, path, (span.start, span.end))
            for start, end in span.also:  # where the same stands again, perhaps in capitals
                if _letters(self._reader.text(content, start, end)) != _letters(text):
                    self._other_words(question, path, (start, end))
            yield GoldSpan(text, span.start, span.end, span.also)

    def _other_words(self, question: GoldQuestion, path: str, place: tuple[int, int]) -> None:
        self._fault(question, f"other words stand at {place[0]} to {place[1]} of {path}")

    def _fault(self, question: GoldQuestion, problem: str) -> None:
        self.faults.append(Fault(f"question {question.id}", question.line, problem))

    def _says(self, path: str, words: str) -> bool:
        """Whether a document has these words, by letters and figures alone."""
        content = self.documents.content.get(path)
        return content is None or _letters(words) in self._letters_of(content)

    def _read_letters(self, content: int) -> str:
        return _letters(self._reader.text(content, 0, self._reader.length(content)))


_ANYTHING = (GoldSpan("?"),)
"""Stands for a page of a document that is not there: it is never found."""


def is_pattern(document: str) -> bool:
    return any(sign in document for sign in SIGNS_OF_PATTERNS)


def is_of(path: str, document: str) -> bool:
    """Whether a document is the one named, fits the pattern, or is an attachment of such."""
    whole, _, _ = path.partition("::")
    return any(name == document or fnmatchcase(name, document) for name in (path, whole))


def stretches(reader: Reader, passages: Sequence[Passage]) -> Iterator[str]:
    """The text of the passages, those that touch as one: a quote may begin in one of them."""
    entries = reader.documents_by_id({passage.document_id for passage in passages})
    for number, entry in entries.items():
        spans = sorted((p.start, p.end) for p in passages if p.document_id == number)
        for start, end in _joined(spans):
            yield reader.text(entry.content_id, start, end)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted ranges with those joined that overlap, or have only a blank or two between them."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 2:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _below(path: str) -> Iterator[str]:
    """'a/b/c', then 'b/c', then 'c'."""
    while path:
        yield path
        path = path.partition("/")[2]


def _is_same_file(path: str, document: str) -> bool:
    """Whether a path is the one named, and not the same document in another format."""
    return path == document or document.endswith(f"/{path}")


def _stem(path: str) -> str:
    return unicodedata.normalize("NFC", PurePosixPath(path).stem).casefold()


def _letters(text: str) -> str:
    return "".join(s for s in unicodedata.normalize("NFKC", text).casefold() if s.isalnum())
