"""One answer being generated: a list of tokens, and the choice of the next one.

Everything is done on the list of tokens; the engine brings its memory in line with it, computing
only what is new. So taking tokens back costs nothing, and what `generate` returns is exactly what
the sequence holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol

from ragkit.errors import Interrupted, UsageFault
from ragkit.llm.jobs import Job, Program, Seat, Tell
from ragkit.llm.prefixes import shared_prefix
from ragkit.llm.sampling import Picker, going_on, likeliest
from ragkit.llm.stopping import STOPPED
from ragkit.llm.vocabulary import Vocabulary
from ragkit.llm.written import Written
from ragkit.protocols import GREEDY, OnText, Sampling


class Engine(Protocol):
    """What runs programs: a Batcher."""

    def submit(self, job: Job) -> None: ...

    def stop(self, job: Job) -> None: ...

    def leave(self, seat: Seat) -> None: ...


@dataclass(frozen=True, slots=True)
class Said:
    """What a program has added to the tokens."""

    text: str
    certainty: float
    ended: bool = False


class LlamaGeneration:
    """Implements protocols.Generation over an engine. tokens: the prompt; fixed: instructions in it.

    The prompt is read with what is asked for first, as one job: what is read and never asked for
    would take the room of others.
    """

    def __init__(
        self,
        engine: Engine,
        vocabulary: Vocabulary,
        tokens: list[int],
        context: int,
        *,
        fixed: int = 0,
        deadline: float = math.inf,
    ) -> None:
        self._engine = engine
        self._vocabulary = vocabulary
        self._tokens = tokens
        self._context = context
        self._fixed = fixed
        self._deadline = deadline
        self._job: Job | None = None
        self._seat = Seat()
        self._closed = False
        self._ended = False
        self._certainty = 1.0

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def certainty(self) -> float:
        return self._certainty

    def read(self) -> None:
        """Have the prompt computed now, for what measures that; else it is done when it is needed."""
        self._run(reading(self._tokens), room=0)

    def write(self, text: str) -> None:
        """Append `text`. Raises UsageFault if the context is full."""
        self._tokens += self._fitting(text)

    def generate(
        self,
        *,
        max_tokens: int,
        stop: Sequence[str],
        sampling: Sampling = GREEDY,
        on_text: OnText | None = None,
    ) -> str:
        """Text up to the first of `stop`, the end of turn, max_tokens or the full context.

        sampling: ragkit's own commands take the likeliest token; other ways are there for programs.
        """
        self._require_open()
        room = min(max_tokens, self._context - len(self._tokens) - 1)
        if room <= 0:
            return ""
        pieces: SimpleQueue[Any] = SimpleQueue()
        written, picker = Written(self._vocabulary, stop), Picker(sampling)
        program = writing(
            self._vocabulary,
            self._tokens,
            room,
            written,
            picker,
            pieces.put if on_text is not None else None,
        )
        said = self._run(program, room, pieces, on_text)
        self._ended = said.ended
        return said.text

    def choose(self, options: Sequence[str]) -> str:
        """The likeliest option, going token by token along the branches the options leave open."""
        self._require_open()
        if not options:
            raise ValueError("there must be an option to choose")
        left = {option: self._vocabulary.tokenize(option) for option in options}
        longest = max(map(len, left.values()))
        self._require_room(longest)
        return self._run(choosing(self._tokens, left), longest).text

    def odds(self, one: str, other: str) -> float | None:
        """How much likelier `one` goes on than `other`: logits, of the first tokens in which they part.

        What they share is appended. None where one begins the other.
        """
        tokens, others = self._vocabulary.tokenize(one), self._vocabulary.tokenize(other)
        shared = shared_prefix(tokens, others)
        if shared == min(len(tokens), len(others)):
            return None
        self._require_room(shared)
        self._tokens += tokens[:shared]
        program = parting(self._tokens, tokens[shared], others[shared])
        share = self._run(program, 0).certainty
        return math.log(max(share, 1e-9) / max(1 - share, 1e-9))

    def close(self) -> None:
        """Also from another thread: what is being done is stopped."""
        self._closed = True
        job = self._job
        if job is not None:
            self._engine.stop(job)
        self._engine.leave(self._seat)

    def _run(
        self,
        program: Program[Said],
        room: int,
        pieces: SimpleQueue[Any] | None = None,
        on_text: OnText | None = None,
    ) -> Said:
        """Have the engine run a program; what needs no logits never gets there."""
        self._require_open()
        try:
            next(program)
        except StopIteration as end:
            said: Said = end.value
        else:
            job = Job(program, self._tokens, room, self._fixed, self._deadline, seat=self._seat)
            if pieces is not None:
                job.outcome = pieces
            said = self._wait(job, on_text)
        self._certainty = said.certainty
        return said

    def _wait(self, job: Job, on_text: OnText | None) -> Said:
        self._job = job
        try:
            if self._closed:  # by another thread, which saw no job to stop
                raise Interrupted(STOPPED)
            self._engine.submit(job)
            while True:
                told = job.outcome.get()
                if isinstance(told, str):
                    assert on_text is not None
                    on_text(told)
                    continue
                said, error = told
                if error is not None:
                    raise error
                return said  # type: ignore[no-any-return]
        except BaseException:
            self._engine.stop(job)
            raise
        finally:
            self._job = None

    def _require_open(self) -> None:
        if self._closed:
            raise RuntimeError("this generation is closed")

    def _fitting(self, text: str) -> list[int]:
        added = self._vocabulary.tokenize(text)
        self._require_room(len(added))
        return added

    def _require_room(self, added: int) -> None:
        needed = len(self._tokens) + added + 1
        if needed > self._context:
            raise UsageFault(
                f"the text needs {needed} tokens and the model has {self._context}",
                hint="ask for less evidence, or set a larger context in pipelines.yaml",
            )


# Programs: see jobs.py


def reading(tokens: list[int]) -> Program[Said]:
    """Only has the tokens computed."""
    yield tokens
    return Said("", 1.0)


def parting(tokens: list[int], one: int, other: int) -> Program[Said]:
    """How probable one token is, of two."""
    logits = yield tokens
    token, share = likeliest(logits, (one, other))
    return Said("", share if token == one else 1 - share)


def writing(
    vocabulary: Vocabulary,
    tokens: list[int],
    most: int,
    written: Written,
    picker: Picker,
    tell: Tell | None,
) -> Program[Said]:
    """Appends at most `most` tokens, up to a stop string or the end of turn."""
    ended = False
    for _ in range(most):
        token = picker.pick((yield tokens))
        ended = vocabulary.ends_turn(token) or vocabulary.is_control(token)
        if ended:
            break
        tokens.append(token)
        settled = written.add(token)
        if tell is not None and settled:
            tell(settled)
        if written.is_stopped:
            return Said(_cut(vocabulary, tokens, written), picker.certainty)
    rest = written.rest()
    if tell is not None and rest:
        tell(rest)
    return Said(written.text, picker.certainty, ended)


def _cut(vocabulary: Vocabulary, tokens: list[int], written: Written) -> str:
    """Take back what was generated past the stop; the part of a token before it is written anew."""
    text, kept, kept_characters = written.before_stop()
    del tokens[len(tokens) - (written.count - kept) :]
    if text[kept_characters:]:
        tokens += vocabulary.tokenize(text[kept_characters:])
    return text


def choosing(tokens: list[int], left: dict[str, list[int]]) -> Program[Said]:
    """Appends the likeliest option. left: the tokens of each option.

    "1" ends before "12" unless a continuing token is the likeliest of all tokens.
    """
    depth, certainty = 0, 1.0
    while len(left) > 1:
        branches = {option[depth] for option in left.values() if len(option) > depth}
        complete = [text for text, option in left.items() if len(option) == depth]
        if not branches:  # the same tokens under two names
            return Said(complete[0], certainty)
        if len(branches) == 1 and not complete:
            token = next(iter(branches))
        else:
            logits = yield tokens
            token, share = likeliest(logits, branches)
            if complete and float(logits[token]) < float(logits.max()):
                return Said(complete[0], certainty * (1 - going_on(logits, branches)))
            certainty *= going_on(logits, branches) * share if complete else share
        tokens.append(token)
        depth += 1
        left = dict(_along(left.items(), depth, token))
    text, option = next(iter(left.items()))
    tokens += option[depth:]
    return Said(text, certainty)


def _along(
    options: Iterable[tuple[str, list[int]]], depth: int, token: int
) -> Iterator[tuple[str, list[int]]]:
    """The options that have `token` before `depth`."""
    return (pair for pair in options if len(pair[1]) >= depth and pair[1][depth - 1] == token)
