"""Whether the statements of a saved answer are what its own quotes say.

Nobody can change a sentence and keep its quotes: what was quoted must be the quote, a short fact must
stand in one, a note must be one that is made of its quotes and their documents, and what a model wrote
must pass the whole check that it was shown by. What that check knew of a document beside the quote is no
part of the answer: it is told again from the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ragkit.catalog import DocumentEntry
from ragkit.flows.affirming import NO, YES, yes_or_no
from ragkit.flows.saved_notes import evidence_of, why_not
from ragkit.types import AnswerSentence, Citation, Evidence, ShortFact
from ragkit.types.rechecks import SavedAnswer, UnsupportedText
from ragkit.verification import Cited, check_sentence

YES_NO = "yes/no"
VERBATIM = ("quoted", "replaced")
CUT_OFF = "…"
"""What a summary puts behind a quote that ends before its sentence does."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a quote beside its words. naming: what names its document; around: that, and
    the sections above the quote."""

    naming: str
    around: str
    entry: DocumentEntry | None = None
    """What the catalog would say of its document."""


def statements_of(answer: SavedAnswer) -> int:
    """How many there are to check."""
    return len(answer.sentences) + len(answer.facts) + len(answer.notes)


def needs_known(answer: SavedAnswer) -> bool:
    """Whether its statements say more than the words of a quote."""
    is_written = any(sentence.status not in VERBATIM for sentence in answer.sentences)
    is_newer = any(note.kind == "superseded" for note in answer.notes)
    return is_written or is_newer or any(fact.kind == YES_NO for fact in answer.facts)


def unsupported_in(
    answer: SavedAnswer, known: Mapping[int, Known] | None = None
) -> Iterator[UnsupportedText]:
    """Every statement that its quotes do not hold.

    known: by mark, of quotes whose document can be read. Where nothing is known of a quote, the names
    in a sentence that points at it are taken as they are given: all else in it must be in its quotes.
    """
    checking = _Checking(answer, known or {})
    for sentence in answer.sentences:
        if why := checking.of_sentence(sentence):
            yield UnsupportedText("sentence", sentence.text, why)
    for fact in answer.facts:
        if why := checking.of_fact(fact):
            yield UnsupportedText("short fact", fact.text, why)
    entries = {known.entry.path: known.entry for known in (known or {}).values() if known.entry}
    for note in answer.notes:
        if why := why_not(note, answer, entries):
            yield UnsupportedText("note", note.text, why)
    if answer.text and fold(answer.text) != fold(_text_of(answer.sentences)):
        yield UnsupportedText("text", answer.text, "the whole text is not that of its sentences")


def fold(text: str) -> str:
    """With each stretch of white space as one space."""
    return " ".join(text.split())


def _text_of(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(
        sentence.text + "".join(f" [{mark}]" for mark in sentence.citations)
        for sentence in sentences
    )


class _Checking:
    """The statements of one answer."""

    def __init__(self, answer: SavedAnswer, known: Mapping[int, Known]) -> None:
        self._answer = answer
        self._known = known
        self._citations = {each.mark: each for each in answer.citations if each.mark > 0}

    def of_sentence(self, sentence: AnswerSentence) -> str:
        """Why a sentence may not be shown with its quotes; "" if it may."""
        if problem := self._of_marks(sentence.citations):
            return problem
        if sentence.status in VERBATIM:
            return self._of_quoted(sentence)
        cited = [self._cited(mark, sentence.text) for mark in sentence.citations]
        problems = check_sentence(sentence.text, self._answer.question, cited).problems
        return problems[0] if problems else ""

    def of_fact(self, fact: ShortFact) -> str:
        if problem := self._of_marks(fact.citations):
            return problem
        if fact.kind == YES_NO:
            return self._of_yes_or_no(fact)
        is_there = any(fold(fact.text) in fold(quote) for quote in self._quotes(fact.citations))
        return "" if is_there else "it does not stand in its quotes"

    def _of_marks(self, marks: Sequence[int]) -> str:
        strange = [mark for mark in marks if mark not in self._citations]
        if not marks:
            return "it points at no quote"
        return f"it points at [{strange[0]}], and there is no such quote" if strange else ""

    def _of_quoted(self, sentence: AnswerSentence) -> str:
        quotes = self._quotes(sentence.citations)
        said = fold(sentence.text).removesuffix(f" {CUT_OFF}")
        is_quote = said in map(fold, quotes) or said == fold(" ".join(quotes))
        return "" if is_quote else "it is not, word for word, what its quote says"

    def _quotes(self, marks: Sequence[int]) -> list[str]:
        return [self._citations[mark].quote for mark in marks]

    def _cited(self, mark: int, said: str) -> Cited:
        """A quote as it was given to the check. said: taken for what is known where nothing is."""
        citation, known = self._citations[mark], self._known.get(mark)
        return Cited(citation.quote, known.around if known else said, citation.document)

    def _of_yes_or_no(self, fact: ShortFact) -> str:
        """Whether the quotes settle the question, and that way round.

        Where nothing is known of one of them, only that they do not settle it the other way round.
        """
        if fact.text not in (*YES.values(), *NO.values()):
            return "it is neither yes nor no"
        cited = [self._citations[mark] for mark in fact.citations]
        named = [self._evidence(citation) for citation in cited]
        said = yes_or_no(self._answer.question, "en", cited, named)
        if said is None:
            are_known = all(mark in self._known for mark in fact.citations)
            return "its quotes do not settle the question" if are_known else ""
        is_same = (said.text in NO.values()) == (fact.text in NO.values())
        return "" if is_same else "its quotes say the contrary"

    def _evidence(self, citation: Citation) -> Evidence:
        known = self._known.get(citation.mark)
        return evidence_of(citation, known.naming if known else citation.document)
