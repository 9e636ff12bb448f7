"""Filters and --explain as a person meets them: new processes, the starter embedder, a small folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragkit import Scope, Workspace
from ragkit.errors import NothingInScope
from tests.cli.test_commands import Shell

pytestmark = pytest.mark.real

LEASE = (
    "LEASE AGREEMENT\n\nThis lease is made between {party} Holdings Ltd and Birch Foods Inc on 3 March "
    "{year}.\n\n1. Rent\nThe monthly rent is {rent} euros, payable on the first day of the month.\n"
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, starter_models: dict[str, Path]) -> Shell:
    """Three leases with metadata from a table and from their paths, and a note without a date."""
    folder = tmp_path_factory.mktemp("filters")
    for party, year, rent in (
        ("Alder", 2019, "4,200"),
        ("Cedar", 2021, "5,100"),
        ("Elm", 2023, "950"),
    ):
        place = folder / "files" / party.lower()
        place.mkdir(parents=True)
        text = LEASE.format(party=party, year=year, rent=rent)
        (place / "lease.txt").write_text(text, encoding="utf-8")
    (folder / "files" / "note.txt").write_text("The rent was discussed.\n", encoding="utf-8")
    table = "documento;Nº de expediente\nalder/lease.txt;12/2019\ncedar/*;7/2021\n"
    (folder / "files" / "metadata.csv").write_text(table, encoding="utf-8")
    (folder / "pipelines.yaml").write_text(
        "pipelines: {p: {folders: [files], metadata: {path: ['{client}/*']}}}\n", encoding="utf-8"
    )
    shell = Shell(folder)
    run = shell("ingest", "--json")
    assert run.code == 0, run.out
    assert run.data["documents"] == 4
    return shell


def test_filters_and_reasons_in_one_question(shell: Shell) -> None:
    run = shell(
        "--json", "search", "p", "How much is the monthly rent?", "--explain",
        "--since", "2020", "--where", "nº de EXPEDIENTE=7/*", "--where", "client=cedar",
    )  # fmt: skip
    assert run.code == 0, run.out
    assert {passage["document"] for passage in run.data["passages"]} == {"cedar/lease.txt"}
    scope = run.data["scope"]
    assert (scope["in_scope"], scope["of"], scope["undated"]) == (1, 4, 0)
    reasons = run.data["explanation"]["passages"]
    assert len(reasons) == len(run.data["passages"])
    assert "rent" in reasons[0]["matched"]
    entry = shell("audit", "show", "p", "--tail", "1", "--json").data["entries"][0]
    assert len(entry["scope"]) == 64
    assert "cedar" not in json.dumps(entry)


def test_an_answer_counts_what_its_filters_left(shell: Shell) -> None:
    run = shell("ask", "p", "How much is the monthly rent?", "--since", "2021", "--explain")
    assert run.code == 0, run.err
    assert "Searched 2 of 2 documents." in run.out
    assert "Only 2 of 4 documents (--since 2021); 1 without a known date left out." in run.out
    assert "Answered: " in run.out
    assert "4,200" not in run.out


@pytest.mark.parametrize(
    ("options", "says", "hint"),
    [
        (("--since", "03/04/2021"), "2024, 2024-03 or 2024-03-05", "--since 2021-04-03 or --since 2021-03-04"),
        (("--where", "cliente=x"), "the keys there are: client (3), Nº de expediente (2)", "client?"),
        (("--document", "elm/leese.txt"), "no document 'elm/leese.txt'", "elm/lease.txt"),
        (("--since", ""), "--since is empty", "Leave --since out"),
        (("--until", " "), "--until is empty", "Leave --until out"),
    ],
)  # fmt: skip
def test_wrong_filters_end_with_what_would_be_right(
    shell: Shell, options: tuple[str, ...], says: str, hint: str
) -> None:
    run = shell("search", "p", "rent", *options)
    assert run.code == 2
    assert run.out == ""
    assert says in run.err
    assert hint in run.err


def test_each_line_of_a_batch_may_have_its_own(shell: Shell, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    rows: list[dict[str, object]] = [
        {"id": 1, "question": "How much is the rent?"},
        {"id": 2, "question": "How much is the rent?", "scope": {"documents": "elm"}},
        {"id": 3, "question": "How much is the rent?", "scope": {"until": "1999"}},
        {"id": 4, "question": "How much is the rent?", "scope": {"until": "ayer"}},
    ]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    run = shell("search", "p", "--questions", str(questions), "--document", "cedar", "-q")
    assert run.code == 3
    found = [json.loads(line) for line in run.out.splitlines()]
    assert {p["document"] for p in found[0]["passages"]} == {"cedar/lease.txt"}
    assert {p["document"] for p in found[1]["passages"]} == {"elm/lease.txt"}
    assert (found[2]["error"], found[2]["line"]) == ("NothingInScope", 3)
    assert found[3]["error"] == "UsageFault"
    assert "Line 4 of" in run.err


def test_the_same_from_python(shell: Shell) -> None:
    with Workspace(shell.folder / "pipelines.yaml") as workspace:
        scope = Scope(types=("lease",), where={"client": ("elm", "alder")})
        result = workspace.search("p", "How much is the rent?", scope=scope, explain=True)
        assert {p.document for p in result.passages} == {"elm/lease.txt", "alder/lease.txt"}
        assert result.scope is not None
        assert result.scope.scope == scope
        assert result.explanation is not None
        assert result.explanation.passages[0].rank == 1
        with pytest.raises(NothingInScope, match="there are 2019"):
            workspace.ask("p", "How much is the rent?", scope=Scope(since="2030"))


def test_a_passage_that_was_not_shown_cannot_be_marked(shell: Shell) -> None:
    run = shell("feedback", "p", "How much is the rent?", "--right", "99")
    assert run.code == 2
    assert "shows 8 passages, so there is no passage 99" in run.err
    assert shell("feedback", "p", "--list", "--json").data["questions"] == []
