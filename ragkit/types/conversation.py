"""Conversations: one question after the other, each asked so that it stands alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ragkit.types.answers import Answer

RewrittenBy = Literal["", "rules", "model", "choice"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation, and its answer.

    number: 1 for the first, never given twice. typed: as the person wrote it. asked: as it was asked.
    by: what rewrote it; "" if it was asked as typed. is_unclear: it points back to something that was
    not found, and was asked as typed all the same. only: the document that it was asked of alone, after
    a choice between candidates; "" for none.
    """

    number: int
    typed: str
    asked: str
    answer: Answer
    by: RewrittenBy = ""
    is_unclear: bool = False
    only: str = ""

    @property
    def cited(self) -> tuple[tuple[str, str], ...]:
        """(document, SHA-256) of all whose words or figures the answer holds, each once."""
        answer = self.answer
        shown = [(one.document, one.sha256) for one in answer.citations]
        shown += [(one.document, one.sha256) for one in answer.nearest]
        return tuple(dict.fromkeys(shown))

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents whose names stand in it, each once."""
        answer, named = self.answer, [document for document, _ in self.cited]
        if answer.explanation and answer.explanation.decision:
            named += [one.document for one in answer.explanation.decision.evidence]
        return tuple(
            dict.fromkeys((*named, *answer.candidates, *([self.only] if self.only else [])))
        )

    def as_dict(self) -> dict[str, object]:
        """The answer's own object with what the conversation adds."""
        answer = self.answer.as_dict()
        return {
            "version": answer.pop("version"),
            "turn": self.number,
            "typed": self.typed,
            "rewritten_by": self.by,
            "unclear": self.is_unclear,
            "only": self.only,
            **answer,
        }


@dataclass(frozen=True, slots=True)
class StillShown:
    """Which of some documents (path, SHA-256) are gone from the state `generation`; 0: nothing is
    published."""

    generation: int
    gone: tuple[tuple[str, str], ...] = ()
