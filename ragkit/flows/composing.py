"""Composing answers and summaries: the model writes, points at evidence, is checked by the sentence.

The model never writes a quotation or a page number; it points at numbered evidence. A sentence that
its evidence does not support is pointed at better evidence, else written once more, else replaced by
the quote it points at if that would be quoted, else withheld. Only what was checked, or quoted, leaves this
module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ragkit.errors import Interrupted, UsageFault
from ragkit.flows.drafting import MAX_SENTENCE_TOKENS, Draft, draft_sentence, rewrite
from ragkit.folding import folded_in_place
from ragkit.llm.prompts import compose_messages, evidence_line, repair_request
from ragkit.protocols import Generator, Message
from ragkit.types import AnswerSentence, Evidence, SentenceStatus
from ragkit.verification import Cited, check_sentence, stands_literally

STYLES = ("auto", "quote", "compose")
REPLACING_SHARE = 0.8
"""Where nobody says what may stand in for a failed sentence, a quote does whose score is at least this share of
the best one's."""
_TEMPLATE_TOKENS = 64
"""Room for what a chat template puts around two or four messages."""

Prompt = Callable[[str, str, Sequence[Evidence], int], list[Message]]
"""(question, language, evidence, most sentences) -> the messages that the model is given."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What a model is allowed.

    sentence_tokens: as MAX_SENTENCE_TOKENS counts them. rewrites: whether a sentence that fails is written once
    more. own_words: whether it may say in words of its own what it points at; else only as it stands there.
    """

    sentence_tokens: int = MAX_SENTENCE_TOKENS
    rewrites: bool = True
    own_words: bool = True


FULL_TRUST = Trust()
SMALL_TRUST = Trust(sentence_tokens=48, rewrites=False, own_words=False)
"""For models that are no readers. Of 29 sentences that the starter wrote once more 6 held; without that its
answers to 18 questions on contracts met the gold text as often (9), with two thirds of the tokens. Why it is
held to the words of its evidence: verification/literal.py."""
OWN_WORDS = "a model that is no reader says this in words of its own"


