"""Gold questions: what a pipeline's owner knows the answers to, and where these stand.

A .jsonl file with one object a line, or a .yaml file with a list under `questions`. The nightly gate
and `ragkit eval` read the same files. Each question has `question` and `document` (or `doc`): a path
as search shows it, or a pattern such as 'letters/*.pdf'. All else may be left out:

    id            names it in reports
    quote         words of the document, as they stand there; `quotes` is a list of them
    page          1-based; without any quote the whole page is what is looked for
    gold_spans    a list of {"start", "end", "text", "also": [[start, end], ...]}: characters of the
                  document's text, or words alone; `also` are further places of the same words
    alternatives  other documents that answer it as well: paths, or objects with these keys
    category      what kind of question it is, for figures by category
    answerable    false where no document answers it: then it should be refused
    mini          true for questions of a quick run
    answer        the short answer: a date, an amount, a name; or yes or no. `answers` is a list of
                  spellings that are right as well
    answer_type   "short" or "yesno" where that is not plain from the answer; other types, such as
                  "long" and "choice", are not measured as short answers

Other keys are left alone, unless they look like one of these misspelt.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ragkit.errors import ConfigFault, Fault
from ragkit.yamlfile import MAXIMUM_BYTES, read_yaml

YAML_SUFFIXES = (".yaml", ".yml")
PLACE_KEYS = ("document", "doc", "quote", "quotes", "page", "gold_spans")
QUESTION_KEYS = (
    *("question", "id", "alternatives", "category", "answerable", "mini"),
    *("answer", "answers", "answer_type"),
)
_LIKE_OURS = ("answer_text",)
"""Keys of others' files that are no slip of ours."""
ANSWER_TYPES = ("short", "yesno", "yesnomaybe", "choice", "long")
YES_OR_NO = {"yes": "yes", "no": "no", "sí": "yes", "si": "yes", "true": "yes", "false": "no"}
MISSPELT = 0.8
"""How like a key must be to one of ours to be taken for it: 'qoute' and 'pages' are."""


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """Words that answer. start, end: characters of the document's text; None where only the words are
    known. also: further places of the same words. text: "" where only the place is known."""

    text: str
    start: int | None = None
    end: int | None = None
    also: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class GoldPlace:
    """A document that answers, by path or pattern, and where in it. spans: none if anywhere will do."""

    document: str
    spans: tuple[GoldSpan, ...] = ()
    page: int | None = None


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """places: any of which answers it; for a question without an answer at most one, for grouping.

    line: where it stands in its file, 1-based; 0 if not known. answers: short ones that are right.
    yes_or_no: "yes" or "no" where that answers it, else "".
    """

    id: str
    question: str
    places: tuple[GoldPlace, ...] = ()
    answerable: bool = True
    category: str = ""
    mini: bool = False
    line: int = 0
    answers: tuple[str, ...] = ()
    yes_or_no: str = ""

    @property
    def document(self) -> str:
        """The first place's path or pattern; "" for none."""
        return self.places[0].document if self.places else ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Questions that a new state must answer. minimum_recall: 0 to 1, among the first `passages`."""

    questions: tuple[GoldQuestion, ...]
    minimum_recall: float
    passages: int


def read_gold(path: Path) -> tuple[GoldQuestion, ...]:
    """The questions of a file, of which at least one has an answer.

    Raises ConfigFault with every fault in it, each with its line.
    """
    entries = _yaml_entries(path) if path.suffix.lower() in YAML_SUFFIXES else _lines(path)
    questions: list[GoldQuestion] = []
    faults: list[Fault] = []
    ids: set[str] = set()
    for number, (line, entry) in enumerate(entries, start=1):
        place = f"question {number}"
        problems = [entry] if isinstance(entry, str) else list(_problems(entry, ids))
        faults += [Fault(place, line, problem) for problem in problems]
        if not problems:
            questions.append(_question(entry, place, line))
        ids.add(str(entry.get("id", place)) if isinstance(entry, dict) else place)
    if not faults and not any(question.answerable for question in questions):
        faults.append(Fault("the file", 0, "holds no question that the documents answer"))
    if faults:
        raise ConfigFault(f"{path} has faults.", faults=faults)
    return tuple(questions)


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    """(line, what stands there; as a string why that is nothing)."""
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "is not valid JSON"
            continue
        yield number, entry if isinstance(entry, dict) else "must be an object"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise ConfigFault(f"{path} is larger than {MAXIMUM_BYTES // 1_000_000} MB.")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigFault(f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigFault(f"{path} cannot be read: {reason}.") from None


def _yaml_entries(path: Path) -> Iterable[tuple[int, Any]]:
    file = read_yaml(path)
    entries = file.data.get("questions") if isinstance(file.data, dict) else file.data
    if not isinstance(entries, list):
        raise ConfigFault(f"{path} has no list of questions.")
    prefix = "questions." if isinstance(file.data, dict) else ""
    return [
        (file.line(f"{prefix}{at}"), entry if isinstance(entry, dict) else "must be a mapping")
        for at, entry in enumerate(entries)
    ]


def _problems(entry: dict[str, Any], ids: set[str]) -> Iterator[str]:
    """What is wrong with an entry. ids: those of the questions before it."""
    yield from _misspelt(entry, (*QUESTION_KEYS, *PLACE_KEYS))
    if not _is_text(entry.get("question")):
        yield "lacks the key 'question', with text"
    for name in ("answerable", "mini"):
        if not isinstance(entry.get(name, True), bool):
            yield f"{name!r} must be true or false"
    if not isinstance(entry.get("category", ""), str | None):
        yield "'category' must be text"
    yield from _problems_of_answer(entry)
    if "id" in entry and str(entry["id"]) in ids:
        yield f"the id {entry['id']!r} stands there twice"
    if entry.get("answerable", True) is False:
        return
    yield from _problems_of_place(entry)
    yield from _problems_of_alternatives(entry.get("alternatives", []))


def _problems_of_answer(entry: dict[str, Any]) -> Iterator[str]:
    if entry.get("answer_type", "short") not in ANSWER_TYPES:
        yield f"'answer_type' must be one of {', '.join(ANSWER_TYPES)}"
    if isinstance(entry.get("answer"), dict | list):
        yield "'answer' must be text, a number, a date, yes or no; for several there is 'answers'"
    answers = entry.get("answers", [])
    if not isinstance(answers, list) or any(isinstance(one, dict | list) for one in answers):
        yield "'answers' must be a list of short answers"


def _misspelt(entry: dict[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for key in entry:
        if key not in (*known, *_LIKE_OURS) and (
            near := difflib.get_close_matches(str(key), known, 1, MISSPELT)
        ):
            yield f"the key {key!r} is not known; did you mean {near[0]!r}?"


def _problems_of_alternatives(others: Any) -> Iterator[str]:
    if not isinstance(others, list):
        yield "'alternatives' must be a list of paths or objects"
        return
    for number, other in enumerate(others, start=1):
        if isinstance(other, dict):
            found = (*_misspelt(other, PLACE_KEYS), *_problems_of_place(other))
            yield from (f"alternative {number}: {problem}" for problem in found)
        elif not _is_text(other):
            yield f"alternative {number} must be a path or an object"


def _problems_of_place(entry: dict[str, Any]) -> Iterator[str]:
    if not _is_text(entry.get("document", entry.get("doc"))):
        yield "lacks the key 'document', the path of the document that answers it"
    if entry.get("quote") is not None and not _is_text(entry["quote"]):
        yield "'quote' must be text"
    quotes = entry.get("quotes", [])
    if not isinstance(quotes, list) or not all(map(_is_text, quotes)):
        yield "'quotes' must be a list of texts"
    page = entry.get("page")
    if page is not None and (not _is_number(page) or page < 1):
        yield "'page' must be a number from 1 on"
    spans = entry.get("gold_spans", [])
    if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
        yield "'gold_spans' must be a list of objects"
        return
    for number, span in enumerate(spans, start=1):
        if problem := _problem_of_span(span):
            yield f"gold span {number}: {problem}"


def _problem_of_span(span: dict[str, Any]) -> str:
    text, ends = span.get("text"), [span.get("start"), span.get("end")]
    if text is not None and not _is_text(text):
        return "'text' must be text"
    if ends == [None, None]:
        return "" if text else "needs 'text', or 'start' and 'end'"
    if not _is_range(ends):
        return "'start' and 'end' must be numbers of characters, the start first"
    length = span["end"] - span["start"]
    if text and len(text) != length:
        return f"'text' has {len(text)} characters, from 'start' to 'end' there are {length}"
    also = span.get("also", [])
    if not isinstance(also, list) or not all(map(_is_range, also)):
        return "'also' must be a list of [start, end]"
    return ""


def _question(entry: dict[str, Any], place: str, line: int) -> GoldQuestion:
    answerable = entry.get("answerable", True)
    places: tuple[GoldPlace, ...] = ()
    if answerable:
        first = _place(entry, ())
        others = (_place(other, first.spans) for other in entry.get("alternatives", []))
        places = (first, *others)
    elif _is_text(name := entry.get("document", entry.get("doc"))):
        places = (GoldPlace(str(name).strip()),)
    return GoldQuestion(
        id=str(entry.get("id", place)),
        question=" ".join(entry["question"].split()),
        places=places,
        answerable=answerable,
        category=str(entry.get("category") or "").strip(),
        mini=entry.get("mini", False),
        line=line,
        answers=_answers(entry),
        yes_or_no=_yes_or_no(entry),
    )


def _told(entry: dict[str, Any]) -> list[str]:
    """The answers as text: of YAML "yes" is true, and a number or a date is no text."""
    given = [entry.get("answer"), *entry.get("answers", [])]
    spelled = (
        str(one).lower() if isinstance(one, bool) else str(one) for one in given if one is not None
    )
    return [" ".join(text.split()) for text in spelled if _is_text(text)]


def _answers(entry: dict[str, Any]) -> tuple[str, ...]:
    """Short answers that are right; none for a question of another type."""
    told = _told(entry)
    if entry.get("answer_type", "short") != "short" or (
        not entry.get("answer_type") and _yes_or_no(entry)
    ):
        return ()
    return tuple(told)


def _yes_or_no(entry: dict[str, Any]) -> str:
    if entry.get("answer_type", "yesno") not in ("yesno", "yesnomaybe"):
        return ""
    return next((YES_OR_NO[text.lower()] for text in _told(entry) if text.lower() in YES_OR_NO), "")


def _place(entry: dict[str, Any] | str, spans: tuple[GoldSpan, ...]) -> GoldPlace:
    """spans: what is looked for in an alternative that is a path alone: the same words."""
    if isinstance(entry, str):
        return GoldPlace(entry.strip(), tuple(GoldSpan(span.text) for span in spans if span.text))
    quotes = [*([entry["quote"]] if entry.get("quote") else []), *entry.get("quotes", [])]
    return GoldPlace(
        document=str(entry.get("document", entry.get("doc"))).strip(),
        spans=(
            *map(GoldSpan, quotes),
            *(_span(span) for span in entry.get("gold_spans", [])),
        ),
        page=entry.get("page"),
    )


def _span(span: dict[str, Any]) -> GoldSpan:
    also = tuple((first, last) for first, last in span.get("also", []))
    return GoldSpan(span.get("text") or "", span.get("start"), span.get("end"), also)


def _is_range(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        return False
    return bool(0 <= value[0] < value[1])


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    """Also of no half a character, which no tokenizer takes."""
    if not isinstance(value, str) or not value.strip():
        return False
    return not any("\ud800" <= sign <= "\udfff" for sign in value)
