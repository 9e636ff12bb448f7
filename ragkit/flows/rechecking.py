"""Rechecking: every quote of saved answers against the files as they are now, every statement
against its quotes. Neither an index nor a model is asked; the files are read as an ingest reads them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ragkit.config import Pipeline
from ragkit.errors import UsageFault
from ragkit.files import digest_of
from ragkit.flows.passwords import Passwords
from ragkit.flows.standing import missing, recheck_quote, unreadable
from ragkit.flows.statements import Known, needs_known, statements_of, unsupported_in
from ragkit.flows.surroundings import Surroundings
from ragkit.flows.surveying import SourceFile, Survey, survey
from ragkit.protocols import ParseOutcome, ParseRequest, ParserPool
from ragkit.types import Citation, ParsedChild, ParsedDocument, Step
from ragkit.types.rechecks import CheckedAnswer, CheckedQuote, Recheck, SavedAnswer

INSIDE = "::"
"""Between a file and a document inside it."""


@dataclass(frozen=True, slots=True)
class RecheckParts:
    """What rechecking works with; it closes the parsers."""

    pipeline: Pipeline
    parsers: ParserPool
    passwords: Passwords


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What was found. digests: SHA-256 of the files and the documents in them that were looked at."""

    recheck: Recheck
    digests: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A document as it is now, or why there is none to look at."""

    sha256: str = ""
    document: ParsedDocument | None = None
    reason: str = ""
    is_gone: bool = False


@dataclass(slots=True)
class _Files:
    """What lies in the folders, and what became of each cited file, by path."""

    found: Survey
    outcomes: dict[str, ParseOutcome] = field(default_factory=dict)
    by_path: dict[str, SourceFile] = field(init=False)
    around: dict[str, Surroundings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_path = {file.path: file for file in self.found.files}

    def refusal(self, path: str) -> str:
        """Why something at `path` is not opened; "" if nothing lies there."""
        closed = [door for door in self.found.closed if path.startswith(f"{door}/")]
        if closed:
            return "its folder cannot be listed"
        return next((item.reason for item in self.found.refused if item.path == path), "")


def recheck(
    parts: RecheckParts,
    answers: Iterable[SavedAnswer],
    on_step: Callable[[Step], None] | None = None,
) -> Rechecked:
    """What became of each answer of one pipeline, in their order; each cited file is read once.

    Raises UsageFault if a folder of the pipeline is not there.
    """
    started = time.monotonic()
    answers = tuple(answers)
    tell = on_step or (lambda step: None)
    cited = dict.fromkeys(_file_of(quote.document) for each in answers for quote in each.citations)
    try:
        files = _Files(survey(parts.pipeline))
        _read(parts, files, cited, tell)
    finally:
        parts.parsers.close()
    elsewhere = _Elsewhere(files)
    checked = tuple(_checked(answer, files, elsewhere) for answer in answers)
    digests = frozenset(digest for path in files.outcomes for digest in _digests(files, path))
    seconds = time.monotonic() - started
    return Rechecked(Recheck(checked, len(files.outcomes), seconds), digests)


def by_pipeline(
    answers: Iterable[SavedAnswer], given: str, known: Sequence[str]
) -> dict[str, tuple[SavedAnswer, ...]]:
    """The answers by the pipeline whose documents they quote.

    given: taken whatever an answer says; "" for none. known: all there are. Raises UsageFault where
    it is not told.
    """
    found: dict[str, tuple[SavedAnswer, ...]] = {}
    only = known[0] if len(known) == 1 else ""
    for answer in answers:
        name = given or answer.pipeline or only
        if not name:
            raise UsageFault(
                f"{answer.place} does not say whose documents it quotes.",
                hint=f"ragkit verify --pipeline NAME; there are {', '.join(known)}.",
            )
        found[name] = (*found.get(name, ()), replace(answer, pipeline=name))
    return found


def joined(rechecks: Sequence[Recheck], order: Sequence[SavedAnswer]) -> Recheck:
    """The answers of several pipelines as one result, in the order in which they were given."""
    places = {answer.place: number for number, answer in enumerate(order)}
    answers = [answer for each in rechecks for answer in each.answers]
    answers.sort(key=lambda answer: places[answer.place])
    documents = sum(each.documents for each in rechecks)
    return Recheck(tuple(answers), documents, sum(each.seconds for each in rechecks))


def _file_of(document: str) -> str:
    return document.partition(INSIDE)[0]


def _read(
    parts: RecheckParts, files: _Files, cited: Iterable[str], tell: Callable[[Step], None]
) -> None:
    requests = [
        ParseRequest(file.path, Path(file.absolute), file.suffix, parts.passwords.for_file(path))
        for path in cited
        if (file := files.by_path.get(path)) is not None
    ]

    def on_page(path: str, page: int, pages: int) -> None:
        tell(Step(f"OCR of {path}", page, pages))

    for done, outcome in enumerate(parts.parsers.parse_all(requests, on_page), start=1):
        files.outcomes[outcome.key] = outcome
        tell(Step("reading again", done, len(requests)))


def _digests(files: _Files, path: str) -> Iterator[str]:
    outcome = files.outcomes[path]
    yield outcome.sha256
    children = list(outcome.document.children) if outcome.document else []
    while children:
        child = children.pop()
        yield child.sha256
        children += child.document.children if child.document else ()


# One answer


def _checked(answer: SavedAnswer, files: _Files, elsewhere: _Elsewhere) -> CheckedAnswer:
    quotes = tuple(_quote(citation, files, elsewhere) for citation in answer.citations)
    return CheckedAnswer(
        place=answer.place,
        pipeline=answer.pipeline,
        question=answer.question,
        quotes=quotes,
        unsupported=tuple(unsupported_in(answer, _known(answer, quotes, files))),
        statements=statements_of(answer),
    )


def _known(answer: SavedAnswer, quotes: Iterable[CheckedQuote], files: _Files) -> dict[int, Known]:
    """By mark, what is known of the quotes that still stand; nothing where no statement asks for it."""
    if not needs_known(answer):
        return {}
    found = {}
    for quote in quotes:
        document = _now(quote.citation.document, files).document
        if document is not None and quote.now is not None and quote.citation.mark > 0:
            path = quote.citation.document
            about = files.around.setdefault(path, Surroundings(path, document))
            found[quote.citation.mark] = Known(about.naming, about.of(quote.now.start), about.entry)
    return found


def _quote(citation: Citation, files: _Files, elsewhere: _Elsewhere) -> CheckedQuote:
    found = _now(citation.document, files)
    if found.document is not None:
        return recheck_quote(citation, found.sha256, found.document)
    if not found.is_gone:
        return unreadable(citation, found.reason)
    gone = missing(citation, found.reason)
    if place := elsewhere.of(citation):
        return replace(gone, why=f"{gone.why}; the same file now lies at {place}")
    return gone


def _now(document: str, files: _Files) -> _Found:
    """The document of that path as it is now, also one inside a file."""
    path, *inside = document.split(INSIDE)
    if files.by_path.get(path) is None:
        refusal = files.refusal(path)
        return _Found(reason=refusal) if refusal else _Found(reason="", is_gone=True)
    outcome = files.outcomes[path]
    if outcome.document is None:
        is_gone = outcome.kind == "gone"
        return _Found(outcome.sha256, reason=outcome.reason, is_gone=is_gone)
    found = _Found(outcome.sha256, outcome.document)
    for name in inside:
        found = _inside(found, name)
    return found


def _inside(found: _Found, name: str) -> _Found:
    children: tuple[ParsedChild, ...] = found.document.children if found.document else ()
    child = next((child for child in children if child.name == name), None)
    if child is None:
        reason = found.reason or "it is not in that file any more"
        return replace(found, document=None, reason=reason, is_gone=not found.reason)
    return _Found(child.sha256, child.document, child.reason)


class _Elsewhere:
    """Where files of the same bytes lie now that are not where an answer says: renamed ones."""

    def __init__(self, files: _Files) -> None:
        self._files = files
        self._by_suffix: dict[str, dict[str, str]] = {}

    def of(self, citation: Citation) -> str:
        """The path of a whole file with the cited bytes; "" if there is none."""
        if INSIDE in citation.document or not citation.sha256:
            return ""
        suffix = Path(citation.document).suffix.lower()
        if suffix not in self._by_suffix:
            self._by_suffix[suffix] = self._digests(suffix)
        return self._by_suffix[suffix].get(citation.sha256, "")

    def _digests(self, suffix: str) -> dict[str, str]:
        """SHA-256 -> path of all files with that suffix that can be opened."""
        found = {}
        for file in self._files.found.files:
            if file.suffix == suffix:
                try:
                    found[digest_of(Path(file.absolute))] = file.path
                except OSError:  # closed to this user: then it is not told where a file went
                    continue
        return found
