"""Values after a label: "Date of birth: 8 June 1943", "Patient | Ana Ruiz", or on the line below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ragkit.templates.document import Reading
from ragkit.templates.parties import person_at
from ragkit.templates.phrases import compiled
from ragkit.templates.template import Rule
from ragkit.templates.values import Value
from ragkit.types import Span

LONGEST_LABELLED = 300
"""Characters of a labelled value."""
_MOST_EMPTY_LINES = 2
"""Between a label and its value."""
_TO_LABELLED = 60
"""Characters after a label in which a date, an amount or a time begins."""
_JOINED_WITHIN = 80
"""Characters between two labelled values that are one."""
MARKER = re.compile(r"[ \t]*(?:\(?\d{1,2}[.)]|[-*•–—·])[ \t]+")
"""Before an item of a list."""
_ANOTHER_LABEL = re.compile(
    r"(?:\s\s|[|;\t]\s?|[.,]\s)[^\W\d_][\w.º° /()-]{1,30}?:(?!//)"
    r"|\s[^\W\d_a-z][\w.º°/-]*(?: (?:de|del|of)? ?[a-záéíóúñ]+){0,3}\s?:(?!//)|\|"
)
"""What ends a labelled value in its line: the next label, or the next cell."""
_LABEL = re.compile(r"[^\W\d_][\w.º° /()-]{1,40}?:(?!//)")
_FAR = 2
"""Spaces after which a label stands in a column of its own."""


def labelled(rule: Rule, reading: Reading, place: Span) -> Iterator[Value]:
    """The values that stand after a label of the rule."""
    for label in rule.label:
        for match in _label_pattern(label).finditer(reading.folded, place.start, place.end):
            if not _is_head_of_column(reading, match):
                yield from _after_label(rule, reading, match)


def joined(rule: Rule, reading: Reading, place: Span) -> Iterator[tuple[Value, str]]:
    """Two labelled values that stand near each other, as one, with the words of both: "Ana Ruiz Gil" of
    "Nombre: Ana. Apellidos: Ruiz Gil"."""
    second = Rule("text", label=rule.joined)
    for first in labelled(rule, reading, place):
        near = Span(first.end, min(first.end + _JOINED_WITHIN, place.end))
        if other := next(labelled(second, reading, near), None):
            words = (reading.text[part.start : part.end] for part in (first, other))
            both = Value(first.start, other.end, "", f"{first.key} {other.key}")
            yield both, " ".join(" ".join(words).split())


@lru_cache(maxsize=1_000)
def _label_pattern(label: str) -> re.Pattern[str]:
    """A label opens a line, a cell or a sentence, and a mark or a line end follows; one of several words
    may stand anywhere."""
    whole = compiled(label).whole
    assert whole is not None  # a label has no slot: looked at when the template is read
    anywhere = r"|(?<=\s)(?=\S)" if " " in label.strip() else ""
    return re.compile(
        rf"(?:(?P<line>^)[ \t]{{0,60}}|(?<=[|;\t])|(?<=\s\s)(?=\S)|(?<=[.;)]\s){anywhere})"
        rf"[ \t*#•\"“-]{{0,8}}(?:{whole.pattern})"
        r"[\"”*]{0,3}(?:[ \t]*\([^()\n]{0,30}\))?[ \t]*"
        r"(?::\**|(?P<cell>\|)|(?(line)\.?[ \t]*\n(?=[ \t]*\S)|(?!)))",
        re.MULTILINE,
    )


def _is_head_of_column(reading: Reading, match: re.Match[str]) -> bool:
    """Whether a label is a cell of a row of many: then what is beside it is another label."""
    if match["cell"] is None:
        return False
    start = reading.text.rfind("\n", 0, match.end()) + 1
    end = reading.text.find("\n", match.end())
    row = reading.text[start : end if end >= 0 else len(reading.text)]
    return row.strip(" |").count("|") > 1


def _after_label(rule: Rule, reading: Reading, match: re.Match[str]) -> Iterator[Value]:
    text, at = reading.text, match.end()
    start = at
    while start < len(text) and text[start].isspace():
        start += 1
    breaks = text.count("\n", at, start)
    is_below = match.group().endswith("\n") or breaks > 0
    if breaks > _MOST_EMPTY_LINES or (is_below and text[start : start + 1].islower()):
        return
    if (is_below or start - at >= _FAR) and _LABEL.match(text, start):
        return  # "Allergies:" and nothing, then the next label with a value of its own
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    if rule.read_as == "list":
        yield from _items(reading, start)
        return
    if another := _ANOTHER_LABEL.search(text, start, end):
        end = another.start()
    if rule.read_as == "party" and (person := person_at(text, start, end)):
        yield person
        return
    if rule.read_as in ("text", "yes/no", "party"):
        end = _whole_sentences(reading, start, end)
        yield from bare(reading, start, cut_at_word(text, start, end, LONGEST_LABELLED), rule)
        return
    for value in reading.values_between(rule.read_as, start, end):
        if value.start - start <= _TO_LABELLED:
            yield value
        return


def _whole_sentences(reading: Reading, start: int, end: int) -> int:
    """The end of the text of a line that goes on in the next one: to the end of its sentence where it has
    no other, else to that of the one before."""
    following = reading.text[end : end + 2]
    if not following.startswith("\n") or not following[1:].islower():
        return end
    last = reading.sentence_at(end - 1)
    if last.end <= end:
        return end
    if last.start > start:
        return last.start
    return last.end if last.end - start <= LONGEST_LABELLED else end


def cut_at_word(text: str, start: int, end: int, longest: int) -> int:
    """The end of a stretch, or of its whole words where it has more than `longest` characters."""
    if end - start <= longest:
        return end
    return max(text.rfind(" ", start, start + longest + 1), start + 1)


def bare(reading: Reading, start: int, end: int, rule: Rule) -> Iterator[Value]:
    """A stretch without the marks around it."""
    text = reading.text
    while start < end and not (text[start].isalnum() or text[start] in "([$€£<>+-"):
        start += 1
    while end > start and text[end - 1] in " \t\r\n,;:*|":
        end -= 1
    if text[start:end].count(".") == 1 and text[end - 1] == ".":
        end -= 1
    if any(sign.isalnum() for sign in text[start:end]):
        words = " ".join(reading.folded[start:end].split())
        yield Value(start, end, rule.says, rule.says or words)


def _items(reading: Reading, start: int) -> Iterator[Value]:
    """The items of a list that begins there: lines with a marker, else the one line."""
    text = reading.text
    plain = Rule("list")
    listed = bool(MARKER.match(text, text.rfind("\n", 0, start) + 1)) or bool(
        MARKER.match(text, start)
    )
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        marker = MARKER.match(text, start, end)
        yield from bare(reading, marker.end() if marker else start, end, plain)
        start = end + 1
        if not listed or not MARKER.match(text, start):
            return
