"""Findings of a sweep: how they are kept, without a word of the document, and shown as rows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from ragkit.catalog import DocumentEntry
from ragkit.catalog.searching import SearchReader
from ragkit.flows.sweep_looking import SweptDocument
from ragkit.flows.sweep_values import value_in
from ragkit.sweeps.judging import Judged
from ragkit.types import Citation, Unreadable
from ragkit.types.sweeps import JudgedBy, SweepQuestion, SweepRow, Verdict

FENCED = "some of it reads like an instruction to a machine and was left out"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one document says to one question. quote, value: places in its text."""

    verdict: Verdict
    by: JudgedBy
    reason: str
    confidence: float
    quote: tuple[int, int] | None = None
    value: tuple[int, int] | None = None

    @classmethod
    def of(
        cls, judged: Judged, confidence: float, document: SweptDocument, question: SweepQuestion
    ) -> Finding:
        """With the places of the sentence that is shown and of the short fact in it."""
        told = cls(judged.verdict, judged.by, judged.reason, confidence)
        if judged.sentence is None:
            return told
        start, end = document.spans[judged.sentence].tolist()
        value = None
        if judged.verdict == "yes":
            found = value_in(document.texts[judged.sentence], question.question, question.value)
            value = found and (start + found[0], start + found[1])
        return replace(told, quote=(start, end), value=value)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Finding:
        data = json.loads(text)
        places = {key: data[key] and tuple(data[key]) for key in ("quote", "value")}
        return cls(**{**data, **places})

    def as_row(
        self,
        reader: SearchReader,
        entry: DocumentEntry,
        question: SweepQuestion,
        *,
        reused: bool,
        unread: str = "",
    ) -> SweepRow:
        """With its words, read from the published text. unread: what of it was not looked through
        (`unread_of`): nobody can say that something does not stand there."""
        row = SweepRow(
            id=question.id,
            question=question.question,
            document=entry.path,
            sha256=entry.sha256,
            verdict=self.verdict,
            reason=self.reason,
            confidence=self.confidence,
            by=self.by,
            reused=reused,
            citation=self._citation(reader, entry),
            value="" if self.value is None else reader.text(entry.content_id, *self.value),
        )
        if row.verdict == "no" and row.citation is None and unread:
            return replace(
                row, verdict="unclear", confidence=0.0, reason=f"not found, but {unread}"
            )
        return row

    def _citation(self, reader: SearchReader, entry: DocumentEntry) -> Citation | None:
        if self.quote is None:
            return None
        start, end = self.quote
        place = reader.place(entry.content_id, start)
        return Citation(
            mark=1,
            document=entry.path,
            sha256=entry.sha256,
            page=place.page,
            start=start,
            end=end,
            quote=reader.text(entry.content_id, start, end),
            read_as=place.read_as,
            confidence=place.confidence,
        )


def unread_of(reader: SearchReader, entry: DocumentEntry, in_part: str) -> str:
    """What of a document was not looked through, in words; "" for nothing. in_part: why, where pages
    of it could not be read."""
    fences = reader.fenced_in(entry.content_id)
    if not fences:
        return in_part
    pages = sorted(
        {reader.place(entry.content_id, max(0, each.start)).page or 0 for each in fences} - {0}
    )
    where = f" (p. {', '.join(map(str, pages))})" if pages else ""
    return "; ".join(filter(None, (in_part, FENCED + where)))


def unreadable_row(item: Unreadable, question: SweepQuestion) -> SweepRow:
    """Of a document that nothing is known of."""
    return SweepRow(question.id, question.question, item.document, "", "unreadable", item.reason)
