"""The same question with its document named in other words: as people name documents from memory.

Pure and seeded: the same question, names and seed give the same variant.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

WAYS = ("suffix", "short", "one_party", "typo", "lower", "nameless")
"""suffix: parties without their legal form. short: the title's last two words. one_party: only the
first of the parties. typo: one letter of one long word of a name is dropped, doubled, swapped or
replaced. lower: the whole question in lower case. nameless: no name at all, which no routing can mend.
"""

_LEGAL_FORM = re.compile(
    r",?\s+(?:Inc|INC|LLC|L\.L\.C|Ltd|LTD|Limited|LIMITED|Corp|CORP|Corporation|Company|Co|L\.?P|PLC|plc"
    r"|GmbH|AG|S\.?A\.?S?|S\.L|B\.?V|N\.V|Incorporated|Pty)\b\.?"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LEAST_TYPED = 5
"""Letters of a word in which a typo is made; shorter ones become other words."""


def vary(question: str, title: str, parties: Sequence[str], way: str, seed: int = 0) -> str:
    """`question` with the document named in another way; as it is where that way does not apply.

    title: of the document as the question writes it, "" if it has none. parties: the names of its
    parties, or of its patient, as the question writes them.
    """
    if way == "lower":
        return question.lower()
    if way == "suffix":
        shorter = (_LEGAL_FORM.sub("", party).strip(" ,") for party in parties)
        return _replaced(question, dict(zip(parties, shorter, strict=True)))
    if way == "short":
        return _short(question, title, parties)
    if way == "one_party":
        return _with_one_party(question, parties)
    if way == "typo":
        return _mistyped(question, title, parties, seed)
    if way == "nameless":
        return _nameless(question, title, parties)
    raise ValueError(way)


def _replaced(question: str, names: dict[str, str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        if name and names[name]:
            question = question.replace(name, names[name])
    return question


def _short(question: str, title: str, parties: Sequence[str]) -> str:
    """The last two words of a title; without a title the last word but one and the last of a name."""
    if title:
        return question.replace(title, " ".join(title.split()[-2:]))
    return _replaced(question, {name: " ".join(name.split()[1:]) for name in parties})


def _with_one_party(question: str, parties: Sequence[str]) -> str:
    if len(parties) < 2:
        return question
    first = re.escape(parties[0])
    return re.sub(
        rf"\bbetween {first}(?:, and|,| and) .*?{re.escape(parties[-1])}\.?",
        f"with {parties[0]}",
        question,
    )


def _mistyped(question: str, title: str, parties: Sequence[str], seed: int) -> str:
    chance = random.Random(f"{seed} {question}")
    words = [
        word
        for name in (*parties, *((title,) if not parties else ()))
        for word in re.findall(r"[^\W\d_]+", name)
        if len(word) >= _LEAST_TYPED and not _LEGAL_FORM.fullmatch(f" {word}")
    ]
    if not words:
        return question
    word = chance.choice(words)
    return re.sub(rf"\b{re.escape(word)}\b", mistyped(word, chance), question, count=1)


def mistyped(word: str, chance: random.Random) -> str:
    """`word` with one slip of the fingers, its first letter kept."""
    at = chance.randrange(1, len(word) - 1)
    slip = chance.choice(("dropped", "doubled", "swapped", "replaced"))
    if slip == "dropped":
        return word[:at] + word[at + 1 :]
    if slip == "doubled":
        return word[:at] + word[at] + word[at:]
    if slip == "swapped":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    letter = chance.choice([sign for sign in _LETTERS if sign != word[at].lower()])
    return word[:at] + (letter.upper() if word[at].isupper() else letter) + word[at + 1 :]


def _nameless(question: str, title: str, parties: Sequence[str]) -> str:
    """Title and parties give way to "the agreement", a patient to "the patient" of the language."""
    if title:
        named = re.escape(title)
        last = re.escape(parties[-1]) if parties else ""
        whole = (
            rf"(?:the |The )?{named}(?: between .*?{last}\.?)?"
            if last
            else rf"(?:the |The )?{named}"
        )
        return re.sub(whole, "the agreement", question, count=1)
    patient = "el paciente" if re.search(r"[¿áéíóúñ]", question) else "the patient"
    return _replaced(question, dict.fromkeys(parties, patient))
