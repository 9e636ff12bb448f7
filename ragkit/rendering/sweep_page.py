"""A sweep as one HTML page: filters without a script, a table, and counts that add up.

The filters are radio buttons that the style sheet looks at: the page needs nothing and runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

from ragkit.rendering.page import page, words
from ragkit.rendering.sweep_rows import cells_of
from ragkit.rendering.terminal import place_of
from ragkit.types.sweeps import VERDICTS, SweepCount, SweepQuestion, SweepRow

Link = Callable[[str, int | None], str]
"""(document, page) -> the address of the file, "" for none."""
_BODY = "the rows stand here"


def _style(questions: int) -> str:
    hidden = [
        f"main:has(#v-{one}:checked) tbody tr:not(.{one}){{display:none}}" for one in VERDICTS
    ]
    hidden += [
        f"main:has(#q-{n}:checked) tbody tr:not(.q{n}){{display:none}}" for n in range(questions)
    ]
    return (
        """
main{max-width:none}
fieldset{border:1px solid var(--line);border-radius:.6rem;margin:.6rem 0;background:var(--card)}
label{display:inline-block;margin:.1rem .9rem .1rem 0}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--card);font-size:.92rem}
th,td{border:1px solid var(--line);padding:.35rem .55rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}
thead th{position:sticky;top:0;background:var(--card)}
td.quote{min-width:18rem}
tr.yes td.verdict{color:var(--good)}tr.unclear td.verdict{color:var(--warn)}
tr.unreadable td.verdict{color:var(--bad)}
td.verdict{font-weight:650}
"""
        + "\n".join(hidden)
        + "\n"
    )


class HtmlRows:
    """Written as the rows come; the counts stand at the bottom."""

    def __init__(
        self, file: TextIO, title: str, questions: Sequence[SweepQuestion], link: Link
    ) -> None:
        self._file = file
        self._link = link
        self._numbers = {question.id: number for number, question in enumerate(questions)}
        start, self._after = page(title, _BODY, _style(len(questions))).split(_BODY)
        file.write(f"{start}<h1>{words(title)}</h1>\n{_filters(questions)}")
        heads = ("Document", "Question", "Verdict", "Value", "Quote", "Page", "Sure", "Why")
        cells = "".join(f"<th>{head}</th>" for head in heads)
        file.write(f'<div class="table"><table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n')

    def row(self, row: SweepRow) -> None:
        cells = cells_of(row)
        at = row.citation.page if row.citation else None
        name, address = words(place_of(row.document, None)), self._link(row.document, at)
        link = f'<a href="{words(address)}">{name}</a>' if address else name
        sure = f"{row.confidence:.0%}" if row.confidence else ""
        quote = words(row.citation.quote) if row.citation else ""
        self._file.write(
            f'<tr class="{row.verdict} q{self._numbers[row.id]}"><td>{link}</td>'
            f'<td>{words(row.id)}</td><td class="verdict">{row.verdict}</td>'
            f'<td>{words(row.value)}</td><td class="quote">{quote}</td>'
            f"<td>{cells['page']}</td><td>{sure}</td><td>{words(row.reason)}</td></tr>\n"
        )

    def end(self, counts: tuple[SweepCount, ...]) -> None:
        self._file.write("</tbody></table></div>\n")
        heads = ("Question", *VERDICTS, "all")
        self._file.write("<h2>Count</h2>\n<table><thead><tr>")
        self._file.write("".join(f"<th>{head}</th>" for head in heads) + "</tr></thead>\n<tbody>\n")
        # Outside of the filters' reach: these rows have every class that is filtered by.
        for count in counts:
            every = " ".join((*VERDICTS, *(f"q{n}" for n in range(len(counts)))))
            figures = (getattr(count, one) for one in (*VERDICTS, "total"))
            cells = "".join(f"<td>{figure}</td>" for figure in figures)
            self._file.write(f'<tr class="{every}"><td>{words(count.question)}</td>{cells}</tr>\n')
        self._file.write(f"</tbody></table>\n{self._after}")

    def close(self) -> None:
        """The file is its caller's."""


def _filters(questions: Sequence[SweepQuestion]) -> str:
    verdicts = [_radio("v", "v-all", "all", checked=True)]
    verdicts += [_radio("v", f"v-{one}", one) for one in VERDICTS]
    parts = [f"<fieldset><legend>Verdict</legend>{''.join(verdicts)}</fieldset>\n"]
    if len(questions) > 1:
        asked = [_radio("q", "q-all", "all", checked=True)]
        asked += [_radio("q", f"q-{n}", question.id) for n, question in enumerate(questions)]
        parts.append(f"<fieldset><legend>Question</legend>{''.join(asked)}</fieldset>\n")
    return "".join(parts)


def _radio(name: str, identity: str, label: str, *, checked: bool = False) -> str:
    on = " checked" if checked else ""
    return f'<label><input type="radio" name="{name}" id="{identity}"{on}> {words(label)}</label>'
