"""How long summarizing takes: by what it took before on this machine, else by summarizing a few documents.

The time of a document grows with its length up to a point: of a longer one no more sentences are looked at
closely. What was measured is noted in the catalog's state: figures and digests, no word of a document.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import blake2b
from time import monotonic
from typing import Literal

from ragkit.catalog import Catalog, Reader
from ragkit.catalog.state import note_state, state_of
from ragkit.flows.abridging import Abridger
from ragkit.flows.abridging_kept import Task
from ragkit.flows.abridging_together import abridged_together
from ragkit.flows.material import Material
from ragkit.machine import this_machine

STATE = "summary pace"
MOST_KINDS = 8
"""Kinds of summaries (style, models, machine) whose pace is noted; the oldest gives way."""
TELLING_DOCUMENTS = 5
"""A run that made fewer says more about opening models than about documents."""
TELLING_CHARACTERS = 40_000
"""Of a longer document no more sentences are embedded, and its summary is hardly longer."""
ENOUGH_SECONDS = 5.0
"""Of three documents that are summarized to measure the pace, no other is begun after so long."""


@dataclass(frozen=True, slots=True)
class Pace:
    """seconds: for `characters` of `documents`, as `measure_of` counts them."""

    seconds: float
    characters: int
    documents: int

    def seconds_for(self, characters: int) -> float:
        return self.seconds / self.characters * characters


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds, and of how many documents they were measured: by a run before, or by a sample now."""

    seconds: float
    basis: Literal["runs", "sample"]
    documents: int


def kind_of(*made_with: str) -> str:
    """What a pace holds for: all that decides how long a summary takes, on this machine alone."""
    told = json.dumps([*made_with, this_machine().as_dict()], sort_keys=True)
    return blake2b(told.encode(), digest_size=16).hexdigest()


def measure_of(tasks: Sequence[Task], reader: Reader) -> int:
    """The characters that have to be summarized; of documents with the same content once."""
    contents = {task.entry.content_id for task in tasks}
    return sum(_measured(reader.length(content)) for content in contents)


def noted_pace(catalog: Catalog, kind: str) -> Pace | None:
    """What the last telling run of that kind took."""
    found = _noted(catalog).get(kind)
    if found is None:
        return None
    return Pace(found["seconds"], int(found["characters"]), int(found["documents"]))


def note_pace(catalog: Catalog, kind: str, pace: Pace) -> bool:
    """Nothing is noted of a run that tells little. Raises Busy."""
    if pace.documents < TELLING_DOCUMENTS or not pace.characters:
        return False
    noted = {name: told for name, told in _noted(catalog).items() if name != kind}
    kept = dict(list(noted.items())[-(MOST_KINDS - 1) :])
    text = json.dumps({**kept, kind: {**asdict(pace), "seconds": round(pace.seconds, 3)}})
    with catalog.transaction() as connection:
        note_state(connection, {STATE: text})
    return True


def expected(
    catalog: Catalog, kind: str, abridger: Abridger, tasks: Sequence[Task]
) -> Expected | None:
    """How long these abridgements will take; None if there are none to make."""
    if not tasks:
        return None
    size = measure_of(tasks, Reader(catalog))
    noted = noted_pace(catalog, kind)
    if noted is not None:
        return Expected(noted.seconds_for(size), "runs", noted.documents)
    started = monotonic()
    abridger.open_models()
    opening = monotonic() - started
    tried = tried_pace(catalog, abridger, tasks)
    if tried is None:
        return None
    return Expected(opening + tried.seconds_for(size), "sample", tried.documents)


def tried_pace(catalog: Catalog, abridger: Abridger, tasks: Sequence[Task]) -> Pace | None:
    """The pace of a few documents of middling size, summarized as in earnest; nothing of it is kept.

    None if there is no text in them.
    """
    spent, characters, documents = 0.0, 0, 0
    for task, material in _middling(catalog, tasks):
        started = monotonic()
        with closing(abridged_together(abridger, [(task, task.choose(material))])) as made:
            documents += sum(1 for _ in made)
        spent += monotonic() - started
        characters += _measured(len(material.text))
        if spent > ENOUGH_SECONDS:
            break
    return Pace(spent, characters, documents) if characters else None


def _middling(catalog: Catalog, tasks: Sequence[Task]) -> Iterator[tuple[Task, Material]]:
    """The document in the middle by size, then those at a quarter and at three quarters."""
    reader = Reader(catalog)
    by_size = sorted(tasks, key=lambda task: reader.length(task.entry.content_id))
    places = (len(by_size) // 2, len(by_size) // 4, 3 * len(by_size) // 4)
    for place in dict.fromkeys(places):
        task = by_size[place]
        with catalog.snapshot():
            if task.entry.id not in reader.documents_by_id([task.entry.id]):
                continue
            material = Material.read(catalog, task.entry)
        if material.text:
            yield task, material


def _measured(characters: int) -> int:
    return min(characters, TELLING_CHARACTERS)


def _noted(catalog: Catalog) -> dict[str, dict[str, float]]:
    """By kind; empty where nothing is noted, or something that this version does not know."""
    text = state_of(catalog.connection, STATE)
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    fields = set(Pace.__dataclass_fields__)
    if not isinstance(found, dict):
        return {}
    return {
        kind: pace for kind, pace in found.items() if isinstance(pace, dict) and set(pace) == fields
    }
