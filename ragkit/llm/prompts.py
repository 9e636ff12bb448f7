"""The words the model is given. Kept short: on a CPU every prompt token is waiting time.

The evidence comes before the question, so that a second question over the same evidence finds it
already read. Its sentences are put on one line each: no text of a document begins a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from string import Template

from ragkit.invisible import visible
from ragkit.protocols import Message
from ragkit.types import Evidence

_LANGUAGES = ("en", "es")
_LONGEST_NAME = 32
_NAME_ENDING = 14
"""Characters: what tells numbered files of one kind apart stands at the end."""


def compose_messages(
    question: str, language: str, evidence: Sequence[Evidence], max_sentences: int
) -> list[Message]:
    """The instruction and the question with its numbered evidence. language: ISO 639-1."""
    user = _fill(
        "compose_user",
        language,
        evidence="\n".join(evidence_lines(evidence)),
        question=_one_line(question),
        count=str(max_sentences),
    )
    return [_instruction("compose_system", language), Message("user", user)]


def summary_messages(
    question: str, language: str, evidence: Sequence[Evidence], max_sentences: int
) -> list[Message]:
    """Asks for numbered sentences of documents in other words; question: what matters, or ""."""
    focus = _fill("summary_focus", language, question=_one_line(question)) if question else ""
    user = _fill(
        "summary_user",
        language,
        evidence="\n".join(evidence_lines(evidence)),
        count=str(max_sentences),
        focus=focus,
    )
    return [_instruction("summary_system", language), Message("user", user.strip())]


def repair_request(language: str, problems: Sequence[str], evidence: Sequence[Evidence]) -> Message:
    """Asks for the last sentence again, saying what was wrong with it."""
    said = " ".join(_one_line(sentence.text) for sentence in evidence)
    return Message(
        "user", _fill("repair_user", language, problems="; ".join(problems), evidence=said)
    )


def evidence_lines(evidence: Sequence[Evidence]) -> list[str]:
    """`[1] (contract.pdf) The term is two years.`: the document's name where it changes.

    Names of files are long in tokens (long ones are shortened), and small models repeat what stands on
    every line.
    """
    several = len({sentence.document_id for sentence in evidence}) > 1
    lines: list[str] = []
    last = None
    for sentence in evidence:
        lines.append(evidence_line(sentence, named=several and sentence.document != last))
        last = sentence.document
    return lines


def evidence_line(sentence: Evidence, *, named: bool = True) -> str:
    """`[1] The term is two years.`, with the name of its document if `named`."""
    name = f"({_short_name(sentence.document)}) " if named else ""
    return f"[{sentence.number}] {name}{_one_line(sentence.text)}"


def _short_name(document: str) -> str:
    """The file's name. Of a long one what it begins and ends with: a register's number in 80 letters takes
    as many tokens as a sentence."""
    name = _one_line(document.rsplit("/", 1)[-1])
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - _NAME_ENDING - 1]}…{name[-_NAME_ENDING:]}"


def _instruction(name: str, language: str) -> Message:
    """A prompt without variables: what a model makes of it may be kept."""
    return Message("system", _fill(name, language), fixed=True)


def _one_line(text: str) -> str:
    """Without what no reader of the page sees: Unicode's tags can spell out whole instructions."""
    return " ".join(visible(text).split())


def _fill(name: str, language: str, **words: str) -> str:
    """A prompt with its variables. What is put in is not searched for variables again."""
    known = language if language in _LANGUAGES else "en"
    return _template(f"{name}_{known}.txt").substitute(words)


@lru_cache
def _template(file_name: str) -> Template:
    text = (files("ragkit.llm") / "prompts" / file_name).read_text(encoding="utf-8")
    return Template(text.strip())
