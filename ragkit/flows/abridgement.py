"""An abridgement: a document's summary as it is made and kept, without the name of the document."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ragkit.catalog import DocumentEntry
from ragkit.flows.fielding import kept_field
from ragkit.summaries.candidates import Candidate
from ragkit.summaries.selection import DocumentSentences
from ragkit.types import Citation, KeyFact, SummarySentence
from ragkit.types.fields import SummaryField

KEPT_AS = "<f2"
"""Half precision is enough to choose by, and half as large."""
NOTHING = DocumentSentences((), np.empty((0, 0), np.float32))


@dataclass(frozen=True, slots=True)
class Abridgement:
    """A document's summary as it is kept. Its citations name no document yet.

    pool: the candidates that a summary of several documents is chosen from.
    """

    facts: tuple[KeyFact, ...]
    sentences: tuple[SummarySentence, ...]
    citations: tuple[Citation, ...]
    sections: int = 0
    covered: int = 0
    pool: DocumentSentences = NOTHING
    template: str = ""
    fields: tuple[SummaryField, ...] = ()

    def cited_as(self, entry: DocumentEntry) -> tuple[Citation, ...]:
        """The citations, naming the document that shows the content now."""
        return tuple(
            replace(citation, document=entry.path, sha256=entry.sha256)
            for citation in self.citations
        )

    def to_json(self) -> str:
        vectors = self.pool.vectors.astype(KEPT_AS)
        body = {
            "facts": [asdict(fact) for fact in self.facts],
            "sentences": [asdict(sentence) for sentence in self.sentences],
            "citations": [asdict(citation) for citation in self.citations],
            "sections": self.sections,
            "covered": self.covered,
            "template": self.template,
            "fields": [asdict(field) for field in self.fields],
            "pool": [asdict(candidate) for candidate in self.pool.candidates],
            "vectors": [vectors.shape, base64.b64encode(vectors.tobytes()).decode("ascii")],
        }
        return json.dumps(body, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Abridgement:
        body = json.loads(text)
        shape, data = body["vectors"]
        vectors = np.frombuffer(base64.b64decode(data), dtype=KEPT_AS).reshape(shape)
        candidates = [Candidate(**item) for item in body["pool"]]
        return cls(
            facts=tuple(KeyFact(**_with_marks(item)) for item in body["facts"]),
            sentences=tuple(SummarySentence(**_with_marks(item)) for item in body["sentences"]),
            citations=tuple(
                Citation(**{**item, "fenced": tuple(item.get("fenced", ()))})
                for item in body["citations"]
            ),
            sections=body["sections"],
            covered=body["covered"],
            template=body["template"],
            fields=tuple(map(kept_field, body["fields"])),
            pool=DocumentSentences(candidates, vectors.astype(np.float32)),
        )


def _with_marks(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "citations": tuple(row["citations"])}
