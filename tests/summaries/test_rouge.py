"""Summaries made of the documents' own sentences against their first words, as many.

Three public sets with summaries written by people; a sample of each, or all with RAGKIT_ALL_SUMMARIES=1.
ROUGE-1 and ROUGE-L (Lin 2004) as the sets' own scorer counts them: without case, punctuation, articles and
stemming. Of the clinical notes also which numbers and names the summary holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from ragkit.chunking.sentences import split_sentences
from ragkit.embedders import is_prepared, open_embedder, prepare
from ragkit.llm.engine import LlamaEngine
from ragkit.models import default_models_folder
from ragkit.places import PREPARED_FOLDER
from ragkit.protocols import Embedder, Message
from ragkit.summaries.candidates import candidates_of, quotes_of
from ragkit.summaries.selection import DocumentSentences, Focus, choose_across

pytestmark = [pytest.mark.eval_data, pytest.mark.real]

_ARTICLES = re.compile(r"\b(?:a|an|the|el|la|los|las|un|una)\b")

FIRST_WORDS = 1_200
"""Of the documents that the model is given: what a prompt of 2,000 tokens holds."""
MOST_WRITTEN = 250
LEAST_WORDS = 6

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


def rouge_1(summary: str, reference: str) -> float:
    """The F-measure of the words that both have."""
    made, given = Counter(words_of(summary)), Counter(words_of(reference))
    return 2 * (made & given).total() / max(made.total() + given.total(), 1)


def numbers_in(text: str) -> set[str]:
    """As the sets' own scorer takes them."""
    return set(re.findall(r"\d+(?:[.,]\d+)*", text))


def names_in(note: str) -> set[str]:
    """Words that a note writes in capitals where no sentence or heading begins: people, drugs, tests."""
    found = set()
    for line in note.splitlines():
        body = "" if line.isupper() else re.sub(r"^\W*\w[\w ]{0,40}:\s*", "", line)
        for word in re.finditer(r"[A-Za-z][\w'-]*", body):
            before = body[: word.start()].rstrip()
            if before and before[-1] not in ".?!:•-" and word.group()[0].isupper():
                found.add(word.group().casefold().removesuffix("'s"))
    return {name for name in found if len(name) > 1} - {"dr", "mr", "ms", "mrs"}


def said_in(text: str) -> set[str]:
    folded = text.casefold()
    return set(re.findall(r"[^\W_]+(?:[-'][^\W_]+)*|[^\W_]+", folded)) | set(
        re.findall(r"[^\W_]+", folded)
    )


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
    step = 1 if os.environ.get("RAGKIT_ALL_SUMMARIES") else every
    for row in map(json.loads, rows[::step]):
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
    ("name", "every", "lengths", "least", "least_words"),
    [
        ("aci_bench", 7, (250, 400), 0.035, 0.04),
        ("mediqa_mas", 4, (75, 100), 0.01, 0.02),
        ("contract_sections", 2, (15, 20, 30, 40), 0.0, 0.0),
    ],
)
def test_chosen_sentences_are_closer_to_a_person_s_summary_than_the_first_words(
    evaluation_data: Path,
    embedder: Embedder,
    name: str,
    every: int,
    lengths: tuple[int, ...],
    least: float,
    least_words: float,
) -> None:
    gains: dict[str, list[float]] = {"ROUGE-L": [], "ROUGE-1": []}
    heights: dict[str, list[float]] = {"ROUGE-L": [], "ROUGE-1": []}
    for item in items(evaluation_data / "summaries" / name, every, asked=name == "mediqa_mas"):
        summarize = summarizer(item, embedder)
        for length in lengths:
            summary = summarize(length)
            lead = item.lead(len(summary.split()))
            for measure, score in (("ROUGE-L", rouge_l), ("ROUGE-1", rouge_1)):
                heights[measure].append(score(summary, item.reference))
                gains[measure].append(heights[measure][-1] - score(lead, item.reference))
    means = {measure: sum(found) / len(found) for measure, found in gains.items()}
    for measure, found in heights.items():
        height = sum(found) / len(found)
        print(f"{name}: {measure} {height:.4f}, above the first words by {means[measure]:.4f}")
    assert means["ROUGE-L"] > least
    assert means["ROUGE-1"] > least_words


@pytest.mark.parametrize("length", [250, 400])
def test_the_numbers_and_names_of_a_visit_are_in_its_summary(
    evaluation_data: Path, embedder: Embedder, length: int
) -> None:
    """Of those of the note that a doctor wrote, whether or not the visit says them in figures."""
    wanted = ours = first = 0
    for item in items(evaluation_data / "summaries" / "aci_bench", 3, asked=False):
        summary = summarizer(item, embedder)(length)
        lead = item.lead(len(summary.split()))
        numbers, names = numbers_in(item.reference), names_in(item.reference)
        wanted += len(numbers) + len(names)
        ours += len(numbers & numbers_in(summary)) + len(names & said_in(summary))
        first += len(numbers & numbers_in(lead)) + len(names & said_in(lead))
    print(
        f"{length} words: {ours / wanted:.3f} of {wanted}, in the first words {first / wanted:.3f}"
    )
    assert ours / wanted > first / wanted + 0.1


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "every", "asked"),
    [
        ("contract_sections", 4, "Say in plain English what this clause means."),
        ("mediqa_mas", 4, "Answer this question: {question}"),
        ("aci_bench", 14, "Write the clinical note for this visit."),
    ],
)
def test_they_are_closer_than_what_the_model_makes_of_the_first_passages(
    evaluation_data: Path,
    embedder: Embedder,
    starter_models: dict[str, Path],
    name: str,
    every: int,
    asked: str,
) -> None:
    """As usual systems do it: what fits of the beginning into the prompt, and the model writes. Both at the
    length of what it wrote."""
    weights = starter_models["SmolLM2-135M-Instruct"]
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    with closing(LlamaEngine(weights, name="s", digest="0" * 64, context=4096)) as engine:
        for item in items(evaluation_data / "summaries" / name, every, asked=name == "mediqa_mas"):
            words = min(len(item.reference.split()), MOST_WRITTEN)
            prompt = f"{asked.format(question=item.question)} Write about {words} words."
            message = Message("user", f"Passages:\n{item.lead(FIRST_WORDS)}\n\n{prompt}")
            with closing(engine.start([message])) as generation:
                said = generation.generate(max_tokens=2 * words, stop=[]).split()[:words]
            summary = summarizer(item, embedder)(max(len(said), LEAST_WORDS)).split()
            for texts, scores in ((" ".join(said), theirs), (" ".join(summary), ours)):
                scores.append((rouge_l(texts, item.reference), rouge_1(texts, item.reference)))
    means = [
        [sum(column) / len(ours) for column in zip(*rows, strict=True)] for rows in (ours, theirs)
    ]
    print(f"{name}: ROUGE-L and ROUGE-1 {means[0]}, of the model alone {means[1]}")
    assert means[0][0] > means[1][0]
    assert means[0][1] > means[1][1]
