"""Composing answers and summaries: the model writes, points at evidence, is checked by the sentence.

The model never writes a quotation or a page number; it points at numbered evidence. A sentence that
its evidence does not support is pointed at better evidence, else written once more, else replaced by
the quote it points at. Only what was checked, or quoted, leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from ragkit.errors import Interrupted, UsageFault
from ragkit.llm.prompts import compose_messages, evidence_line, repair_request
from ragkit.protocols import Generation, Generator, Message
from ragkit.types import AnswerSentence, Evidence, SentenceStatus
from ragkit.verification import check_assumptions, check_claim
from ragkit.verification.words import ABBREVIATIONS, fold

STYLES = ("auto", "quote", "compose")
MAX_SENTENCE_TOKENS = 96
_TEMPLATE_TOKENS = 64
"""Room for what a chat template puts around two or four messages."""

_STOPS = ("\n", "[", ". ")
_LEAD_IN = re.compile(
    r"(?:[-*•·]\s*|\(?\d{1,2}[.)](?:\s+|$))*"
    r"(?:(?:according to the evidence|the evidence (?:says|states|shows)(?: that)?"
    r"|según la evidencia|la evidencia (?:dice|indica|muestra)(?: que)?)\b[:,]?\s*)?",
    re.IGNORECASE,
)
"""What small models put before a sentence: list marks, and words about the evidence."""

Prompt = Callable[[str, str, Sequence[Evidence], int], list[Message]]
"""(question, language, evidence, most sentences) -> the messages that the model is given."""


def choose_style(style: str, model_reads: Callable[[], bool]) -> str:
    """The style that is meant: "auto" composes with models that can be trusted to read.

    Raises UsageFault for one that does not exist.
    """
    if style not in STYLES:
        raise UsageFault(f"There is no style {style!r}; there are {', '.join(STYLES)}.")
    if style != "auto":
        return style
    return "compose" if model_reads() else "quote"


class Cancel(Protocol):
    """Asked between sentences; a threading.Event is one."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Composition:
    """An answer's sentences; their citations are evidence numbers.

    dropped_evidence: how many evidence sentences, the lowest scored, did not fit the context.
    """

    sentences: tuple[AnswerSentence, ...]
    dropped_evidence: int = 0

    @property
    def kept(self) -> int:
        return self._count("kept")

    @property
    def repaired(self) -> int:
        return self._count("repaired")

    @property
    def replaced(self) -> int:
        return self._count("replaced")

    def _count(self, status: str) -> int:
        return sum(sentence.status == status for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the model wrote and the evidence it points at. Never shown as it is."""

    text: str
    cited: tuple[Evidence, ...]


def compose(
    question: str,
    language: str,
    evidence: Sequence[Evidence],
    generator: Generator,
    *,
    prompt: Prompt = compose_messages,
    max_sentences: int = 4,
    on_sentence: Callable[[AnswerSentence], None] | None = None,
    cancel: Cancel | None = None,
) -> Composition:
    """An answer to `question` from `evidence`, at most `max_sentences` long.

    language: ISO 639-1 of what is written. prompt: how the model is asked. on_sentence is called
    with each sentence once it is final.
    Raises UsageFault without evidence or if not even one sentence of it fits, Interrupted on cancel.
    """

    def ask(given: Sequence[Evidence]) -> list[Message]:
        return prompt(question, language, given, max_sentences)

    fitting = _fitting(ask, evidence, generator, max_sentences)
    messages = ask(fitting)
    composer = _Composer(question, messages, language, fitting, generator)
    while len(composer.sentences) < max_sentences:
        if cancel is not None and cancel.is_set():
            raise Interrupted("the answer was stopped")
        sentence = composer.next_sentence()
        if sentence is None:
            break
        if on_sentence is not None:
            on_sentence(sentence)
    return Composition(tuple(composer.sentences), len(evidence) - len(fitting))


def _fitting(
    ask: Callable[[Sequence[Evidence]], list[Message]],
    evidence: Sequence[Evidence],
    generator: Generator,
    max_sentences: int,
) -> list[Evidence]:
    """The evidence that fits the model's context, in its order; the lowest scored is left out first."""
    if not evidence:
        raise UsageFault("there is no evidence to answer from")
    # Twice the answer: a repair reads the sentence and its evidence again.
    answer = 2 * MAX_SENTENCE_TOKENS * max_sentences
    frame = sum(generator.count_tokens(message.content) for message in ask(()))
    room = generator.context - frame - answer - _TEMPLATE_TOKENS
    fitting: set[int] = set()
    for sentence in sorted(evidence, key=lambda sentence: -sentence.score):
        room -= generator.count_tokens(evidence_line(sentence)) + 1
        if room < 0:
            break
        fitting.add(sentence.number)
    if not fitting:
        raise UsageFault(
            f"the question and one evidence sentence need {generator.context - room} tokens and the "
            f"model has {generator.context}",
            hint="generator: {context: 4096} in pipelines.yaml, or --style quote",
        )
    return [sentence for sentence in evidence if sentence.number in fitting]


class _Composer:
    """Writes sentence after sentence; `sentences` holds the checked ones."""

    def __init__(
        self,
        question: str,
        messages: list[Message],
        language: str,
        evidence: Sequence[Evidence],
        generator: Generator,
    ) -> None:
        self._question = question
        self._messages = messages
        self._language = language
        self._evidence = {str(sentence.number): sentence for sentence in evidence}
        self._generator = generator
        self._said = ""
        self.sentences: list[AnswerSentence] = []

    def next_sentence(self) -> AnswerSentence | None:
        """The next sentence fit to be shown, or None where the answer is complete.

        A sentence said before ends the answer: from the same words the model would only repeat it.
        """
        draft = self._draft()
        if draft is None:
            if self.sentences:
                return None
            draft = _Draft("", (max(self._evidence.values(), key=lambda found: found.score),))
        sentence = self._settle(draft)
        if any(fold(said.text) == fold(sentence.text) for said in self.sentences):
            return None
        self.sentences.append(sentence)
        marks = "".join(f" [{number}]" for number in sentence.citations)
        self._said = f"{self._said} {sentence.text}{marks}".strip()
        return sentence

    def _draft(self) -> _Draft | None:
        """The model's next sentence and where it points; None if it has ended its turn.

        What was said before is put in its mouth as it was shown, not as it wrote it.
        """
        with closing(self._generator.start(self._messages, opening=self._said)) as generation:
            text = _write_sentence(generation)
            if not text and generation.ended:
                return None
            generation.write(" [")
            return _Draft(text, self._point(generation))

    def _point(self, generation: Generation) -> tuple[Evidence, ...]:
        """One or two evidence sentences. Only numbers that exist can come out."""
        first = generation.choose(list(self._evidence))
        others = [number for number in self._evidence if number != first]
        if not others or generation.choose(["]", ", "]) == "]":
            return (self._evidence[first],)
        return self._evidence[first], self._evidence[generation.choose(others)]

    def _settle(self, draft: _Draft) -> AnswerSentence:
        """What is shown for a draft: itself if it holds, else what repairs or replaces it."""
        problems = self._problems(draft)
        if not problems:
            return _sentence(draft, "kept")
        repaired = self._pointed_elsewhere(draft) or self._written_again(draft, problems)
        if repaired is not None:
            return _sentence(repaired, "repaired")
        quoted = draft.cited[0]
        return AnswerSentence(quoted.text, (quoted.number,), "replaced")

    def _pointed_elsewhere(self, draft: _Draft) -> _Draft | None:
        """The same sentence with the evidence that does support it, where there is one."""
        candidates = (_Draft(draft.text, (other,)) for other in self._evidence.values())
        return next((other for other in candidates if not self._problems(other)), None)

    def _written_again(self, draft: _Draft, problems: Sequence[str]) -> _Draft | None:
        """The model's second attempt, in the same conversation, so that the evidence stays read."""
        if not draft.text:
            return None
        messages = [
            *self._messages,
            Message("assistant", f"{self._said} {draft.text}".strip()),
            repair_request(self._language, problems, draft.cited),
        ]
        with closing(self._generator.start(messages)) as generation:
            again = _Draft(_write_sentence(generation), draft.cited)
        return None if self._problems(again) else again

    def _problems(self, draft: _Draft) -> tuple[str, ...]:
        """Why a draft may not be shown: what its evidence does not say, or says of something else."""
        texts = [cited.text for cited in draft.cited]
        context = " ".join(f"{cited.heading} {cited.context}" for cited in draft.cited)
        return (
            *check_claim(draft.text, texts).problems,
            *check_assumptions(draft.text, self._question, texts, context),
        )


def _sentence(draft: _Draft, status: SentenceStatus) -> AnswerSentence:
    return AnswerSentence(draft.text, tuple(cited.number for cited in draft.cited), status)


def _write_sentence(generation: Generation) -> str:
    """One sentence of the model's, on one line and with its full stop; "" if it says none."""
    text = ""
    left = MAX_SENTENCE_TOKENS
    while True:
        text += generation.generate(max_tokens=left, stop=_STOPS)
        left //= 2
        if generation.ended or left == 0 or not _ends_in_abbreviation(text):
            break
        generation.write(". ")
        text += ". "
    return _plain(text)


def _plain(text: str) -> str:
    """A sentence as it is shown; "" for what holds no word, such as the number of a list."""
    line = " ".join(text.split())
    plain = line[_matched(line) :]
    if not any(sign.isalpha() for sign in plain):
        return ""
    plain = plain[0].upper() + plain[1:] if plain != line else plain
    return plain if plain[-1] in ".?!" else plain.rstrip(",;: ") + "."


def _matched(line: str) -> int:
    found = _LEAD_IN.match(line)
    return found.end() if found else 0


def _ends_in_abbreviation(text: str) -> bool:
    """Whether `text` was cut at the stop of `Dr.`, `Inc.` or an initial, not of a sentence."""
    last = fold(text.rsplit(maxsplit=1)[-1]) if text.split() else ""
    return last in ABBREVIATIONS or (
        len(last) == 1 and last.isalpha() and text.endswith(last.upper())
    )
