"""Texts that embedders must take."""

from __future__ import annotations

CLAUSES = (
    "The lessee may terminate this lease by written notice of three months.",
    "La parte arrendataria podrá desistir del contrato con tres meses de preaviso.",
    "Take one tablet of ibuprofen 400 mg every eight hours with food.",
    "x",
    "Governing law: Ontario.",
    "The indemnifying party shall defend and hold harmless the other party, " * 6,
    "naïve café — “§ 4.2” 东京 \U0001f9ea Ελληνικά עברית",
    "Signed in Madrid on 4 March 2021 by the managing director and two witnesses. " * 3,
)
LONG = "The supplier delivers the goods to the warehouse of the buyer. " * 400
