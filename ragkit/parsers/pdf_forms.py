"""The fields of a form: each value is put beside its label, where PDFium has all values after all labels.

A value follows the nearest text to its left; that of a button with its label to the right of it follows
that. A value without either stands on a line of its own below what is above it. What a text field draws
is what is read of it; its value in the file is taken only where nothing is drawn.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ragkit.parsers.lines import LINE_END_HYPHEN
from ragkit.parsers.pdf_layer import Box, Line, PdfLayer, Word, around, line_from, lines_of, parted
from ragkit.parsers.pdf_notes import CHECKBOX, LIST, RADIO, Widget

CHOSEN = "(chosen)"
"""What follows the label of the radio button that is on, where each button has its own."""
_BORDER = 3.0
"""Points by which a field's border, or its label, may reach over the field's box."""
_BESIDE, _APART = 20.0, 12.0
"""Points: how far from a button its label to the right begins at most; a gap that ends that label."""
_FAR, _ABOVE = 72.0, 16.0
"""Points: text to the left that is farther is no label if there is text above that is no farther."""
_UPRIGHT = 8.0
"""Points: the least height of a rule that parts a field from the text to its left."""
_MARK = 2
"""Most characters that draw the tick of a button."""
_WIDTH, _SPACE = 4.5, 2.0
"""Points that a character of a value and the space before it are taken to need beside its label."""


@dataclass(frozen=True, slots=True)
class Field:
    """A widget and its place on the page as shown."""

    box: Box
    widget: Widget

    @property
    def is_button(self) -> bool:
        return self.widget.kind in (CHECKBOX, RADIO)

    def holds(self, box: Box) -> bool:
        return (
            self.box.left <= box.centre <= self.box.right
            and self.box.bottom <= box.middle <= self.box.top
        )

    def draws(self, word: Word) -> bool:
        """Whether the word is this field's: part of its value or, of a button, its tick."""
        if not self.holds(word.box):
            return False
        return len(word.text) <= _MARK if self.is_button else bool(self.widget.value)


def with_fields(layer: PdfLayer, fields: Sequence[Field]) -> PdfLayer:
    """The layer with the text of each field beside its label. Its words are single words."""
    ordered = sorted(fields, key=lambda field: (-field.box.middle, field.box.left))
    drawn: dict[int, list[Word]] = {}
    for word in layer.words:
        holder = next((n for n, field in enumerate(ordered) if field.draws(word)), None)
        if holder is not None:
            drawn.setdefault(holder, []).append(word)
    for holder, words in drawn.items():
        _add_overflow(ordered[holder], words, layer.words)
    taken = {word.start for words in drawn.values() for word in words}
    form = _Form(_static(layer, taken), ordered, _rules(layer.rules, fields))
    for number, field in enumerate(ordered):
        form.add(field, drawn.get(number, ()))
    return _rebuilt(layer, form)


def cut_at(
    fields: Sequence[Field], words: Iterable[Word], place: Callable[[int], Box]
) -> tuple[Word, ...]:
    """The words, cut where one field ends: PDFium runs values together.

    place: of a character, by its number in the layer's text.
    """
    pieces: list[Word] = []
    for word in words:
        if not any(field.box.meets(word.box) for field in fields):
            pieces.append(word)
            continue
        boxes = [place(word.start + number) for number in range(len(word.text))]
        numbered = enumerate(_holder(fields, box) for box in boxes)
        for _, group in itertools.groupby(numbered, key=lambda pair: pair[1]):
            numbers = [number for number, _ in group]
            first, last = numbers[0], numbers[-1]
            text = word.text[first : last + 1]
            pieces.append(Word(text, word.start + first, around(boxes[first : last + 1])))
    return tuple(pieces)


def _holder(fields: Sequence[Field], box: Box) -> int:
    return next((number for number, field in enumerate(fields) if field.holds(box)), -1)


def _add_overflow(field: Field, drawn: list[Word], words: Sequence[Word]) -> None:
    """Add to a field's words those after them that its value goes on with, beyond its box."""
    if field.is_button:
        return
    value, text = _squeezed([field.widget.value]), _squeezed(word.text for word in drawn)
    for word in words[words.index(drawn[-1]) + 1 :]:
        text += _squeezed([word.text])
        if not value.startswith(text):
            return
        drawn.append(word)


