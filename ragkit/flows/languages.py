"""Whether a pipeline's models were trained for the languages of its documents; and if not, which are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ragkit.catalog import Reader
from ragkit.language import LANGUAGE_NAMES

NOTED_SHARE = 0.1
"""Share of the chunks in languages that a model does not know, from which it is told: with less it is a
few stray documents, and another model would cost the others more than it gives these."""
_NAMED_SHARE = 0.01
ALL = "*"
"""Stands for every language."""
_LOSS = {
    "embedder": "they are found by their words more than by their meaning",
    "reranker": "it may put them in a poor order",
}


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that a pipeline uses. role: "embedder" or "reranker". languages: ISO 639-1 codes, or ALL.

    others: the models there are for that role, with their languages, those to be named first in front.
    """

    role: str
    model: str
    languages: tuple[str, ...]
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()


def language_notes(reader: Reader, models: Iterable[Trained]) -> tuple[str, ...]:
    """One sentence for each model that does not know the languages of enough chunks."""
    present = reader.languages()
    lacking = [model for model in models if not _knows(model.languages, present)]
    if not lacking:
        return ()
    chunks = reader.chunks_by_language()
    notes = (_note(model, chunks) for model in lacking)
    return tuple(note for note in notes if note)


def _knows(languages: Collection[str], wanted: Collection[str]) -> bool:
    return ALL in languages or set(wanted) <= set(languages)


def _note(model: Trained, chunks: Mapping[str, int]) -> str:
    total = sum(chunks.values())
    foreign = {
        language: count / total
        for language, count in chunks.items()
        if language and language not in model.languages
    }
    if sum(foreign.values()) < NOTED_SHARE:
        return ""
    most_first = sorted(foreign.items(), key=lambda item: -item[1])
    (first, share), *rest = [
        (LANGUAGE_NAMES.get(language, language), share) for language, share in most_first
    ]
    more = "".join(f" and {share:.0%} in {name}" for name, share in rest if share >= _NAMED_SHARE)
    return (
        f"{share:.0%} of the passages are in {first}{more}, which the {model.role} {model.model} was "
        f"not trained for: {_LOSS[model.role]}.{_instead(model, set(chunks) - {''})}"
    )


def _instead(model: Trained, languages: Collection[str]) -> str:
    """The line to change, and what else has to be done; "" if no model there is would do."""
    fitting = [name for name, known in model.others if _knows(known, languages)]
    if not fitting:
        return ""
    then = "; the next ingest makes the index anew" if model.role == "embedder" else ""
    return (
        f" {fitting[0]} knows them: ragkit models pull {fitting[0]}, then in pipelines.yaml "
        f"`{model.role}: {{model: {fitting[0]}}}`{then}."
    )
