"""The other side: llama-cpp-python's high-level class, as its documentation shows it.

Owner of llama_cpp for that. Where llama.cpp was built for Intel AMX it would crash at the first token; the
layout that does is withheld from both sides (llm/native.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ragkit.flows.overhearing import Heard
from ragkit.llm import native
from ragkit.llm.templates import ChatTemplate

CONTEXT = 4096


class HighLevelClass:
    """Greedy. The methods give texts, or what they took."""

    def __init__(self, model: Path, *, halves: bool = True, **settings: Any) -> None:
        """halves: hold the context as 16-bit numbers, else as 8-bit ones."""
        native.library()
        from llama_cpp import GGML_TYPE_Q8_0, Llama

        if not halves:
            settings |= {"type_k": GGML_TYPE_Q8_0, "type_v": GGML_TYPE_Q8_0, "flash_attn": True}
        self._llama: Any = Llama(str(model), n_ctx=CONTEXT, verbose=False, **settings)

    def close(self) -> None:
        self._llama.close()

    def threads(self) -> dict[str, int]:
        """For writing, and for prompts."""
        return {"threads": self._llama.n_threads, "batch": self._llama.n_threads_batch}

    def text(self, prompt: str, tokens: int) -> str:
        response = self._chat(prompt, max_tokens=tokens)
        return str(response["choices"][0]["message"]["content"])

    def reading(self, text: str) -> float:
        """Prompt tokens a second."""
        tokens = self._llama.tokenize(text.encode())
        self._llama.reset()
        return len(tokens) / clocked(lambda: self._llama.eval(tokens))

    def writing(self, prompt: str, tokens: int) -> float:
        """Tokens a second after the first one."""
        self._llama.reset()
        parts = self._chat(prompt, max_tokens=tokens, stream=True)
        moments = [
            time.perf_counter() for part in parts if "content" in part["choices"][0]["delta"]
        ]
        return (len(moments) - 1) / (moments[-1] - moments[0])

    def in_a_row(self, asked: Sequence[str], tokens: int) -> float:
        """Seconds for all answers, one after the other."""
        return clocked(lambda: [self.text(prompt, tokens) for prompt in asked])

    def rendered(self, asked: Sequence[Heard]) -> list[str]:
        """The prompts as the model's own template has them."""
        source = self._llama.metadata.get("tokenizer.chat_template", "")
        template = ChatTemplate(source, begin="", end="")
        return [
            "".join(piece.text for piece in template.render(each.messages)) + each.opening
            for each in asked
        ]

    def write(self, prompts: Sequence[tuple[str, int]]) -> dict[str, float]:
        """To each prompt so many tokens at most: how many were written, and seconds by the clock and of
        the processor, of all threads together."""
        written = 0
        started, used = time.perf_counter(), time.process_time()
        for prompt, tokens in prompts:
            response = self._llama.create_completion(
                prompt, max_tokens=tokens, temperature=0.0, repeat_penalty=1.0
            )
            written += response["usage"]["completion_tokens"]
        return {
            "tokens": written,
            "seconds": time.perf_counter() - started,
            "processor": time.process_time() - used,
        }

    def _chat(self, prompt: str, **settings: Any) -> Any:
        messages = [{"role": "user", "content": prompt}]
        return self._llama.create_chat_completion(
            messages, temperature=0.0, repeat_penalty=1.0, **settings
        )


def clocked(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
