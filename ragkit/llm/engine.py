"""The engine: a quantized model in this process, driven through llama.cpp's low-level API.

The only module that knows llama_cpp. It keeps one sequence in the model's memory and remembers its
tokens, so that a prompt that begins like the last one is only read from where they part.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ragkit.errors import CheckFailed, Interrupted, NotReady, UsageFault
from ragkit.llm.gguf import check_header
from ragkit.llm.sequence import LlamaGeneration, Logits
from ragkit.llm.templates import ChatTemplate
from ragkit.llm.vocabulary import Vocabulary
from ragkit.machine import processors
from ragkit.protocols import Message

DEFAULT_CONTEXT = 8192
"""Tokens of context where none is asked for and the model was trained with as many."""

_BATCH = 512
_SEQUENCE = 0
_SMALLEST_FILE = 1024
_FIRST_ERROR_LEVEL = 4  # GGML_LOG_LEVEL_ERROR; 5 continues the line before

_last_errors: deque[str] = deque(maxlen=4)
_log_callback: Any = None
"""Held for the life of the process: llama.cpp keeps only its address."""


def physical_cores() -> int:
    """Physical cores this process may run on; two threads of one core are slower than one."""
    allowed = processors()
    siblings = set()
    for cpu in allowed:
        path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            siblings.add(path.read_text())
        except OSError:  # not every kernel or container shows the topology
            return len(allowed)
    return max(1, len(siblings))


class LlamaEngine:
    """Implements protocols.Generator with a GGUF file.

    One generation at a time: `start` waits until the one before is closed. `cancel`, once set from
    another thread, ends the work in progress with Interrupted; clear it to go on.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        name: str,
        digest: str,
        context: int | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
    ) -> None:
        """gpu_layers: None puts all layers on a GPU where llama.cpp was built with one.

        Raises CheckFailed if the file is no whole model, NotReady if memory for it is lacking.
        """
        _check_file(model_path)
        self._library = library = _load_library()
        self.name = name
        self.digest = digest
        self.cancel = threading.Event()
        self._model = _load_model(library, model_path, gpu_layers)
        self._llama = self._new_context(context, threads or physical_cores())
        self.context: int = library.llama_n_ctx(self._llama)
        self._memory = library.llama_get_memory(self._llama)
        self._vocabulary = Vocabulary(library, self._model)
        self._template = self._read_template()
        # Protects the model's memory and `_cached`, which describes it: held by one generation
        # from its start to its close, whichever thread drives it.
        self._in_use = threading.Lock()
        self._owner: int | None = None
        self._cached: list[int] = []
        self.decoded_tokens = 0

    @property
    def template_fallback_reason(self) -> str:
        """Why ChatML is used in place of the model's own chat template, or ""."""
        return self._template.fallback_reason

    def count_tokens(self, text: str) -> int:
        return len(self._vocabulary.tokenize(text))

    def start(self, messages: Sequence[Message], *, opening: str = "") -> LlamaGeneration:
        """Read the prompt; `opening` is put in the model's mouth. Raises UsageFault if it does not fit."""
        tokens = self._prompt_tokens(messages) + self._vocabulary.tokenize(opening)
        if len(tokens) >= self.context:
            raise UsageFault(
                f"the prompt needs {len(tokens) + 1} tokens and the model has {self.context}",
                hint="ask for less evidence, or set a larger context in pipelines.yaml",
            )
        if self._owner == threading.get_ident():
            raise RuntimeError("close the generation before starting another in the same thread")
        self._in_use.acquire()
        self._owner = threading.get_ident()
        try:
            self._logits_after(tokens)
        except BaseException:
            self._release()
            raise
        return LlamaGeneration(
            self._vocabulary, tokens, self.context, self._logits_after, self._release
        )

    def close(self) -> None:
        """Free the model. Waits for a generation that another thread has not closed."""
        if self._llama is None:
            return
        with self._in_use:
            self._library.llama_free(self._llama)
            self._library.llama_model_free(self._model)
            self._llama = self._model = None

    def __enter__(self) -> LlamaEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_context(self, context: int | None, threads: int) -> Any:
        library = self._library
        trained = library.llama_model_n_ctx_train(self._model)
        settings = library.llama_context_default_params()
        settings.n_ctx = context or min(trained, DEFAULT_CONTEXT)
        settings.n_batch = settings.n_ubatch = _BATCH
        settings.n_threads = settings.n_threads_batch = threads
        settings.swa_full = True  # a sliding window could not be cut back to a shared prefix
        llama = library.llama_init_from_model(self._model, settings)
        if not llama:
            library.llama_model_free(self._model)
            raise NotReady(
                f"there is no memory for {settings.n_ctx} tokens of context of {self.name}"
                + _reasons(),
                hint="set a smaller context in pipelines.yaml",
            )
        return llama

    def _read_template(self) -> ChatTemplate:
        source = self._library.llama_model_chat_template(self._model, None) or b""
        begin, end = self._vocabulary.special_texts()
        return ChatTemplate(source.decode("utf-8", "replace"), begin=begin, end=end)

    def _prompt_tokens(self, messages: Sequence[Message]) -> list[int]:
        tokens: list[int] = []
        for piece in self._template.render(messages):
            tokens += self._vocabulary.tokenize(piece.text, special=piece.from_template)
        opening = self._vocabulary.opening_token
        if opening is not None and tokens[:1] != [opening]:
            tokens.insert(0, opening)
        return tokens

    def _release(self) -> None:
        self._owner = None
        self._in_use.release()

    def _logits_after(self, tokens: list[int]) -> Logits:
        """Logits of what follows `tokens`, shape (vocabulary,), valid until the next call."""
        if tokens != self._cached:
            self._bring_in_line(tokens)
        logits = self._library.llama_get_logits_ith(self._llama, -1)
        return np.ctypeslib.as_array(logits, shape=(self._vocabulary.size,))

    def _bring_in_line(self, tokens: list[int]) -> None:
        """Make the memory hold `tokens`, keeping the prefix it shares with them.

        `_cached` never claims more than the memory holds, so an interruption at any point only
        costs work. The last token is always decoded, for its logits.
        """
        shared = min(_shared_prefix(self._cached, tokens), len(tokens) - 1)
        del self._cached[shared:]
        if not self._library.llama_memory_seq_rm(self._memory, _SEQUENCE, shared, -1):
            # A recurrent state cannot be cut back: begin anew.
            self._cached.clear()
            self._library.llama_memory_clear(self._memory, True)
        for start in range(len(self._cached), len(tokens), _BATCH):
            self._decode(tokens[start : start + _BATCH])

    def _decode(self, tokens: list[int]) -> None:
        if self.cancel.is_set():
            raise Interrupted("the answer was stopped")
        buffer = (self._library.llama_token * len(tokens))(*tokens)
        # In a batch of this kind positions follow the memory, and only the last token has logits.
        status = self._library.llama_decode(
            self._llama, self._library.llama_batch_get_one(buffer, len(tokens))
        )
        if status != 0:
            raise NotReady(f"{self.name} could not read {len(tokens)} tokens" + _reasons())
        self._cached += tokens
        self.decoded_tokens += len(tokens)


