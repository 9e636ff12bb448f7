"""One composed answer in a new process: when something is first shown, and when it is done.

    python -m ragkit.bench.asked own      {"started", "question", "config", "pipeline"}
    python -m ragkit.bench.asked usual    {"started", "question", "store", "model", "generator"}
        -> {"evidence", "first", "finished", "tokens"}

Seconds since `started` (time.time() of who starts the process): until the evidence is known, until the
model's first token, until the answer is finished. The usual stack: sentence-transformers encodes the
question, Chroma gives the four nearest windows, which are put before the question for llama-cpp-python's
high-level class with its defaults, which writes at most 128 tokens.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ragkit.isolation import seal

NEAREST = 4
MOST_TOKENS = 128
CONTEXT = 4096


class Moments:
    """When what happened for the first time, in seconds since `started`."""

    def __init__(self, started: float) -> None:
        self._started = started
        self.seconds: dict[str, float] = {}

    def note(self, name: str) -> None:
        self.seconds.setdefault(name, round(time.time() - self._started, 4))


def own(request: dict[str, Any], moments: Moments) -> int:
    """ragkit's answer; how many sentences it has."""
    from ragkit.build import Builder
    from ragkit.config import load_config
    from ragkit.flows.answering import Answering
    from ragkit.models import ModelStore, default_models_folder, load_registry

    pipeline = load_config(Path(request["config"])).pipeline(request["pipeline"])
    builder = Builder(ModelStore(default_models_folder(), load_registry()))
    searching = builder.searching(pipeline)
    parts = builder.answer_parts(pipeline)
    told = replace(parts, open_generator=lambda: _Noting(parts.open_generator(), moments))
    answer = Answering(searching, told).answer(
        request["question"], style="compose", on_evidence=lambda _: moments.note("evidence")
    )
    moments.note("finished")
    builder.close()
    return len(answer.sentences)


class _Noting:
    """A generator whose first token is noted."""

    def __init__(self, generator: Any, moments: Moments) -> None:
        self._generator = generator
        self._moments = moments

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def start(self, messages: Sequence[Any], **options: Any) -> Any:
        """As Generator."""
        generation = self._generator.start(messages, **options)
        generation.read()
        self._moments.note("first")  # the prompt is read: the first token is known
        return generation


def usual(request: dict[str, Any], moments: Moments) -> int:
    """The usual stack's answer; how many tokens it has."""
    from ragkit.bench.baseline import open_collection, open_model
    from ragkit.llm import native

    native.library()  # where it was built for Intel AMX, the class would crash without this
    from llama_cpp import Llama

    question = request["question"]
    vector = open_model(Path(request["model"])).encode([question])
    collection = open_collection(Path(request["store"]))
    found = collection.query(query_embeddings=vector, n_results=NEAREST)["documents"][0]
    moments.note("evidence")
    llama = Llama(request["generator"], n_ctx=CONTEXT, verbose=False)
    prompt = "Context:\n" + "\n\n".join(found) + f"\n\nQuestion: {question}\nAnswer:"
    count = 0
    for part in llama.create_chat_completion(
        [{"role": "user", "content": prompt}],
        temperature=0.0,
        max_tokens=MOST_TOKENS,
        stream=True,
    ):
        if "content" in part["choices"][0]["delta"]:
            moments.note("first")
            count += 1
    moments.note("finished")
    return count


def main(arguments: list[str]) -> int:
    """The child's side."""
    seal(
        accept_weak=True
    )  # the parent has decided what level it accepts, and its filter is inherited
    request = json.load(sys.stdin)
    moments = Moments(request["started"])
    count = (own if arguments == ["own"] else usual)(request, moments)
    json.dump({**moments.seconds, "count": count}, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
