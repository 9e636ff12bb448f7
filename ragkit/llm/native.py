"""llama.cpp in this process: loaded once, its log kept from the terminal, its devices named.

The only module that imports llama_cpp. Every other module of this package is handed what it needs
from here, so that all of them can be run over something else in tests.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.errors import CheckFailed, NotReady
from ragkit.llm.environment import environment_for_loading
from ragkit.llm.gguf import check_header

_SMALLEST_FILE = 1024
_FIRST_ERROR_LEVEL = 4  # GGML_LOG_LEVEL_ERROR; 5 continues the line before
_KINDS = ("cpu", "gpu", "integrated-gpu", "accelerator", "meta")
"""enum ggml_backend_dev_type, in its order."""
_UNSAFE_LAYOUT = b"AMX"
"""Of weights, for the tile units of Intel AMX: compilers drop most of their configuration, and the first
token crashes (github.com/ggml-org/llama.cpp/pull/26954). Built with -mno-amx-tile -mno-amx-int8
llama.cpp does not offer it."""
_UNKNOWN = "unknown model architecture"
"""What llama.cpp says of one (src/llama-model.cpp)."""

_loading = threading.Lock()  # protects the two below while the library is loaded for the first time
_loaded: Any = None
_callbacks: list[Any] = []
"""Held for the life of the process: llama.cpp keeps only their addresses."""
_last_errors: deque[str] = deque(maxlen=4)


@dataclass(frozen=True, slots=True)
class Device:
    """What llama.cpp can compute on. kind: "cpu", "gpu", "integrated-gpu", "accelerator" or "meta".

    memory: bytes; free_memory: of them, now. Of a processor llama.cpp tells all as free.
    """

    name: str
    description: str
    kind: str
    free_memory: int
    memory: int


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """How llama.cpp was built. instructions: of the processor, as compiled in, "AVX2" and the like."""

    version: str
    offloads: bool
    instructions: tuple[str, ...]
    layouts: tuple[str, ...]
    """Weight layouts that may be used here, beside the file's own: "CPU_REPACK" or none."""


def library() -> Any:
    """The module `llama_cpp`, made ready when it is first asked for. Raises NotReady if it is lacking."""
    global _loaded
    with _loading:
        if _loaded is None:
            _loaded = _load()
        return _loaded


def _load() -> Any:
    try:
        with environment_for_loading():
            import llama_cpp
    except (ImportError, OSError, RuntimeError) as fault:
        raise NotReady(
            f"llama.cpp cannot be loaded: {fault}.", hint="pip install --force-reinstall ragkit"
        ) from fault
    _callbacks.append(llama_cpp.llama_log_callback(_keep_error))
    llama_cpp.llama_log_set(_callbacks[-1], None)
    llama_cpp.llama_backend_init()
    _withhold_unsafe_layout()
    return llama_cpp


