"""The chat template of a model, rendered so that no text of a document can forge a turn.

A template is a program in the model file that puts messages between control tokens. It never sees
the messages: it is given placeholders, in a process of its own (rendering.py), and the rendered frame
is split at them. Only the frame is tokenised with control tokens allowed; a document that contains
`<|im_end|>` stays those ten characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ragkit.llm.template_process import Shape, TemplateFault, run_template
from ragkit.protocols import Message

_LONGEST_SOURCE = 100_000
_TRIAL: Shape = ("user", "assistant", "user")
_USUAL: tuple[Shape, ...] = (
    ("system", "user"),
    ("user",),
    ("system", "user", "assistant", "user"),
)
"""What prompts are made of: rendered together with the trial, in one process."""
# Private-use characters: no template strips, splits or matches them.
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a prompt. Control tokens are recognised only in the template's own stretches.

    fixed: of a message that is the program's own words.
    """

    text: str
    from_template: bool
    fixed: bool = False


class ChatTemplate:
    """Messages to pieces of a prompt. `fallback_reason` is "" where the model's own template is used.

    ChatML is used where a model brings no template, or one that cannot be rendered within limits.
    """

    def __init__(self, source: str, *, begin: str = "", end: str = "") -> None:
        self.source = source
        self._specials = {"bos_token": begin, "eos_token": end}
        self._frames: dict[Shape, str | TemplateFault] = {}
        self.fallback_reason = self._why_unusable()

    def render(self, messages: Sequence[Message]) -> list[Piece]:
        """The prompt up to where the assistant speaks."""
        try:
            frame = self._frame(messages)
        except TemplateFault:
            # Several templates know no system role: what the system says opens the first turn.
            messages = _without_system(messages)
            frame = self._frame(messages)
        pieces: list[Piece] = []
        for place, part in enumerate(_PLACEHOLDER.split(frame)):
            from_template = place % 2 == 0
            if from_template:
                piece = Piece(part, from_template=True)
            else:
                message = messages[int(part)]
                piece = Piece(message.content, from_template=False, fixed=message.fixed)
            if piece.text:
                pieces.append(piece)
        return pieces

    def _why_unusable(self) -> str:
        if not self.source:
            return "the model brings no chat template"
        if len(self.source) > _LONGEST_SOURCE:
            return "the model's chat template is too long"
        self._run((_TRIAL, *_USUAL))
        trial = self._frames[_TRIAL]
        if isinstance(trial, TemplateFault):
            return f"the model's chat template cannot be used: {trial}"
        return ""

    def _frame(self, messages: Sequence[Message]) -> str:
        """The rendered template with a placeholder for each message. Raises TemplateFault."""
        shape = tuple(message.role for message in messages)
        if self.fallback_reason:
            return chatml(shape)
        if shape not in self._frames:
            self._run((shape,))
        found = self._frames[shape]
        if isinstance(found, TemplateFault):
            raise found
        return found

    def _run(self, shapes: tuple[Shape, ...]) -> None:
        found = run_template(self.source, self._specials, shapes)
        self._frames |= {
            shape: _checked(one, shape) for shape, one in zip(shapes, found, strict=True)
        }


def chatml(shape: Shape) -> str:
    """The frame of ChatML, with a placeholder for each message."""
    turns = [f"<|im_start|>{role}\n\ue000{n}\ue001<|im_end|>\n" for n, role in enumerate(shape)]
    return "".join(turns) + "<|im_start|>assistant\n"


def _checked(frame: str | TemplateFault, shape: Shape) -> str | TemplateFault:
    if isinstance(frame, TemplateFault):
        return frame
    if [int(place) for place in _PLACEHOLDER.findall(frame)] != list(range(len(shape))):
        return TemplateFault("it leaves out or repeats a message")
    return frame


def _without_system(messages: Sequence[Message]) -> list[Message]:
    """The messages with a leading system message put before the first user's words."""
    if len(messages) < 2 or messages[0].role != "system":
        raise TemplateFault("it accepts no such order of messages")
    joined = f"{messages[0].content}\n\n{messages[1].content}"
    return [Message(messages[1].role, joined), *messages[2:]]
