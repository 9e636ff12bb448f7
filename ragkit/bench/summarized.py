"""Many summaries at once, beside the same prompts one by one through llama-cpp-python's high-level class.

    python -m ragkit.bench.summarized    {"config", "pipeline", "documents", "together"}
                                         -> {"done", "total"}..., {"rounds", "threads"}

Both sides take turns in one process, `together` documents in each round. ragkit's side is all that a
summary in the style `compose` takes but for keeping it: the document is read from the index, its sentences
are embedded and chosen, rewritten and checked. Every prompt that it gives to the model is noted, with the
tokens that were written to it. The class is then given just these, one after the other: with its defaults,
and with its best settings (every core, attention as was measured for the engine). It reads again only
where a prompt parts from the one before, as it does by itself, and it checks and chooses nothing. Where
the pipeline says how many threads the model has, the class has as many.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
from ragkit.llm import native
from ragkit.llm.engine import LlamaEngine
from ragkit.llm.templates import ChatTemplate
from ragkit.machine import physical_cores
from ragkit.models import ModelStore, default_models_folder, load_registry

CONTEXT = 4096
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


class Usual:
    """The high-level class, given prompts one by one."""

    def __init__(self, model: Path, **settings: Any) -> None:
        native.library()
        from llama_cpp import Llama

        self._llama: Any = Llama(str(model), n_ctx=CONTEXT, verbose=False, **settings)
        self.threads = {"threads": self._llama.n_threads, "batch": self._llama.n_threads_batch}
        source = self._llama.metadata.get("tokenizer.chat_template", "")
        self._template = ChatTemplate(source, begin="", end="")

    def prompt(self, heard: Heard) -> str:
        pieces = (piece.text for piece in self._template.render(heard.messages))
        return "".join(pieces) + heard.opening

    def write(self, prompts: Sequence[tuple[str, int]]) -> int:
        """How many tokens were written. prompts: with how many tokens are to be written to each."""
        written = 0
        for prompt, tokens in prompts:
            response = self._llama.create_completion(
                prompt, max_tokens=tokens, temperature=0.0, repeat_penalty=1.0
            )
            written += response["usage"]["completion_tokens"]
        return written

    def close(self) -> None:
        self._llama.close()


def measured(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Progress, then the figures."""
    builder = Builder(ModelStore(default_models_folder(), load_registry()))
    pipeline = load_config(Path(request["config"])).pipeline(request["pipeline"])
    parts = builder.batch_parts(pipeline)
    model = builder.models.resolve(pipeline.settings.generator.model, role="generator").path
    with Catalog.open_for_reading(pipeline.store) as catalog:
        with catalog.snapshot():
            entries = list(Reader(catalog).documents())[: request["documents"]]
        own = Own(parts, catalog)
        sides = _usual_sides(model, own.engine, pipeline.settings.generator.threads)
        own.summarize(entries[:1])  # opens the embedder, and is not counted
        rounds = []
        for at in range(0, len(entries), request["together"]):
            yield {"done": at, "total": len(entries)}
            rounds.append(_round(own, sides, entries[at : at + request["together"]]))
    yield {"rounds": rounds, "threads": {name: side.threads for name, side in sides.items()}}
    for side in sides.values():
        side.close()
    builder.close()


def _usual_sides(model: Path, engine: LlamaEngine, threads: int) -> dict[str, Usual]:
    """threads: as the user chose for the pipeline, 0 for none: then each side has as many as it likes."""
    chosen = {"n_threads": threads, "n_threads_batch": threads} if threads else {}
    cores = {"n_threads": physical_cores(), "n_threads_batch": physical_cores()}
    best = {"flash_attn": engine.settings.flash, **cores, **chosen}
    return {"usual": Usual(model, **chosen), "best": Usual(model, **best)}


def _round(own: Own, sides: dict[str, Usual], entries: Sequence[DocumentEntry]) -> dict[str, float]:
    """What each side took, and what was written; the memory of the process, in MB."""
    figures: dict[str, float] = {"documents": len(entries)}
    with _clocked(figures, "ragkit"):
        heard = own.summarize(entries)
    prompts = _in_turn(heard, own, sides["usual"])
    figures["prompts"] = len(prompts)
    figures["tokens"] = sum(tokens for _, tokens in prompts)
    for name, side in sides.items():
        with _clocked(figures, name):
            figures[f"{name}_tokens"] = side.write(prompts)
    return {**figures, **memory()}


@contextmanager
def _clocked(figures: dict[str, float], name: str) -> Iterator[None]:
    """Notes the seconds, and those of the processor, of all threads together."""
    started, used = time.perf_counter(), time.process_time()
    yield
    figures[name] = time.perf_counter() - started
    figures[f"{name}_processor"] = time.process_time() - used


def _in_turn(heard: Sequence[Heard], own: Own, usual: Usual) -> list[tuple[str, int]]:
    """Prompts of a text follow each other, as they would if no other was written beside it: the class
    then reads least again. Empty texts are left out."""
    order: dict[object, int] = {}
    for each in heard:
        order.setdefault(each.messages[:2], len(order))
    in_turn = sorted(heard, key=lambda each: order[each.messages[:2]])
    counted = [(usual.prompt(each), own.engine.count_tokens(each.said)) for each in in_turn]
    return [(prompt, tokens) for prompt, tokens in counted if tokens]


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
