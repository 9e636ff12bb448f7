"""The seams, on one page. Flows and parts are written against these; build.py chooses who stands behind them.

Implementations of a seam pass the same contract tests; ragkit.testing holds fakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ragkit.types import ChunkedDocument, ParsedDocument
from ragkit.types.drawings import DrawnPage, PageWanted

Vectors = NDArray[np.float32]
"""float32, shape (n, dimension), rows of unit length."""
Spans = NDArray[np.int32]
"""int32, shape (n, 2): the first character of each stretch of a text and the one after its last."""


@dataclass(frozen=True, slots=True)
class ParseRequest:
    """A file to read. `key` comes back with the outcome; `suffix` is lower case with its dot.

    passwords: tried if it, or a document inside it, is encrypted. Never shown, not even by repr().
    draw: pages of which pictures are wanted, instead of the text.
    """

    key: str
    path: Path
    suffix: str
    passwords: tuple[str, ...] = field(default=(), repr=False)
    draw: tuple[PageWanted, ...] = ()


@dataclass(frozen=True, slots=True)
class ParseOutcome:
    """Exactly one of `document`, `drawn` and `reason` is set. `sha256` is that of the bytes that were
    parsed. drawn: one for each page that was wanted.
    """

    key: str
    sha256: str
    parser: str
    seconds: float
    document: ParsedDocument | None = None
    reason: str = ""
    kind: str = ""
    drawn: tuple[DrawnPage, ...] = ()


OnPage = Callable[[str, int, int], None]
"""(key of the request, page, pages): OCR has begun with that page, the first being 1."""


class ParserPool(Protocol):
    """Parses files in worker processes within limits; the flow `ingesting` owns and closes it."""

    def fingerprint(self, suffix: str) -> str:
        """What reads that suffix, with versions; an empty string where nothing does."""
        ...

    def ocr_fingerprint(self) -> str:
        """What reads pages without a text layer, with version and languages; "" where nothing does."""
        ...

    def ocr_notes(self) -> tuple[str, ...]:
        """What a person should know about OCR on this machine, such as a language that is missing."""
        ...

    def parse_all(
        self, requests: Iterable[ParseRequest], on_page: OnPage | None = None
    ) -> Iterator[ParseOutcome]:
        """One outcome for each request, as they finish. Requests are taken as workers become free.

        on_page is told of every page that is being read by OCR.
        """
        ...

    def close(self) -> None: ...


class TokenCounter(Protocol):
    """Where the tokens of a text are, for the model whose window is to be filled."""

    @property
    def fingerprint(self) -> str:
        """Changes when a text would have other tokens."""
        ...

    def token_spans(self, text: str) -> NDArray[np.int64]:
        """int64, shape (tokens, 2): start and end of each token in characters, without special tokens."""
        ...


class Chunker(Protocol):
    """Cuts a document into chunks for an embedder's window."""

    fingerprint: str

    def chunk(self, document: ParsedDocument) -> ChunkedDocument: ...


class Embedder(Protocol):
    """Turns texts into unit vectors. Built by build.py; holds its model until the process ends."""

    fingerprint: str
    """Model digest, pooling and way of computing: vectors of different fingerprints are never compared."""
    dimension: int
    window: int
    """Tokens the model sees, special tokens included."""
    languages: tuple[str, ...]
    """ISO 639-1 codes the model was trained for; ("*",) for a multilingual one."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors: ...

    def embed_chunks(
        self, texts: Sequence[str], spans: Sequence[Spans]
    ) -> tuple[Vectors, list[Vectors]]:
        """The texts as passages, and for each the vectors of stretches of it, from one computation.

        spans: of the stretches of each text. A stretch of which the model sees no token has its
        text's vector.
        """
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors: ...


class QueryAdapter(Protocol):
    """What was learned from the user's own questions: a map of question vectors.

    The ranking adds `weight` times what the map changes in the cosine of the question and a chunk.
    """

    fingerprint: str
    """Of the map and of the embedder whose vectors it takes; stands in every answer it had a part in."""
    weight: float

    def adapt(self, vectors: Vectors) -> Vectors:
        """Question vectors mapped, each of unit length again; shapes (n, dimension)."""
        ...


class Reranker(Protocol):
    """Reads a question and a passage together, and says how well they fit. Built by build.py."""

    fingerprint: str
    """Of model and window: changes when a pair would get another score."""

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """0 to 1 for each passage, shape (passages,): the model's raw scores through a sigmoid."""
        ...


class VectorIndex(Protocol):
    """Approximate nearest neighbours over one published, never rewritten set of vectors."""

    def query(
        self, vector: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Ids and cosine similarities of at most k neighbours, best first. Shapes (m,), (m,)."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat prompt. role: "system", "user" or "assistant".

    fixed: it is the program's own words, without any of a document or a question. What a model makes
    of fixed messages at the beginning may be kept on disk.
    """

    role: str
    content: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. temperature: 0 takes the likeliest, whatever the seed.

    top_p: share of the probability, 0 to 1, that the tokens to draw from have together.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


GREEDY = Sampling()
OnText = Callable[[str], None]


class Generation(Protocol):
    """One sequence being generated, driven by one thread. Text is added only by the methods.

    All of them may raise Interrupted: after the deadline, and when the generator is cancelled or
    closed. close() stops what another thread has it do.
    """

    def write(self, text: str) -> None:
        """Append `text` to what the model has said, as if it had said it."""
        ...

    def generate(
        self,
        *,
        max_tokens: int,
        stop: Sequence[str],
        sampling: Sampling = GREEDY,
        on_text: OnText | None = None,
    ) -> str:
        """Text up to (without) the first stop string, the end of turn, or max_tokens.

        on_text: told in this thread of each piece of it, as soon as it can no longer be taken back.
        """
        ...

    def choose(self, options: Sequence[str]) -> str:
        """The option the model finds likeliest next; only options can come out."""
        ...

    @property
    def certainty(self) -> float:
        """How sure the model was of what `generate` or `choose` gave last, 0 to 1.

        The geometric mean of the probabilities of generated tokens, among all tokens; of a choice the
        probability of the option: at each step among the tokens that the options leave open, and where
        one option is the beginning of another, of ending there or going on, among all tokens.
        """
        ...

    @property
    def ended(self) -> bool:
        """Whether the model has ended its turn."""
        ...

    def close(self) -> None: ...


class Generator(Protocol):
    """A local language model. Built by build.py; closed by the workspace.

    Its generations may be driven by several threads at once, each by one: what they ask for is computed
    together.
    """

    name: str
    digest: str
    context: int
    """Tokens of prompt and answer together."""
    parallel: int
    """How many generations it is worth driving at once."""

    def count_tokens(self, text: str) -> int: ...

    def start(
        self, messages: Sequence[Message], *, opening: str = "", seconds: float | None = None
    ) -> Generation:
        """A text after a prompt, which is read when it is first asked for.

        `opening` is put in the model's mouth. seconds: to the deadline. Raises UsageFault if the prompt
        does not fit, Interrupted if the generator is closed.
        """
        ...

    def close(self) -> None: ...
