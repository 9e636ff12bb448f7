"""The engine: a quantized model in this process, driven through llama.cpp's low-level API.

One thread owns the model's memory and computes for all others (batching.py). A prompt that begins like
an earlier one is only read from where they part (prefixes.py); what fixed instructions lead to is kept
on disk (keeping.py). How this machine computes the model fastest is measured once (tuning.py).
"""

from __future__ import annotations

import atexit
import math
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ragkit.errors import UsageFault
from ragkit.llm import native
from ragkit.llm.attention import ways
from ragkit.llm.batching import Batcher
from ragkit.llm.handle import ModelHandle
from ragkit.llm.keeping import Instructions, StateFolder
from ragkit.llm.offloading import layers_here
from ragkit.llm.opening import Wanted
from ragkit.llm.runtime import ContextSettings, LlamaRuntime
from ragkit.llm.sequence import LlamaGeneration
from ragkit.llm.templates import ChatTemplate
from ragkit.llm.tuning import BATCHES, Choice, tuned
from ragkit.llm.vocabulary import Vocabulary
from ragkit.machine import physical_cores, processors
from ragkit.protocols import Message

DEFAULT_CONTEXT = 8192
"""Tokens of context where none is asked for and the model was trained with as many."""
PARALLEL = 8
"""Texts written at once: more gain little on a processor, and each takes its part of the context."""
_SPARE_SLOTS = 6
"""For instructions (keeping.py) and for what was read for earlier questions."""
IDLE_SHARE = 8
"""Of the context, what was read for earlier questions takes no more beside a new one: every token is compared
with all of it. 1,000 idle tokens made writing a quarter slower (77 tokens a second, 58 beside them) and
prompts a fifth slower; with flash attention both a twentieth, and 4,000 of them made prompts a fifth slower
(the starter model, one thread)."""
_SPARE_CELLS = 512
"""Tokens of room for the instructions that are kept beside a full context."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's tokens; the first `fixed` of them are instructions."""

    tokens: list[int]
    fixed: int