def ggml(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of ggml, the library below llama.cpp. result, arguments: ctypes."""
    from llama_cpp import _ggml

    function: Callable[..., Any] = _ggml.libggml[name]  # indexing gives a new one: no shared types
    function.restype, function.argtypes = result, arguments  # type: ignore[attr-defined]
    return function


def abort_flag(context: Any) -> Any:
    """Two bytes: while the first is 1, what a context computes on processors ends at its next step.

    The C library's `strlen` reads them: 0 of an empty string, 1 of one character. A callback written in
    Python would wait for the interpreter's lock hundreds of times for every token.
    """
    llama = library()
    flag = (ctypes.c_uint8 * 2)()
    reader = ctypes.cast(ctypes.CDLL(None).strlen, llama.ggml_abort_callback)
    llama.llama_set_abort_callback(context, reader, ctypes.addressof(flag))
    return flag


def forget_errors() -> None:
    """Before something that may go wrong: `reasons` then tells of nothing earlier."""
    _last_errors.clear()


def reasons() -> str:
    """What llama.cpp said last, for the end of a sentence: " (...)" or ""."""
    said = "; ".join(_last_errors)
    _last_errors.clear()
    return f" ({said})" if said else ""


def devices() -> tuple[Device, ...]:
    """llama.cpp's own list."""
    library()
    count = ggml("ggml_backend_dev_count", ctypes.c_size_t)()
    get = ggml("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
    return tuple(_device(get(place)) for place in range(count))


def facts() -> LibraryFacts:
    """How the library was built."""
    llama = library()
    told = llama.llama_print_system_info().decode("utf-8", "replace")
    parts = (part.rpartition(":")[2].split(" = ") for part in told.split("|"))
    return LibraryFacts(
        version=llama.llama_version().decode("utf-8", "replace"),
        offloads=bool(llama.llama_supports_gpu_offload()),
        instructions=tuple(part[0].strip() for part in parts if part[-1].strip() == "1"),
        layouts=tuple(name.decode("ascii", "replace") for name, _ in _layouts()),
    )


def check_file(path: Path) -> None:
    """Refuse what is plainly no model before native code reads it. Raises CheckFailed, NotReady."""
    try:
        if path.stat().st_size < _SMALLEST_FILE:
            raise CheckFailed(
                f"{path.name} is not a whole GGUF model file", hint="pull or import the model again"
            )
        check_header(path)
    except OSError as fault:
        raise NotReady(f"{path.name} cannot be read: {fault.strerror}") from fault


def load_model(
    path: Path, *, gpu_layers: int | None = None, mapped: bool = True, vocabulary_only: bool = False
) -> Any:
    """A model handle, to be freed with `free_model`.

    gpu_layers: None puts all layers on a GPU where llama.cpp was built with one. mapped: the file's
    pages are used as they are, where the layout of its weights allows that. Raises CheckFailed if the
    file is no whole model, NotReady if it cannot be read.
    """
    check_file(path)
    llama = library()
    settings = llama.llama_model_default_params()
    # Mapped, never locked in memory: other programs may have the pages when they need them.
    settings.load_mode = llama.LLAMA_LOAD_MODE_MMAP if mapped else llama.LLAMA_LOAD_MODE_NONE
    if gpu_layers is None:
        gpu_layers = -1 if llama.llama_supports_gpu_offload() else 0
    settings.n_gpu_layers = gpu_layers
    settings.vocab_only = vocabulary_only
    settings.use_extra_bufts = _UNSAFE_LAYOUT not in [name for name, _ in _layouts()]
    forget_errors()
    model = llama.llama_model_load_from_file(os.fsencode(path), settings)
    if not model:
        raise CheckFailed(
            f"{path.name} cannot be loaded: it is damaged or of an unknown kind" + reasons(),
            hint="pull or import the model again",
        )
    return model


def knows_architecture(descriptor: int) -> bool:
    """Whether llama.cpp gets further with an open file that only names an architecture than to that name."""
    llama = library()
    settings = llama.llama_model_default_params()
    settings.vocab_only = True
    forget_errors()
    model = llama.llama_model_load_from_file(f"/dev/fd/{descriptor}".encode(), settings)
    if model:  # a kind that needs nothing else
        free_model(model)
    return _UNKNOWN not in reasons()


def free_model(model: Any) -> None:
    """Free a model; its contexts must be free already."""
    library().llama_model_free(model)


def _keep_error(level: int, text: bytes | None, _: object) -> None:
    line = (text or b"").decode("utf-8", "replace").strip()
    if level == _FIRST_ERROR_LEVEL and line:
        _last_errors.append(line)


def _device(handle: int) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    where = ctypes.POINTER(ctypes.c_size_t)
    ggml("ggml_backend_dev_memory", None, ctypes.c_void_p, where, where)(handle, free, total)
    kind = ggml("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)(handle)
    texts = (
        ggml(f"ggml_backend_dev_{what}", ctypes.c_char_p, ctypes.c_void_p)(handle) or b""
        for what in ("name", "description")
    )
    name, description = (text.decode("utf-8", "replace") for text in texts)
    known = _KINDS[kind] if kind in range(len(_KINDS)) else "unknown"
    return Device(name, description, known, free.value, total.value)


def _layouts() -> list[tuple[bytes, int]]:
    """Names and addresses of the weight layouts that the processor's code offers."""
    listed = _layout_list()
    if not listed:
        return []
    name = ggml("ggml_backend_buft_name", ctypes.c_char_p, ctypes.c_void_p)
    found: list[tuple[bytes, int]] = []
    while address := listed[len(found)]:
        found.append((name(address), address))
    return found


def _layout_list() -> Any:
    """llama.cpp's own list, ended by a null pointer, from which it chooses when it loads a model."""
    pointer = ctypes.c_void_p
    processor = ggml("ggml_backend_dev_by_type", pointer, ctypes.c_int)(0)
    registry = ggml("ggml_backend_dev_backend_reg", pointer, pointer)(processor)
    find = ggml("ggml_backend_reg_get_proc_address", pointer, pointer, ctypes.c_char_p)
    address = find(registry, b"ggml_backend_dev_get_extra_bufts")
    if not address:
        return None
    return ctypes.CFUNCTYPE(ctypes.POINTER(pointer), pointer)(address)(processor)


def _withhold_unsafe_layout() -> None:
    """Strike the layout that crashes from the list, so that the others stay usable.

    Which of them suits a weight matrix llama.cpp decides itself, by what it computes with it. The list
    is filled once and lives as long as the process.
    """
    listed, found = _layout_list(), _layouts()
    safe = [address for name, address in found if name != _UNSAFE_LAYOUT]
    for place, address in enumerate([*safe, *[None] * (len(found) - len(safe))]):
        listed[place] = address