def _shared_prefix(one: list[int], other: list[int]) -> int:
    """How many tokens two lists begin with in common."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    return next(place for place in range(shorter) if one[place] != other[place])


def _check_file(path: Path) -> None:
    """Refuse what is plainly no model before native code reads it."""
    try:
        size = path.stat().st_size
        if size < _SMALLEST_FILE:
            raise CheckFailed(
                f"{path.name} is not a whole GGUF model file", hint="pull or import the model again"
            )
        check_header(path)
    except OSError as fault:
        raise NotReady(f"{path.name} cannot be read: {fault.strerror}") from fault


def _load_library() -> Any:
    """llama_cpp, imported where it is first needed, with its log kept from the terminal."""
    global _log_callback
    import llama_cpp

    if _log_callback is None:
        _log_callback = llama_cpp.llama_log_callback(_keep_error)
        llama_cpp.llama_log_set(_log_callback, None)
        llama_cpp.llama_backend_init()
    return llama_cpp


def _keep_error(level: int, text: bytes | None, _: object) -> None:
    line = (text or b"").decode("utf-8", "replace").strip()
    if level == _FIRST_ERROR_LEVEL and line:
        _last_errors.append(line)


def _reasons() -> str:
    """What llama.cpp said last, for a message."""
    said = "; ".join(_last_errors)
    _last_errors.clear()
    return f" ({said})" if said else ""


def _has_unsafe_matrix_units(library: Any) -> bool:
    """Whether llama.cpp was built for Intel AMX, where it crashes at the first token.

    Compilers drop most of its tile configuration (github.com/ggml-org/llama.cpp/pull/26954). Without
    the extra weight layouts it keeps to AVX-512. Built with -mno-amx-tile -mno-amx-int8 it keeps them.
    """
    return b"AMX_INT8 = 1" in library.llama_print_system_info()


def _load_model(library: Any, path: Path, gpu_layers: int | None) -> Any:
    settings = library.llama_model_default_params()
    # Mapped, never locked in memory: other programs may have the pages when they need them.
    settings.load_mode = library.LLAMA_LOAD_MODE_MMAP
    if gpu_layers is None:
        gpu_layers = -1 if library.llama_supports_gpu_offload() else 0
    settings.n_gpu_layers = gpu_layers
    settings.use_extra_bufts = not _has_unsafe_matrix_units(library)
    _last_errors.clear()
    model = library.llama_model_load_from_file(os.fsencode(path), settings)
    if not model:
        raise CheckFailed(
            f"{path.name} cannot be loaded: it is damaged or of an unknown kind" + _reasons(),
            hint="pull or import the model again",
        )
    return model
