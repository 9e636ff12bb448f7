"""Conversing: each question is made to stand alone, then asked as any other.

Nothing of an earlier answer is given to a model or a search: only the rewritten question is. What is
remembered is in memory, within a budget, and goes when a document that it quotes goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ragkit.config import Config
from ragkit.conversation.choosing import choice_of
from ragkit.conversation.history import History, line_of
from ragkit.conversation.reading import spoken
from ragkit.conversation.rewriting import Said, stand_alone_after
from ragkit.conversation.saving import SavedFiles, Write, place_named
from ragkit.conversation.telling import told
from ragkit.errors import UsageFault
from ragkit.flows.talk_saving import TalkSaving
from ragkit.types import Answer, AnswerSentence, Citation
from ragkit.types.conversation import RewrittenBy, StillShown, Turn
from ragkit.types.scope import Scope

_EARLIER = 4
"""Questions before that a rewriting looks at."""


class Asks(Protocol):
    """What a conversation asks of a workspace, be it in this process or in a sealed one."""

    @property
    def config(self) -> Config: ...

    def ask(
        self,
        pipeline: str,
        question: str,
        *,
        style: str | None = None,
        scope: Scope | None = None,
        explain: bool = False,
        on_sentence: Callable[[AnswerSentence], None] | None = None,
        on_quote: Callable[[Citation], None] | None = None,
        with_pipelines: tuple[str, ...] = (),
        exported: str = "",
    ) -> Answer: ...

    def still_shown(self, pipeline: str, shown: Iterable[tuple[str, str]] = ()) -> StillShown: ...

    def names_among(self, pipeline: str, words: Iterable[str]) -> tuple[str, ...]: ...

    def belonging(
        self, pipeline: str, document: str, *, scope: Scope | None = None
    ) -> tuple[str, ...]: ...

    def reword(self, pipeline: str, question: str, earlier: Iterable[str]) -> str: ...

    def note_saved(self, pipeline: str, documents: Iterable[str], *, exported: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before it is asked. As in Turn. along: amendments and newer versions of `only`."""

    typed: str
    asked: str
    by: RewrittenBy = ""
    is_unclear: bool = False
    only: str = ""
    along: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """Those that alone it is asked of; () for all."""
        return (self.only, *self.along) if self.only else ()


@dataclass(frozen=True, slots=True)
class _Options:
    """Documents between which a question did not decide, or that its answer quotes."""

    question: str
    documents: tuple[str, ...]
    is_listed: bool
    taken: str = ""


_NOTHING = _Options("", (), False)


