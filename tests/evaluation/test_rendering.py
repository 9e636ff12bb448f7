"""The report as text, Markdown and a page: what is in it, and that nothing in it means anything."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ragkit.evaluation.comparing import compare
from ragkit.evaluation.measures import Found, Target, measure
from ragkit.evaluation.summing import figures_of, groups_of
from ragkit.gold import GoldSpan
from ragkit.rendering.evaluation import as_text
from ragkit.rendering.evaluation_markdown import as_markdown
from ragkit.rendering.evaluation_page import as_html
from ragkit.rendering.plots import Point, Series, bar_plot, line_plot
from ragkit.types.evaluation import Evaluation, FoundPlace, QuestionResult

EVIL = "<script>alert(1)</script> \x1b[31m [x](http://evil.example) | ‮"


def result(number: int, share: float, **more: object) -> QuestionResult:
    """Question `number`, of whose 100 gold characters the first passage holds a share."""
    document = f"contract-{number % 12}.pdf"
    found = [Found(document, 0, round(100 * share), ""), Found("other.pdf", 0, 50, "")]
    measures = measure(found, [Target(document, (GoldSpan("", 0, 100),))])
    places = tuple(FoundPlace(p.document, 2, p.start, p.end, p.document == document) for p in found)
    plain = QuestionResult(
        f"q{number}",
        f"What does clause {number} say?",
        "ab"[number % 2],
        document,
        True,
        number == 3,
        {**measures, "evidence_recall": share, "whole_quote@8": float(share == 1)},
        places,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def run(*results: QuestionResult, **more: object) -> Evaluation:
    plain = Evaluation(
        pipeline="legal",
        stack="ragkit",
        embedder="all-MiniLM-L6-v2",
        generation=4,
        started="2026-11-22T02:00:00+00:00",
        seconds=2.0,
        questions_sha256="x",
        left_out=0,
        seed=0,
        by="category",
        evidence_tokens=900,
        figures=figures_of(results, 0),
        groups=groups_of(results, "category", 0),
        results=results,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.fixture
def evaluation() -> Evaluation:
    asked = [result(number, 1.0 if number % 3 else 0.25) for number in range(36)]
    asked.append(result(36, 0, answerable=False, refused=True, measures={}))
    return run(*asked, missing=(("gone.pdf", "is not in the index"),), notes=("Three things.",))


FORMS = (as_text, as_markdown, as_html)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_main_things(form, evaluation: Evaluation) -> None:  # type: ignore[no-untyped-def]
    shown = form(evaluation)
    figure = evaluation.figure("recall@8")
    assert figure is not None
    assert f"{figure.value:.3f}" in shown
    assert f"{figure.low:.2f}-{figure.high:.2f}" in shown
    assert "The first 8 passages hold 75% (" in shown
    assert "`ask` refuses 100%" in shown.replace("\\`", "`")
    assert "gone.pdf is not in the index" in shown
    assert "Three things." in shown
    assert "document MRR" in shown


@pytest.mark.parametrize("form", FORMS)
def test_every_form_compares(form, evaluation: Evaluation) -> None:  # type: ignore[no-untyped-def]
    better = run(*(result(number, 1.0) for number in range(30)))
    shown = form(better, compare(better, replace(evaluation, pipeline="old")))
    assert "against old" in shown
    assert re.search(r"gold text found in 8: better by 0\.250 \(0\.\d+ to 0\.\d+\)", shown)
    assert "0.25 -" in shown
    assert "q0" in shown


@pytest.mark.parametrize("form", [as_markdown, as_html])
def test_a_report_shows_what_was_found_instead(form, evaluation: Evaluation) -> None:  # type: ignore[no-untyped-def]
    shown = form(evaluation).replace("\\", "")
    assert "wrong document: other.pdf, p. 2, characters 0 to 50" in shown
    assert "25% of the gold text in 8 passages" in shown
    lost = replace(evaluation.results[0], measures={**measure([], [Target("a")]), "recall@8": 0.0})
    assert "no right document in 64 passages" in form(run(lost))


@pytest.mark.parametrize("form", FORMS)
def test_words_of_documents_only_where_they_are_part_of_it(form) -> None:  # type: ignore[no-untyped-def]
    plain = [result(number, 0.25) for number in range(3)]
    text = FoundPlace("contract-0.pdf", 1, 0, 9, True, text="Secret words.")
    told = form(run(*(replace(each, found=(text,), gold=("Gold words.",)) for each in plain)))
    assert ("Secret words." in told) == (form is not as_text)
    assert ("Gold words." in told) == (form is not as_text)


def test_nothing_means_anything() -> None:
    evil = result(0, 0.25, question=EVIL, id=EVIL, category=EVIL, document=EVIL)
    evaluation = run(evil, result(1, 0.5), missing=((EVIL, EVIL),), notes=(EVIL,))
    terminal, markdown, page = (form(evaluation) for form in FORMS)
    assert "\x1b" not in terminal + markdown + page
    assert "‮" not in terminal + markdown + page
    assert "<script" not in markdown + page
    assert "[x](" not in markdown
    assert "evil.example) | " not in markdown  # it would be a column more


class Tags(HTMLParser):
    """Every start tag with its attributes, and whether all were closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_loads_nothing_and_its_policy_allows_its_style(evaluation: Evaluation) -> None:
    better = run(*(result(number, 1.0) for number in range(30)))
    page = as_html(evaluation, compare(evaluation, better))
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe", "a"} & {tag for tag, _ in tags.found}
    loading = {"src", "href", "style", "onclick", "xlink:href"}
    assert not any(loading & set(attributes) for _, attributes in tags.found)
    style = page.split("<style>")[1].split("</style>")[0]
    from ragkit.rendering.page import policy_of

    assert f'content="{policy_of(style)}"' in page
    assert sum(tag == "svg" for tag, _ in tags.found) == 2


def test_plots_show_values_and_intervals_where_they_are() -> None:
    bars = bar_plot([Point("all", 0.5, 0.25, 0.75), Point("none", 0.0)], "recall")
    (whisker,) = re.findall(r'class="whisker" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"', bars)
    widths = [float(width) for width in re.findall(r'<rect[^>]* width="([\d.]+)"', bars)]
    left, right = float(whisker[0]), float(whisker[1])
    assert right - left == pytest.approx(widths[0], abs=0.2)
    assert widths[1] == 1.0
    points = (Point("1", 0.0, 0.0, 0.5), Point("8", 1.0))
    lines = line_plot([Series("recall", points)], "passages")
    heights = [float(y) for y in re.findall(r'cy="([\d.]+)"', lines)]
    assert heights[0] - heights[1] == pytest.approx(214, abs=0.2)
    assert lines.count("thin") == 1


def test_groups_are_shown_worst_first(evaluation: Evaluation) -> None:
    worse = [result(n, 0.1 if n % 2 else 1.0) for n in range(36)]
    shown = as_text(run(*worse))
    assert re.search(r"\n  b .*\n  a ", shown)