def trust_in(reads: bool) -> Trust:
    """reads: whether the registry marks the model as one that reads."""
    return FULL_TRUST if reads else SMALL_TRUST


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
    withheld: how many sentences were written, failed, and had no quote worth showing.
    """

    sentences: tuple[AnswerSentence, ...]
    dropped_evidence: int = 0
    withheld: int = 0

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


def compose(
    question: str,
    language: str,
    evidence: Sequence[Evidence],
    generator: Generator,
    *,
    prompt: Prompt = compose_messages,
    max_sentences: int = 4,
    trust: Trust = FULL_TRUST,
    stand_ins: Sequence[int] | None = None,
    on_sentence: Callable[[AnswerSentence], None] | None = None,
    cancel: Cancel | None = None,
) -> Composition:
    """An answer to `question` from `evidence`, at most `max_sentences` long.

    language: ISO 639-1 of what is written. prompt: how the model is asked. stand_ins: numbers of the
    evidence that may stand in for a failed sentence, the best first; a small model often points at what
    does not answer. on_sentence is called with each sentence once it is final.
    Raises UsageFault without evidence or if not even one sentence of it fits, Interrupted on cancel.
    """

    def ask(given: Sequence[Evidence]) -> list[Message]:
        return prompt(question, language, given, max_sentences)

    fitting = _fitting(ask, evidence, generator, max_sentences)
    messages = ask(fitting)
    composer = _Composer(question, messages, language, fitting, generator, trust, stand_ins)
    while len(composer.sentences) < max_sentences:
        if cancel is not None and cancel.is_set():
            raise Interrupted("the answer was stopped")
        sentence = composer.next_sentence()
        if sentence is None:
            break
        if on_sentence is not None:
            on_sentence(sentence)
    dropped = len(evidence) - len(fitting)
    return Composition(tuple(composer.sentences), dropped, composer.withheld)


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
    """Writes sentence after sentence; `sentences` holds the checked ones, `withheld` counts the rest."""

    def __init__(
        self,
        question: str,
        messages: list[Message],
        language: str,
        evidence: Sequence[Evidence],
        generator: Generator,
        trust: Trust,
        stand_ins: Sequence[int] | None,
    ) -> None:
        self._trust = trust
        self._question = question
        self._messages = messages
        self._language = language
        self._evidence = {str(sentence.number): sentence for sentence in evidence}
        best_first = sorted(evidence, key=lambda found: -found.score)
        self._fills_in = stand_ins is not None and not trust.own_words
        if stand_ins is None:
            enough = REPLACING_SHARE * best_first[0].score
            stand_ins = [found.number for found in best_first if found.score >= enough]
        known = (self._evidence.get(str(number)) for number in stand_ins)
        self._stand_ins = [found for found in known if found is not None]
        self._best = (self._stand_ins or best_first)[0]
        self._generator = generator
        self._said = ""
        self.sentences: list[AnswerSentence] = []
        self.withheld = 0

    def next_sentence(self) -> AnswerSentence | None:
        """The next sentence fit to be shown, or None where the answer is complete.

        A sentence said before ends the answer: from the same words the model would only repeat it.
        So does one that is withheld.
        """
        draft = draft_sentence(
            self._generator,
            self._messages,
            self._said,
            self._evidence,
            self._trust.sentence_tokens,
        )
        if draft is None:
            if self.sentences:
                return None
            draft = Draft("", (self._best,))
        sentence = self._settle(draft)
        if sentence is None or any(
            folded_in_place(said.text) == folded_in_place(sentence.text) for said in self.sentences
        ):
            return None
        self.sentences.append(sentence)
        marks = "".join(f" [{number}]" for number in sentence.citations)
        self._said = f"{self._said} {sentence.text}{marks}".strip()
        return sentence

    def _settle(self, draft: Draft) -> AnswerSentence | None:
        """What is shown for a draft: itself if it holds, else what repairs or replaces it, else None."""
        problems = self._problems(draft)
        if not problems:
            return _sentence(draft, "kept")
        repaired = self._pointed_elsewhere(draft) or self._written_again(draft, problems)
        if repaired is not None:
            return _sentence(repaired, "repaired")
        quoted = self._replacement(draft)
        if quoted is None:
            self.withheld += 1
            return None
        return AnswerSentence(quoted.text, (quoted.number,), "replaced")

    def _replacement(self, draft: Draft) -> Evidence | None:
        """The quote that stands in for a failed draft. The best evidence, where nothing is shown yet.

        A model that is no reader points as badly as it writes: for it the next best one does.
        """
        shown = {number for sentence in self.sentences for number in sentence.citations}
        left = [found for found in self._stand_ins if found.number not in shown]
        pointed = [found for found in draft.cited if found in left]
        if pointed or (left and self._fills_in):
            return (pointed or left)[0]
        return None if self.sentences else self._best

    def _pointed_elsewhere(self, draft: Draft) -> Draft | None:
        """The same sentence with the evidence that does support it, where there is one."""
        candidates = (Draft(draft.text, (other,)) for other in self._evidence.values())
        return next((other for other in candidates if not self._problems(other)), None)

    def _written_again(self, draft: Draft, problems: Sequence[str]) -> Draft | None:
        """The model's second attempt, in the same conversation, so that the evidence stays read."""
        if not draft.text or not self._trust.rewrites:
            return None
        messages = [
            *self._messages,
            Message("assistant", f"{self._said} {draft.text}".strip()),
            repair_request(self._language, problems, draft.cited),
        ]
        again = Draft(rewrite(self._generator, messages), draft.cited)
        return None if self._problems(again) else again

    def _problems(self, draft: Draft) -> tuple[str, ...]:
        """Why a draft may not be shown: what its evidence does not say, or says of something else."""
        cited = [
            Cited(item.text, f"{item.heading} {item.context}", str(item.document_id))
            for item in draft.cited
        ]
        problems = check_sentence(draft.text, self._question, cited).problems
        if problems or self._trust.own_words:
            return problems
        literal = stands_literally(draft.text, [item.text for item in draft.cited])
        return () if literal else (OWN_WORDS,)


def _sentence(draft: Draft, status: SentenceStatus) -> AnswerSentence:
    return AnswerSentence(draft.text, tuple(cited.number for cited in draft.cited), status)
