"""The chat template of a model, rendered so that no text of a document can forge a turn.

A template is a program in the model file that puts messages between control tokens. It never sees
the messages here: it is given placeholders, and the rendered frame is split at them. Only the frame
is tokenised with control tokens allowed; a document that contains `<|im_end|>` stays those ten
characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ragkit.protocols import Message

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content']"
    " + '<|im_end|>\n' }}{% endfor %}{{ '<|im_start|>assistant\n' }}"
)
"""Used where a model brings no template, or one that cannot be rendered."""

_LONGEST_SOURCE = 100_000
_LONGEST_FRAME = 100_000
_LONGEST_RANGE = 1_000
# Private-use characters: no template strips, splits or matches them.
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a prompt. Control tokens are recognised only in the template's own stretches."""

    text: str
    from_template: bool


class TemplateFault(Exception):
    """The model's template cannot be used; the message says why. Caught where the fallback is chosen."""


class ChatTemplate:
    """Messages to pieces of a prompt. `fallback_reason` is "" where the model's own template is used."""

    def __init__(self, source: str, *, begin: str = "", end: str = "") -> None:
        self._specials = {"bos_token": begin, "eos_token": end}
        self.fallback_reason = self._why_unusable(source)
        self._source = CHATML if self.fallback_reason else source

    def render(self, messages: Sequence[Message]) -> list[Piece]:
        """The prompt up to where the assistant speaks."""
        try:
            frame = self._frame(self._source, messages)
        except TemplateFault:
            # Several templates know no system role: what the system says opens the first turn.
            messages = _without_system(messages)
            frame = self._frame(self._source, messages)
        pieces: list[Piece] = []
        for place, part in enumerate(_PLACEHOLDER.split(frame)):
            from_template = place % 2 == 0
            text = part if from_template else messages[int(part)].content
            if text:
                pieces.append(Piece(text, from_template))
        return pieces

    def _why_unusable(self, source: str) -> str:
        if not source:
            return "the model brings no chat template"
        if len(source) > _LONGEST_SOURCE:
            return "the model's chat template is too long"
        trial = [
            Message("user", "question"),
            Message("assistant", "answer"),
            Message("user", "more"),
        ]
        try:
            self._frame(source, trial)
        except TemplateFault as fault:
            return f"the model's chat template cannot be used: {fault}"
        return ""

    def _frame(self, source: str, messages: Sequence[Message]) -> str:
        """The rendered template with a placeholder for each message. Raises TemplateFault."""
        from jinja2 import TemplateError

        shown = [
            {"role": message.role, "content": f"\ue000{place}\ue001"}
            for place, message in enumerate(messages)
        ]
        variables = {"add_generation_prompt": True, "enable_thinking": False, **self._specials}
        frame = ""
        try:
            for part in _sandbox().from_string(source).generate(messages=shown, **variables):
                frame += part
                if len(frame) > _LONGEST_FRAME:
                    raise TemplateFault("it writes too much")
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as fault:
            raise TemplateFault(f"{type(fault).__name__}: {fault}") from fault
        if [int(place) for place in _PLACEHOLDER.findall(frame)] != list(range(len(messages))):
            raise TemplateFault("it leaves out or repeats a message")
        return frame


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """The messages with a leading system message put before the first user's words."""
    if len(messages) < 2 or messages[0].role != "system":
        raise TemplateFault("it accepts no such order of messages")
    joined = f"{messages[0].content}\n\n{messages[1].content}"
    return [Message(messages[1].role, joined), *messages[2:]]


def _sandbox() -> ImmutableSandboxedEnvironment:
    """A template language without imports, private attributes, changes to its inputs or long loops."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["range"] = _short_range
    environment.globals["raise_exception"] = _refuse
    return environment


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _LONGEST_RANGE:
        raise TemplateFault("it loops too long")
    return numbers


def _refuse(reason: str) -> str:
    raise TemplateFault(reason)
