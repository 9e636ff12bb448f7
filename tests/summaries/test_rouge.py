"""Summaries made of the documents' own sentences against their first words, as many.

Three public sets with summaries written by people; a sample of each. ROUGE-L (Lin
2004) as the sets' own scorer counts it: without case, punctuation, articles and stemming.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.build import PREPARED_FOLDER
from ragkit.chunking.sentences import split_sentences
from ragkit.embedders import is_prepared, open_embedder, prepare
from ragkit.models import default_models_folder
from ragkit.protocols import Embedder
from ragkit.summaries.candidates import candidates_of, quotes_of
from ragkit.summaries.selection import DocumentSentences, Focus, choose_across

pytestmark = [pytest.mark.eval_data, pytest.mark.real]

_ARTICLES = re.compile(r"\b(?:a|an|the|el|la|los|las|un|una)\b")

Summarize = Callable[[int], str]


@dataclass(frozen=True)
class Item:
    """Texts with a summary that a person wrote."""

    texts: tuple[str, ...]
    reference: str
    question: str

    def lead(self, words: int) -> str:
        return " ".join(" ".join(self.texts).split()[:words])


def words_of(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(" " if unicodedata.category(sign)[0] in "PS" else sign for sign in folded)
    return _ARTICLES.sub(" ", plain).split()


def rouge_l(summary: str, reference: str) -> float:
    """The F-measure of the longest common subsequence of words, in bit parallel."""
    made, given = words_of(summary), words_of(reference)
    places: dict[str, int] = {}
    for place, word in enumerate(given):
        places[word] = places.get(word, 0) | 1 << place
    every = (1 << len(given)) - 1
    open_ = every
    for word in made:
        met = open_ & places.get(word, 0)
        open_ = (open_ + met | open_ - met) & every
    common = len(given) - open_.bit_count()
    return 2 * common / max(len(made) + len(given), 1)


@pytest.fixture(scope="module")
def embedder(starter_models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    folder = starter_models["all-MiniLM-L6-v2"]
    with (folder / "model.safetensors").open("rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    cache = default_models_folder() / PREPARED_FOLDER
    if not is_prepared(folder, digest=digest, cache=cache):
        cache = tmp_path_factory.mktemp("prepared")
        prepare(folder, digest=digest, cache=cache)
    return open_embedder(folder, digest=digest, cache=cache)


def items(folder: Path, every: int, asked: bool) -> list[Item]:
    rows = (folder / "references.jsonl").read_text(encoding="utf-8").splitlines()
    found = []
    for row in map(json.loads, rows[::every]):
        texts = tuple((folder / path).read_text(encoding="utf-8") for path in row["docs"])
        question = row["question"] if asked else ""
        found.append(Item(texts, row["reference_abstractive"], question))
    return found


def summarizer(item: Item, embedder: Embedder) -> Summarize:
    """Everything is embedded once, for summaries of several lengths."""
    documents = []
    for text in item.texts:
        spans = split_sentences(text)
        candidates = candidates_of(text, spans, [""] * len(spans))
        vectors = embedder.embed_passages([candidate.text for candidate in candidates])
        documents.append(DocumentSentences(candidates, vectors))
    focus = None
    if item.question:
        focus = Focus(item.question, embedder.embed_queries([item.question])[0])

    def summarize(words: int) -> str:
        places = choose_across(documents, words=words, focus=focus)
        quotes = [
            quote.text
            for number, text in enumerate(item.texts)
            for quote in quotes_of(
                text, [documents[number].candidates[i] for d, i in places if d == number]
            )
        ]
        return " ".join(quotes)

    return summarize


@pytest.mark.parametrize(
    ("name", "every", "lengths", "least"),
    [
        ("aci_bench", 7, (250, 400), 0.03),
        ("mediqa_mas", 4, (75, 100), 0.01),
        ("contract_sections", 2, (15, 20, 30, 40), 0.0),
    ],
)
def test_chosen_sentences_are_closer_to_a_person_s_summary_than_the_first_words(
    evaluation_data: Path,
    embedder: Embedder,
    name: str,
    every: int,
    lengths: tuple[int, ...],
    least: float,
) -> None:
    gains, heights = [], []
    for item in items(evaluation_data / "summaries" / name, every, asked=name == "mediqa_mas"):
        summarize = summarizer(item, embedder)
        for length in lengths:
            summary = summarize(length)
            height = rouge_l(summary, item.reference)
            heights.append(height)
            gains.append(height - rouge_l(item.lead(len(summary.split())), item.reference))
    gain = sum(gains) / len(gains)
    print(f"{name}: ROUGE-L {sum(heights) / len(heights):.4f}, above the first words by {gain:.4f}")
    assert gain > least
