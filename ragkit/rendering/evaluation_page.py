"""An evaluation as one HTML page that needs nothing else: no script, no network, no other file.

How it is framed and kept from loading anything: page.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ragkit.evaluation.measures import CUTOFFS
from ragkit.rendering.evaluation import (
    CHANGES,
    MEANINGS,
    Row,
    change_line,
    difference_rows,
    excerpt,
    facts_of,
    found_line,
    group_rows,
    in_words,
    label_of,
    main_of,
    missing_lines,
    rank_rows,
    single_rows,
    sorted_groups,
    title_of,
    unpaired_of,
    verdict_of,
    went,
    worst_of,
)
from ragkit.rendering.evaluation_answers import answer_rows, in_groups, meanings
from ragkit.rendering.page import page, words
from ragkit.rendering.plots import Point, Series, bar_plot, line_plot
from ragkit.rendering.times import local_time
from ragkit.types.evaluation import Comparison, Evaluation, FigureGroup, QuestionResult

MORE_STYLE = """
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
th,td{padding:.2rem .5rem;text-align:right;border-top:1px solid var(--line)}
th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}
td:not(:first-child){white-space:nowrap}
thead th{border-top:0;color:var(--soft);font-weight:600}
.scroll{overflow-x:auto}
svg{width:100%;height:auto;font-size:12px;fill:var(--ink);margin-top:.5rem}
svg .grid{stroke:var(--line);stroke-width:1}
svg polyline{fill:none;stroke-width:2}
svg polyline.s0{stroke:#2f6fb2}svg circle.s0{fill:#2f6fb2}svg line.s0{stroke:#2f6fb2}
svg polyline.s1{stroke:#c2703d}svg circle.s1{fill:#c2703d}svg line.s1{stroke:#c2703d}
svg .thin{stroke-width:1.5}svg .bar{fill:#7ba7d4}
svg .whisker{stroke:var(--ink);stroke-width:1.5}
blockquote{margin:.2rem 0 .4rem 1rem;padding-left:.7rem;border-left:2px solid var(--line)}
"""
MOST_BARS = 45
"""Groups in the plot; a page of more bars is not read."""


def as_html(evaluation: Evaluation, comparison: Comparison | None = None) -> str:
    """The whole page."""
    body = "\n".join(_body(evaluation, comparison))
    return page(title_of(evaluation), body, MORE_STYLE)


def _body(evaluation: Evaluation, comparison: Comparison | None) -> Iterator[str]:
    yield f"<header>\n<h1>{words(title_of(evaluation))}</h1>"
    yield f'<p class="when">{words(local_time(evaluation.started))}</p>'
    yield from (f'<p class="lead">{words(line)}</p>' for line in in_words(evaluation))
    yield f'<p class="aside">{words(facts_of(evaluation))}</p>\n</header>'
    if notes := [*missing_lines(evaluation), *evaluation.notes]:
        yield _section("To be known", _items(notes), "warn")
    if comparison is not None:
        yield from _compared(comparison)
    if rows := rank_rows(evaluation):
        table = _table(("passages", *map(str, CUTOFFS)), rows)
        yield _section("By the number of passages", _by_rank(evaluation) + table)
    if rows := single_rows(evaluation):
        table = _table(("measure", "mean", "95 %", "questions"), rows)
        yield _section("Over all passages", table)
    if cells := answer_rows(evaluation):
        table = _table(("measure", "mean", "95 %", "questions"), [Row(line) for line in cells])
        yield _section(f"Answers, {evaluation.style} style", table)
    if evaluation.groups:
        yield _section(f"By {evaluation.by}", _groups(evaluation))
    if worst := worst_of(evaluation):
        yield _section("The questions that went worst", "\n".join(map(_question, worst)))
    yield _section("What the measures mean", _items([*MEANINGS.values(), *meanings(evaluation)]))
    yield _foot(evaluation)


def _by_rank(evaluation: Evaluation) -> str:
    """Recall, or where there are no gold places the share of right documents, by rank."""
    shown = ("recall", "span_hit") if evaluation.figure("recall@8") else ("doc_hit",)
    series = []
    for name in shown:
        figures = [(k, evaluation.figure(f"{name}@{k}")) for k in CUTOFFS]
        points = (Point(str(k), f.value, f.low, f.high) for k, f in figures if f)
        series.append(Series(label_of(name), tuple(points)))
    return line_plot(series, "passages")


def _groups(evaluation: Evaluation) -> str:
    name = main_of(evaluation)
    measured = label_of(name)
    points = [_point(group, name) for group in sorted_groups(evaluation)]
    shown = [point for point in points if point is not None][:MOST_BARS]
    plot = bar_plot(shown, f"{measured} by {evaluation.by}") if shown else ""
    head = (evaluation.by, "questions", "documents", measured, "95 %")
    tables = _table(head, group_rows(evaluation))
    if cells := in_groups(evaluation):
        tables += _table(cells[0], [Row(line) for line in cells[1:]])
    return plot + tables


def _point(group: FigureGroup, name: str) -> Point | None:
    figure = group.figure(name)
    return None if figure is None else Point(group.name, figure.value, figure.low, figure.high)


def _compared(comparison: Comparison) -> Iterator[str]:
    verdict = next(d.verdict for d in comparison.differences if d.name == comparison.main)
    tone = {"better": "good", "worse": "bad"}.get(verdict, "plain")
    inner = f"<p>{words(verdict_of(comparison))}</p>"
    if notes := [line for line in (unpaired_of(comparison), *comparison.notes) if line]:
        inner += _items(notes)
    head = ("measure", "before", "now", "difference", "95 %", "")
    inner += _table(head, difference_rows(comparison.differences))
    if comparison.by_group:
        inner += "<p>" + words(f"{label_of(comparison.main)}:") + "</p>"
        inner += _table(head, difference_rows(comparison.by_group, labelled=False))
    for heading, changes in (("Better", comparison.better), ("Worse", comparison.worse)):
        if changes:
            lines = [change_line(change) for change in changes[:CHANGES]]
            inner += f"<p>{heading}: {len(changes)}</p>" + _items(lines)
    yield _section(f"Against {comparison.before}", inner, tone)


def _question(result: QuestionResult) -> str:
    gold = "".join(map(_quoted, result.gold))
    items = [_item(f"the answer stands in {result.document}", gold)]
    items += [_item(found_line(place), _quoted(place.text)) for place in result.found]
    return (
        f'<details>\n<summary>{words(result.question)} <span class="aside">{words(result.id)}: '
        f"{words(went(result))}</span></summary>\n<ul>{''.join(items)}</ul>\n</details>"
    )


def _item(line: str, quoted: str) -> str:
    return f'<li><span class="aside">{words(line)}</span>{quoted}</li>'


def _quoted(text: str) -> str:
    return f"<blockquote>{words(excerpt(text))}</blockquote>" if text else ""


def _section(heading: str, inner: str, tone: str = "plain") -> str:
    return f'<section class="{tone}">\n<h2>{words(heading)}</h2>\n{inner}\n</section>'


def _items(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{words(line)}</li>" for line in lines) + "</ul>"


def _table(head: Sequence[str], rows: Sequence[Row]) -> str:
    top = "".join(f"<th>{words(cell)}</th>" for cell in head)
    lines = (
        "<tr>" + "".join(f"<td>{words(cell)}</td>" for cell in row.cells) + "</tr>" for row in rows
    )
    return (
        f'<div class="scroll"><table>\n<thead><tr>{top}</tr></thead>\n<tbody>\n'
        + "\n".join(lines)
        + "\n</tbody></table></div>"
    )


def _foot(evaluation: Evaluation) -> str:
    has_text = any(result.gold for result in evaluation.results)
    holds = "shows words of the documents" if has_text else "names documents and shows questions"
    return (
        "<footer>Intervals hold 95 % of 2,000 drawings of the documents, each with all its questions: "
        f"questions on the same document hang together. This page {holds}.</footer>"
    )
