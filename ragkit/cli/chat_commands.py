"""What begins with "/" in a chat: each does one thing and says what it did."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ragkit.conversation.telling import HELP, help_lines, told
from ragkit.errors import UsageFault
from ragkit.flows.conversing import Conversation
from ragkit.rendering.conversation import show_reasons, show_sources
from ragkit.rendering.terminal import place_of
from ragkit.types.conversation import Turn

QUIT = "quit"
_LONGEST_NUMBER = 9
"""Digits: more are no number of a turn, and Python reads only 4,300."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command shows: for --json, and for people."""

    data: dict[str, object]
    text: str


def run(line: str, conversation: Conversation, width: int) -> Said | None:
    """Do what a line that begins with "/" says; None for /quit. Raises UsageFault for another word."""
    word, _, rest = line[1:].strip().partition(" ")
    word, rest = word.casefold(), rest.strip()
    if word == QUIT:
        return None
    if word not in _COMMANDS:
        near = difflib.get_close_matches(word, (*_COMMANDS, QUIT), n=1)
        meant = told("meant", conversation.language, near=near[0]) if near else ""
        raise _fault(conversation, "no command", "help lists", meant, word=word)
    said = _COMMANDS[word](conversation, rest, width)
    return Said({"version": 1, "command": word, **said.data}, said.text)


def _fault(
    conversation: Conversation, key: str, hint: str = "", more: str = "", **named: object
) -> UsageFault:
    """key, hint: of telling.py, in the conversation's language. more: behind the sentence."""
    language = conversation.language
    advice = told(hint, language) if hint else ""
    return UsageFault(told(key, language, **named) + more, hint=advice)


def _sources(conversation: Conversation, rest: str, width: int) -> Said:
    turn = _last(conversation)
    cited = [citation.as_dict() for citation in turn.answer.citations]
    text = show_sources(turn, conversation.language, width=width)
    return Said({"turn": turn.number, "citations": cited}, text)


def _why(conversation: Conversation, rest: str, width: int) -> Said:
    turn = _last(conversation)
    explanation = turn.answer.explanation
    data: dict[str, object] = {"turn": turn.number}
    data["explanation"] = explanation.as_dict() if explanation else None
    return Said(data, show_reasons(turn, conversation.language, width=width))


def _last(conversation: Conversation) -> Turn:
    turn = conversation.last
    if turn is None:
        raise _fault(conversation, "no answer")
    return turn


def _asis(conversation: Conversation, rest: str, width: int) -> Said:
    if rest not in ("", "on", "off"):
        raise _fault(conversation, "on or off", "asis usage", rest=rest)
    conversation.as_typed = rest != "off"
    now = "as typed" if conversation.as_typed else "rewritten"
    return Said({"as_typed": conversation.as_typed}, told(now, conversation.language))


def _forget(conversation: Conversation, rest: str, width: int) -> Said:
    count = conversation.forget(_number(conversation, rest))
    language, kept = conversation.language, conversation.saving.path
    text = told("forgot" if count == 1 else "forgot many", language, count=count)
    if kept and count:
        text += told("still holds", language, place=place_of(str(kept), None))
    return Said({"forgotten": count}, text)


def _number(conversation: Conversation, rest: str) -> int:
    """Of a turn; 0 for all of them, where none is named. Raises UsageFault."""
    if not rest:
        return 0
    if not rest.isdecimal() or len(rest) > _LONGEST_NUMBER:
        raise _fault(conversation, "no number", "forget usage", rest=rest)
    number = int(rest)
    if not number:
        raise _fault(conversation, "from one", "forget usage")
    return number


def _save(conversation: Conversation, rest: str, width: int) -> Said:
    if not rest:
        raise UsageFault(told("save usage", conversation.language), hint="/save conversation.jsonl")
    count = len(conversation.turns)
    place = conversation.save(Path(rest))
    key, shown = "saved" if count == 1 else "saved many", place_of(str(place), None)
    text = told(key, conversation.language, count=count, place=shown)
    return Said({"saved": str(place), "turns": count}, text)


def _help(conversation: Conversation, rest: str, width: int) -> Said:
    commands = {name: about for name, (about, _) in HELP.items()}
    return Said({"commands": commands}, "\n".join(help_lines(conversation.language)))


_COMMANDS: dict[str, Callable[[Conversation, str, int], Said]] = {
    "sources": _sources,
    "why": _why,
    "asis": _asis,
    "forget": _forget,
    "save": _save,
    "help": _help,
}