def _squeezed(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


def _static(layer: PdfLayer, taken: set[int]) -> list[Line]:
    """The lines without the words of fields, nor lines that hold nothing else."""
    lines = []
    for line in lines_of(layer.text, layer.words):
        words = [word for word in line.words if word.start not in taken]
        if len(words) == len(line.words):
            lines.append(line)
        elif words:
            lines.append(line_from(words, layer.text))
    return _downwards(parted(lines, layer.text))


def _downwards(lines: list[Line]) -> list[Line]:
    """The lines from the top where they run upwards, as PDFium gives those of a page shown turned."""
    middles = [line.box.middle for line in lines if line.box]
    upwards = sum(second > first for first, second in itertools.pairwise(middles))
    return lines[::-1] if 2 * upwards > max(1, len(middles) - 1) else lines


def _rules(rules: Iterable[Box], fields: Sequence[Field]) -> tuple[Box, ...]:
    """The rules that are not the border of a field."""
    return tuple(rule for rule in rules if not any(_is_border(rule, field.box) for field in fields))


def _is_border(rule: Box, box: Box) -> bool:
    across = box.left - _BORDER <= rule.left and rule.right <= box.right + _BORDER
    return across and box.bottom - _BORDER <= rule.bottom and rule.top <= box.top + _BORDER


def _rebuilt(layer: PdfLayer, form: _Form) -> PdfLayer:
    """The layer whose text is these lines."""
    text = ""
    words: list[Word] = []
    for line, shown in zip(form.lines, form.ends, strict=True):
        start = len(text)
        for word in line:
            words.append(word._replace(start=start))
            start += len(word.text) + 1
        text += " ".join(word.text for word in line) + (shown or " \n")
    return replace(layer, text=text, words=tuple(words), rules=form.rules, has_fields=True)


class _Form:
    """The lines of a page while the values of its form are added to them.

    ends: of each line, the hyphen that closes it, or "".
    """

    def __init__(
        self, lines: Sequence[Line], fields: Sequence[Field], rules: tuple[Box, ...]
    ) -> None:
        kept = [line for line in lines if line.words]
        self.lines = [list(line.words) for line in kept]
        self.ends = [LINE_END_HYPHEN * line.text.endswith(LINE_END_HYPHEN) for line in kept]
        self.fields, self.rules = fields, rules
        self._static = [word for line in self.lines for word in line]
        self._last: dict[int, Word] = {}
        """By the place of a label's last word in the text: the value that was put after it last."""

    def add(self, field: Field, drawn: Sequence[Word]) -> None:
        """Put a field's text into the lines."""
        left, right = self._left(field), self._right(field)
        if field.is_button and right and _is_nearer(right[0], left, field.box):
            self._mark(field, right[-1])
        elif text := _text(field, drawn):
            if left:
                self._put(left, text, field.box)
            else:
                self._put_below(Word(text, -1, field.box))

    def _left(self, field: Field) -> Word | None:
        """The label to the left: the nearest word of the highest line beside the field."""
        box = field.box
        beside = [w for w in self._static if _beside(w, box) and w.box.right <= box.left + _BORDER]
        if not beside:
            return None
        top = max(beside, key=lambda word: word.box.middle).box
        word = max(
            (w for w in beside if w.box.middle >= top.bottom), key=lambda word: word.box.right
        )
        is_far = box.left - word.box.right > _FAR and any(_is_above(w, box) for w in self._static)
        return None if is_far or self._is_parted(word.box, box) else word

    def _right(self, field: Field) -> list[Word]:
        """The words of the label to the right of a button."""
        box = field.box
        beside = [w for w in self._static if _beside(w, box) and w.box.left >= box.right - _BORDER]
        label: list[Word] = []
        end = box.right
        for word in sorted(beside, key=lambda word: word.box.left):
            most = _APART if label else _BESIDE
            if word.box.left - end > most or self._is_parted(Box(*box[:2], end, box.top), word.box):
                break
            label.append(word)
            end = word.box.right
        return label

    def _is_parted(self, left: Box, right: Box) -> bool:
        """Whether a rule stands between two boxes."""
        return any(
            rule.height > _UPRIGHT
            and left.right - 1 <= rule.left <= right.left + 1
            and rule.bottom <= right.middle <= rule.top
            for rule in self.rules
        )

    def _mark(self, field: Field, last: Word) -> None:
        """Put a button's state after its label to the right."""
        if field.widget.kind == RADIO:
            if field.widget.is_on:
                self._put(last, CHOSEN, last.box)
            return
        self._put(last, _state(field), last.box, colon=last.text[-1].isalnum())

    def _put(self, label: Word, text: str, box: Box, *, colon: bool = False) -> None:
        """After the label, close to it, so that no column is seen between them."""
        after = self._last.get(label.start, label)
        line, place = self._place_of(after)
        if colon and after is label:
            line[place] = after._replace(text=f"{after.text}:")
        left = after.box.right + _SPACE
        right = max(left + 1, min(left + _WIDTH * len(text), max(box.right, left + 1)))
        value = Word(text, -1, Box(left, label.box.bottom, right, label.box.top))
        line.insert(place + 1, value)
        self._last[label.start] = value

    def _place_of(self, word: Word) -> tuple[list[Word], int]:
        """The line with that word and its place there."""
        for line in self.lines:
            for place, other in enumerate(line):
                if other is word or (word.start >= 0 and other.start == word.start):
                    return line, place
        raise AssertionError("a label stands on one of the lines")

    def _put_below(self, value: Word) -> None:
        """On a line of its own below the nearest above it, or on that of a value beside it."""
        above, least = -1, (True, math.inf)
        for number, line in enumerate(self.lines):
            if line[0].start < 0 and _beside(line[0], value.box):
                line.append(value)
                return
            for word in line:
                distance = word.box.middle - value.box.middle
                if distance > 0:
                    nearness = (not _over(word.box, value.box), distance)
                    above, least = (number, nearness) if nearness <= least else (above, least)
        self.lines.insert(above + 1, [value])
        self.ends.insert(above + 1, "")


def _text(field: Field, drawn: Sequence[Word]) -> str:
    """What is told of a field; "" if it is empty, or a radio button that is not on."""
    kind, value = field.widget.kind, field.widget.value
    if kind == CHECKBOX:
        return _state(field)
    if kind == RADIO:
        return (value or "yes") if field.widget.is_on else ""
    texts = [word.text for word in drawn]
    is_whole = _squeezed(texts) == _squeezed([value])
    return " ".join(texts) if texts and kind != LIST and not is_whole else value


def _state(field: Field) -> str:
    return "yes" if field.widget.is_on else "no"


def _is_nearer(right: Word, left: Word | None, box: Box) -> bool:
    return left is None or right.box.left - box.right < box.left - left.box.right


def _beside(word: Word, box: Box) -> bool:
    return box.bottom - 1 <= word.box.middle <= box.top + 1


def _over(box: Box, other: Box) -> bool:
    return box.left < other.right and other.left < box.right


def _is_above(word: Word, box: Box) -> bool:
    return _over(word.box, box) and 0 <= word.box.middle - box.top <= _ABOVE