class Conversation:
    """Questions to one pipeline, one after the other. Made by `Workspace.converse`; one thread.

    as_typed: nothing is rewritten from now on. saving: where every turn is written to, and what puts
    it there (write), by default this process. notes: what a person must be told, emptied by whoever
    tells it. language: of the last question, "en" or "es", for what is said of the conversation itself.
    """

    def __init__(
        self,
        workspace: Asks,
        pipeline: str,
        *,
        style: str | None = None,
        scope: Scope | None = None,
        as_typed: bool = False,
        write: Write | None = None,
        history: History | None = None,
    ) -> None:
        """Raises UnknownPipeline, IndexMissing."""
        self._workspace, self.pipeline = workspace, pipeline
        self._style, self._scope = style, scope or Scope()
        self.as_typed = as_typed
        self.saving = TalkSaving(workspace.config, write or SavedFiles())
        self._history = History() if history is None else history
        self._options = _NOTHING
        self._unanswered = ""
        self.notes: list[str] = []
        self.language = "en"
        workspace.config.pipeline(pipeline)
        self._generation = workspace.still_shown(pipeline).generation

    # Asking

    def ask(
        self,
        typed: str,
        *,
        on_asked: Callable[[Asked], None] | None = None,
        on_sentence: Callable[[AnswerSentence], None] | None = None,
        on_quote: Callable[[Citation], None] | None = None,
    ) -> Turn:
        """The answer to a question, which may point back to the one before.

        on_asked: told how it is asked before it is. The others, and what is raised: as Workspace.ask;
        UsageFault too for a choice of what was not listed. A question that fails, or is stopped, is no
        turn; the next one may point back to it all the same.
        """
        asked = self.understood(typed)
        if on_asked is not None:
            on_asked(asked)
        self._unanswered = asked.asked
        answer = self._workspace.ask(
            self.pipeline,
            asked.asked,
            style=self._style,
            scope=self._within(asked.documents),
            explain=True,
            on_sentence=on_sentence,
            on_quote=on_quote,
            exported=str(self.saving.path or ""),
        )
        turn = Turn(
            self._history.next_number,
            asked.typed,
            asked.asked,
            answer,
            asked.by,
            asked.is_unclear,
            asked.only,
        )
        self._remember(turn)
        return turn

    def understood(self, typed: str) -> Asked:
        """How a question would be asked. Raises UsageFault for an empty one, or no such choice."""
        text = " ".join(typed.split())
        if not text:
            raise UsageFault(told("empty", self.language))
        self.language = spoken(text, self.language)
        self.refresh()
        asked = self._chosen(text)
        asked = asked or (Asked(text, text) if self.as_typed else self._rewritten(text))
        return replace(asked, along=self._along(asked.only)) if asked.only else asked

    def _along(self, only: str) -> tuple[str, ...]:
        """What a chosen document does not say without: its amendments, its newer versions."""
        return self._workspace.belonging(self.pipeline, only, scope=self._scope or None)

    def _chosen(self, text: str) -> Asked | None:
        options = self._options
        choice = choice_of(text, options.documents, options.taken, listed=options.is_listed)
        if choice is None:
            return None
        if choice.at is None:
            raise UsageFault(_no_such(choice.words, options, self.language))
        only = options.documents[choice.at]
        return Asked(text, options.question, "choice", only=only)

    def _rewritten(self, text: str) -> Asked:
        before = [_said(turn) for turn in self._history]
        before = [*before, *([Said(self._unanswered)] if self._unanswered else [])][-_EARLIER:]
        if not before:
            return Asked(text, text)
        texts = " ".join((text, *(said.question for said in before)))
        known = self._workspace.names_among(self.pipeline, _lower_words(texts))
        found = stand_alone_after(text, before, known)
        if found.verdict == "rewritten":
            return Asked(text, found.question, "rules", only=self._still_only(found.question))
        if found.verdict == "alone":
            return Asked(text, text)
        written = self._workspace.reword(self.pipeline, text, [said.question for said in before])
        return Asked(text, written, "model") if written else Asked(text, text, is_unclear=True)

    def _still_only(self, question: str) -> str:
        """The document that the last question was asked of alone, while the same names are asked about."""
        last = None if self._unanswered else self._history.last
        return last.only if last and _keeps_names(last.asked, question) else ""

    def _within(self, documents: tuple[str, ...]) -> Scope | None:
        """The session's filters, and of those documents a chosen one with what belongs to it."""
        return replace(self._scope, documents=documents) if documents else self._scope or None

    def _remember(self, turn: Turn) -> None:
        self._unanswered = ""
        forgotten = self._history.add(turn)
        if forgotten:
            self.notes.append(_forgotten(forgotten, "full", self.language))
        self._options = self._options_of(turn)
        self.saving.add(line_of(turn))

    def _options_of(self, turn: Turn) -> _Options:
        if turn.by == "choice" and len(self._options.documents) > 1:
            return replace(self._options, taken=turn.only)
        if turn.answer.outcome == "ambiguous":
            return _Options(turn.asked, turn.answer.candidates, is_listed=True)
        quoted = tuple(dict.fromkeys(one.document for one in turn.answer.citations))
        return _Options(turn.asked, quoted, is_listed=False)

    # What is remembered

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Those that are remembered and whose documents are as they were."""
        self.refresh()
        return tuple(self._history)

    @property
    def last(self) -> Turn | None:
        """None if nothing is remembered."""
        turns = self.turns
        return turns[-1] if turns else None

    def refresh(self) -> None:
        """Forget turns of which a document has changed or gone, and what was made from an older state."""
        shown = {pair for turn in self._history for pair in _documents(turn)}
        found = self._workspace.still_shown(self.pipeline, sorted(shown))
        gone = set(found.gone)
        if gone:
            lost = self._history.forget(lambda turn: bool(gone & set(_documents(turn))))
            self.saving.forget(map(line_of, lost))
            self._options, self._unanswered = _NOTHING, ""
            self.notes.append(_forgotten(lost, "changed", self.language))
        if found.generation != self._generation:
            self._generation = found.generation
            self._history.replace([_unexplained(turn) for turn in self._history])

    def forget(self, number: int = 0) -> int:
        """Forget one turn, 0: all. Returns how many. Raises UsageFault if there is no such turn."""
        gone = self._history.forget(lambda turn: number in (0, turn.number))
        if number and not gone:
            there = ", ".join(str(turn.number) for turn in self._history)
            there = there or told("none", self.language)
            raise UsageFault(told("no turn", self.language, number=number, there=there))
        self._options, self._unanswered = _NOTHING, ""
        return len(gone)

    # On disk, only if asked

    def save(self, path: Path) -> Path:
        """Write all remembered turns to a new file, and from now on every turn. Returns its full path.

        Raises UsageFault for a name that does not end in .jsonl, a file that is there already, a place
        among documents or in an index; StorageFault, CheckFailed if it cannot be noted in the ledger.
        """
        place = place_named(path)
        if place == self.saving.path:  # it holds every turn already
            return place
        self.saving.require_new(place)
        turns = self.turns
        digests = sorted({digest for turn in turns for digest in _digests(turn)})
        if turns:
            self._workspace.note_saved(self.pipeline, digests, exported=str(place))
        # Looked at once more: what was purged while the ledger was waited for is not written.
        self.saving.begin(place, [line_of(turn) for turn in self.turns])
        return place


def _documents(turn: Turn) -> list[tuple[str, str]]:
    """As `still_shown` names them: those without a digest may have any."""
    known = {document for document, _ in turn.cited}
    rest = [(document, "") for document in turn.documents if document not in known]
    return [*turn.cited, *rest]


def _digests(turn: Turn) -> set[str]:
    """SHA-256 of all that a saved turn quotes, and of the candidates that it names."""
    named = turn.answer.named if turn.answer.candidates else ()
    return {*(digest for _, digest in turn.cited if digest), *named}


def _unexplained(turn: Turn) -> Turn:
    """Without the sentences that were looked at: of them no digest is known."""
    return replace(turn, answer=replace(turn.answer, explanation=None))


def _said(turn: Turn) -> Said:
    return Said(turn.asked, turn.only or _only_document(turn.answer))


def _only_document(answer: Answer) -> str:
    cited = {one.document for one in answer.citations}
    return cited.pop() if len(cited) == 1 and answer.outcome == "found" else ""


def _keeps_names(before: str, after: str) -> bool:
    """Whether all capitalised words of a question, which name whom it is about, stand in the next."""
    names = [word for word in before.strip("¿").split()[1:] if word[:1].isupper()]
    said = {word.strip("¿?.,'’") for word in after.split()}
    bare = [name.rstrip("?.,'’s") for name in names]
    # The "B" of "John B. Smith" stands in other words too.
    return all(name in said if len(name) == 1 else name in after for name in bare)


def _lower_words(text: str) -> list[str]:
    words = (word.strip("¿?¡!.,;:()\"'").casefold() for word in text.split())
    return [word for word in dict.fromkeys(words) if len(word) > 2]


def _no_such(words: str, options: _Options, language: str) -> str:
    if words.strip("#[()]").isdecimal() and not options.is_listed:
        return told("not listed", language, words=words)
    if len(options.documents) > 1:
        return told("not among", language, words=words, count=len(options.documents))
    return told("no choice", language, words=words)


def _forgotten(turns: list[Turn], why: str, language: str) -> str:
    numbers = ", ".join(str(turn.number) for turn in turns)
    key = "turn gone" if len(turns) == 1 else "turns gone"
    return told(key, language, numbers=numbers, why=told(why, language))
