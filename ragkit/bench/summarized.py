"""Many summaries at once, beside the same prompts one by one through llama-cpp-python's high-level class.

    python -m ragkit.bench.summarized    {"config", "pipeline", "documents", "together"}
                                         -> {"done", "total"}..., {"rounds", "threads"}

The sides take turns, each in a process of its own (apart.py), `together` documents in each round. ragkit's
side is all that a summary in the style `compose` takes but for keeping it: the document is read from the
index, its sentences are embedded and chosen, rewritten and checked. Every prompt that it gives to the model
is noted, with the tokens that were written to it. The class is then given just these, one after the other:
with its defaults, and with its best settings (every core, attention as was measured for the engine). It
reads again only where a prompt parts from the one before, as it does by itself, and it checks and chooses
nothing. Where the pipeline says how many threads the model has, the class has as many.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ragkit.bench.apart import Apart
from ragkit.bench.high_level import HighLevelClass
from ragkit.build import Builder
from ragkit.catalog import Catalog, DocumentEntry, Reader
from ragkit.config import load_config
from ragkit.flows.abridging import Abridger, Chosen, Wanted
from ragkit.flows.abridging_together import abridged_together
from ragkit.flows.composing import trust_in
from ragkit.flows.keeping import BatchParts
from ragkit.flows.material import Material
from ragkit.flows.overhearing import Heard, Overheard
from ragkit.isolation import seal
from ragkit.llm.engine import LlamaEngine
from ragkit.machine import physical_cores
from ragkit.models import ModelStore, default_models_folder, load_registry

_STATUS = Path("/proc/self/status")


class Own:
    """ragkit's side."""

    def __init__(self, parts: BatchParts, catalog: Catalog) -> None:
        self._catalog = catalog
        self._heard: list[Heard] = []
        engine = parts.open_generator()
        assert isinstance(engine, LlamaEngine)
        self.engine = engine
        self._abridger = Abridger(
            Wanted("compose", trust=trust_in(parts.model_reads())),
            parts.open_embedder,
            lambda: Overheard(engine, self._heard.append),
        )

    def summarize(self, entries: Sequence[DocumentEntry]) -> list[Heard]:
        """What the model was given, in the order in which its texts ended."""
        self._heard.clear()
        for _ in abridged_together(self._abridger, self._chosen(entries)):
            pass  # a summary is kept at once, and held no longer
        return list(self._heard)

    def _chosen(self, entries: Sequence[DocumentEntry]) -> Iterator[tuple[int, Chosen]]:
        for entry in entries:
            with self._catalog.snapshot():
                material = Material.read(self._catalog, entry)
            yield entry.id, self._abridger.choose(material)


def measured(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Progress, then the figures."""
    builder = Builder(ModelStore(default_models_folder(), load_registry()))
    pipeline = load_config(Path(request["config"])).pipeline(request["pipeline"])
    model = builder.models.resolve(pipeline.settings.generator.model, role="generator").path
    sides = {"usual": Apart(HighLevelClass), "best": Apart(HighLevelClass)}
    parts = builder.batch_parts(pipeline)
    try:
        with Catalog.open_for_reading(pipeline.store) as catalog:
            with catalog.snapshot():
                entries = list(Reader(catalog).documents())[: request["documents"]]
            own = Own(parts, catalog)
            _open(sides, model, own.engine, pipeline.settings.generator.threads)
            own.summarize(entries[:1])  # opens the embedder, and is not counted
            rounds = []
            for at in range(0, len(entries), request["together"]):
                yield {"done": at, "total": len(entries)}
                rounds.append(_round(own, sides, entries[at : at + request["together"]]))
        yield {"rounds": rounds, "threads": {name: sides[name]("threads") for name in sides}}
    finally:
        for side in sides.values():
            side.close()
        builder.close()


def _open(sides: Mapping[str, Apart], model: Path, engine: LlamaEngine, threads: int) -> None:
    """threads: as the user chose for the pipeline, 0 for none: then each side has as many as it likes."""
    chosen = {"n_threads": threads, "n_threads_batch": threads} if threads else {}
    cores = {"n_threads": physical_cores(), "n_threads_batch": physical_cores()}
    sides["usual"].open(model, **chosen)
    sides["best"].open(model, flash_attn=engine.settings.flash, **{**cores, **chosen})


def _round(
    own: Own, sides: Mapping[str, Apart], entries: Sequence[DocumentEntry]
) -> dict[str, float]:
    """What each side took, and what was written; the memory of ragkit's process, in MB."""
    figures: dict[str, float] = {"documents": len(entries)}
    with _clocked(figures, "ragkit"):
        heard = own.summarize(entries)
    prompts = _in_turn(heard, own, sides["usual"])
    figures["prompts"] = len(prompts)
    figures["tokens"] = sum(tokens for _, tokens in prompts)
    for name, side in sides.items():
        taken = side("write", prompts)
        figures[name] = taken["seconds"]
        figures[f"{name}_processor"] = taken["processor"]
        figures[f"{name}_tokens"] = taken["tokens"]
    return {**figures, **memory()}


@contextmanager
def _clocked(figures: dict[str, float], name: str) -> Iterator[None]:
    """Notes the seconds, and those of the processor, of all threads together."""
    started, used = time.perf_counter(), time.process_time()
    yield
    figures[name] = time.perf_counter() - started
    figures[f"{name}_processor"] = time.process_time() - used


def _in_turn(heard: Sequence[Heard], own: Own, usual: Callable[..., Any]) -> list[tuple[str, int]]:
    """Prompts of a text follow each other, as they would if no other was written beside it: the class
    then reads least again. Empty texts are left out."""
    order: dict[object, int] = {}
    for each in heard:
        order.setdefault(each.messages[:2], len(order))
    in_turn = sorted(heard, key=lambda each: order[each.messages[:2]])
    tokens = [own.engine.count_tokens(each.said) for each in in_turn]
    rendered = usual("rendered", in_turn)
    return [(prompt, count) for prompt, count in zip(rendered, tokens, strict=True) if count]


def memory() -> dict[str, float]:
    """Megabytes of this process: now, and at most so far. Empty where the system does not tell."""
    if not _STATUS.exists():
        return {}
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
    return {
        name: int(lines[key].split()[0]) / 1000
        for name, key in (("resident", "VmRSS"), ("peak", "VmHWM"))
    }


def main() -> int:
    """The child's side."""
    # The parent has decided what level it accepts, and its filter is inherited.
    seal(accept_weak=True)
    request = json.load(sys.stdin)
    for line in measured(request):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
