"""Fields of a document: what its template asks for, each value with its quote, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["date", "money", "duration", "party", "yes/no", "text", "list"]
FIELD_TYPES: tuple[FieldType, ...] = (
    "date",
    "money",
    "duration",
    "party",
    "yes/no",
    "text",
    "list",
)

NOT_FOUND = "not found"
CONTRADICTORY = "the document gives different values"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """value: as the document writes it, on one line; for yes/no "yes" or "no". type: how it was read.

    plain: the same in one form for every document: "2024-03-05", "EUR 1200.50", "12 months"; "" where
    there is none. role: of a party, as the document calls it. citations: marks of its quotes.
    """

    value: str
    type: FieldType
    plain: str
    role: str
    citations: tuple[int, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "value": self.value,
            "type": self.type,
            "plain": self.plain,
            "role": self.role,
            "citations": list(self.citations),
        }


@dataclass(frozen=True, slots=True)
class SummaryField:
    """values: none where nothing was found, or only what contradicts itself; `note` says which."""

    name: str
    label: str
    type: FieldType
    values: tuple[FieldValue, ...]
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "values": [value.as_dict() for value in self.values],
            "note": self.note,
        }