class LlamaEngine:
    """Implements protocols.Generator with a GGUF file.

    `cancel`, once set from another thread, ends all work in progress with Interrupted; clear it to go
    on. An engine that nobody closed is closed when the program ends.
    """

    parallel = PARALLEL

    def __init__(
        self,
        model_path: Path,
        *,
        name: str,
        digest: str,
        context: int | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
        cache: Path | None = None,
        halves: bool = True,
        flash: bool | None = None,
        ubatch: int = 0,
        mapped: bool = True,
        wanted: Wanted = lambda: True,
    ) -> None:
        """context: tokens, never more than the model was trained with. gpu_layers: None puts on a GPU
        what fits where llama.cpp was built with one. cache: the folder for what was measured and kept;
        None measures and keeps nothing. halves: hold the context as 16-bit numbers, else as 8-bit ones,
        which take half of the memory; prompts are then read slower. flash: attention in one pass; None as
        measured. ubatch: tokens of a prompt in one pass over the weights, 0 as the attention likes it.
        mapped: use the file's pages as they are, in place of memory of its own. wanted: asked while it is
        measured how this machine computes; Interrupted is raised where it says no.

        Where two words are nearly as likely, which of them is written may depend on what is computed
        beside it: llama.cpp adds in another order then.

        Raises CheckFailed if the file is no whole model, NotReady if memory for it is lacking.
        """
        self.name = name
        self.digest = digest
        if gpu_layers is None:
            gpu_layers = layers_here(model_path, context or DEFAULT_CONTEXT)
        self._model = native.load_model(model_path, gpu_layers=gpu_layers, mapped=mapped)
        handle = ModelHandle(self._model, native.free_model)
        try:
            self._vocabulary = Vocabulary(native.library(), handle)
            self._template = self._read_template()
            folder = None if cache is None else cache / f"engine-{digest[:16]}"
            usual = self._usual(context, threads, ubatch, halves=halves)
            self.settings = settings = self._chosen(
                usual, folder, wanted, threads=threads, flash=flash, on_processor=not gpu_layers
            )
            self.context = settings.cells - _SPARE_CELLS
            runtime = self._runtime(settings)
        except BaseException:
            handle.close()
            raise
        instructions = Instructions(self._states(folder, settings))
        idle = settings.cells // IDLE_SHARE
        self._batcher = Batcher(runtime, instructions, at_end=handle.close, most_idle=idle)
        atexit.register(self._batcher.close)
        # Whatever thread collects the garbage must not wait: it may hold what the engine's waits for.
        weakref.finalize(self, self._batcher.end).atexit = False
        self.cancel = self._batcher.cancel

    @property
    def template_fallback_reason(self) -> str:
        """Why ChatML is used in place of the model's own chat template, or ""."""
        return self._template.fallback_reason

    @property
    def decoded_tokens(self) -> int:
        """How many tokens were computed so far."""
        return self._batcher.decoded

    def count_tokens(self, text: str) -> int:
        return len(self._vocabulary.tokenize(text))

    def start(
        self, messages: Sequence[Message], *, opening: str = "", seconds: float | None = None
    ) -> LlamaGeneration:
        """A text to be written after the prompt, which is read when it is first asked for.

        `opening` is put in the model's mouth. seconds: until Interrupted is raised; ragkit's own commands
        set no such limit, it is there for programs. Raises UsageFault if the prompt does not fit,
        Interrupted if the engine is closed.
        """
        prompt = self._prompt(messages)
        tokens = prompt.tokens + self._vocabulary.tokenize(opening)
        if len(tokens) >= self.context:
            raise UsageFault(
                f"the prompt needs {len(tokens) + 1} tokens and the model has {self.context}",
                hint="ask for less evidence, or set a larger context in pipelines.yaml",
            )
        return LlamaGeneration(
            self._batcher,
            self._vocabulary,
            tokens,
            self.context,
            fixed=prompt.fixed,
            deadline=math.inf if seconds is None else time.monotonic() + seconds,
        )

    def close(self) -> None:
        """Free the model. What other threads have it do is stopped, and ends with Interrupted."""
        self._batcher.close()
        atexit.unregister(self._batcher.close)

    def __enter__(self) -> LlamaEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _usual(
        self, context: int | None, threads: int | None, ubatch: int, *, halves: bool
    ) -> ContextSettings:
        """Where nothing is measured."""
        trained: int = native.library().llama_model_n_ctx_train(self._model)
        return ContextSettings(
            cells=min(context or DEFAULT_CONTEXT, trained) + _SPARE_CELLS,
            slots=PARALLEL + _SPARE_SLOTS,
            threads=threads or physical_cores(),
            batch_threads=threads or physical_cores(),
            batch=max(BATCHES[0], ubatch),
            halves=halves,
            ubatch=ubatch,
        )

    def _chosen(
        self,
        usual: ContextSettings,
        folder: Path | None,
        wanted: Wanted,
        *,
        threads: int | None,
        flash: bool | None,
        on_processor: bool,
    ) -> ContextSettings:
        """As measured on this machine, but for what the user has chosen."""
        possible = ways(
            flash,
            heads=native.library().llama_model_n_head(self._model),
            cells=usual.cells,
            ubatch=usual.ubatch,
            halves=usual.halves,
            on_processor=on_processor,
        )
        choice = Choice(replace(usual, flash=possible[0]), threads is None, possible)
        made_by, cores = str(native.facts()), len(processors())
        return tuned(choice, self._runtime, folder, made_by, cores, wanted=wanted)

    def _runtime(self, settings: ContextSettings) -> LlamaRuntime:
        return LlamaRuntime(self._model, settings)

    def _states(self, folder: Path | None, settings: ContextSettings) -> StateFolder | None:
        if folder is None:
            return None
        computed = f"{settings.batch} {settings.pass_rows} {settings.flash} {settings.halves}"
        made_by = f"{self.digest} {native.facts()} {computed} {self._template.source}"
        return StateFolder(folder, made_by)

    def _read_template(self) -> ChatTemplate:
        source: Any = native.library().llama_model_chat_template(self._model, None) or b""
        begin, end = self._vocabulary.special_texts()
        return ChatTemplate(source.decode("utf-8", "replace"), begin=begin, end=end)

    def _prompt(self, messages: Sequence[Message]) -> Prompt:
        """The tokens of a prompt. Instructions end where the first message begins that is none."""
        tokens: list[int] = []
        opening = self._vocabulary.opening_token
        fixed, is_fixed = 0, True
        for piece in self._template.render(messages):
            is_fixed &= piece.from_template or piece.fixed
            tokens += self._vocabulary.tokenize(piece.text, special=piece.from_template)
            if opening is not None and tokens[:1] != [opening]:
                tokens.insert(0, opening)
            if is_fixed and piece.fixed:
                fixed = len(tokens)
        return Prompt(tokens, fixed)
