"""How llama.cpp is loaded."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest

from ragkit.llm import native


def test_a_fault_in_native_code_prints_nothing_of_the_memory() -> None:
    native.library()
    process = ctypes.CDLL(None)
    process.getenv.restype = ctypes.c_char_p
    assert process.getenv(b"GGML_NO_BACKTRACE")  # as native code sees it, whenever it asks


def test_an_abort_flag_is_read_as_no_and_yes_by_what_llama_cpp_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    llama = native.library()
    given: list[Any] = []

    class Library:
        ggml_abort_callback = llama.ggml_abort_callback

        @staticmethod
        def llama_set_abort_callback(*arguments: object) -> None:
            given.append(arguments)

    monkeypatch.setattr(native, "_loaded", Library)
    flag = native.abort_flag("context")
    ((context, asked, data),) = given
    assert context == "context"
    assert not asked(data)
    flag[0] = 1
    assert asked(data)
    flag[0] = 0
    assert not asked(data)
