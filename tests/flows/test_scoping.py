"""From filters to documents: what fits, what is left out and counted, and what is said where nothing fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.catalog import Catalog, Reader
from ragkit.errors import NothingInScope, UnknownPipeline, UsageFault
from ragkit.flows.covering import coverage_of
from ragkit.flows.scoping import Resolved, resolve
from ragkit.parsers.fake import REFUSE
from ragkit.types.scope import Scope, Scoped
from tests.flows.corpus import Corpus

LEASE = "LEASE AGREEMENT\n\nThis Lease is dated {date}. The monthly rent is {rent} euros.\n"
LETTER = "Dear Ms Ferro,\n\nthank you for your call. The pump is on its way.\n\nYours, Ada\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.write("acme/lease_2021.txt", LEASE.format(date="5 March 2021", rent=900))
    corpus.write("acme/lease_2023.txt", LEASE.format(date="31 December 2023", rent=950))
    corpus.write("beta/letter.txt", LETTER)
    corpus.write("beta/other.md", LETTER)
    corpus.write(
        "metadata.csv",
        "document,Cliente,date\nacme/*,Ácme S.A.,\nbeta/letter.txt,Beta,2022\nbeta/other.md,Beta,\n",
    )
    report = corpus.ingest()
    assert report.unreadable == ()
    return corpus


Asked = Callable[[Scope], Resolved]


@pytest.fixture
def asked(corpus: Corpus) -> Asked:
    def ask(scope: Scope) -> Resolved:
        with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
            return resolve(corpus.pipeline, Reader(catalog), scope)

    return ask


@pytest.fixture
def fitting(corpus: Corpus, asked: Asked) -> Callable[..., list[str]]:
    def fit(**filters: object) -> list[str]:
        ids = asked(Scope(**filters)).ids  # type: ignore[arg-type]
        assert ids is not None
        with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
            return sorted(entry.path for entry in Reader(catalog).documents_by_id(ids).values())

    return fit


Fitting = Callable[..., list[str]]
LEASES = ["acme/lease_2021.txt", "acme/lease_2023.txt"]


def test_without_filters_nothing_is_resolved(asked: Asked) -> None:
    assert asked(Scope()) == Resolved()


def test_documents_by_path_folder_and_pattern(fitting: Fitting, corpus: Corpus) -> None:
    assert fitting(documents=("acme/lease_2021.txt",)) == LEASES[:1]
    assert fitting(documents=("acme",)) == LEASES
    assert fitting(documents=("./acme/",)) == LEASES
    assert fitting(documents=("*2023*", "beta")) == [LEASES[1], "beta/letter.txt", "beta/other.md"]
    assert fitting(documents=(str(corpus.root / "docs/acme"),)) == LEASES


def test_a_path_as_the_shell_completes_it(
    fitting: Fitting, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(corpus.root)
    assert fitting(documents=("docs/acme/lease_2021.txt",)) == LEASES[:1]
    assert fitting(documents=("./docs/acme/*2021*",)) == LEASES[:1]
    assert len(fitting(documents=("docs",))) == 4


def test_kinds_and_formats(fitting: Fitting) -> None:
    assert fitting(types=("lease",)) == LEASES
    assert fitting(types=("Letter",)) == ["beta/letter.txt", "beta/other.md"]
    assert fitting(types=(".MD",)) == ["beta/other.md"]
    assert fitting(types=("md", "lease")) == [*LEASES, "beta/other.md"]


def test_dates_of_the_text_and_of_the_metadata(fitting: Fitting) -> None:
    assert fitting(since="2021-03-05", until="2021-03-05") == LEASES[:1]
    assert fitting(since="2022") == [LEASES[1], "beta/letter.txt"]
    assert fitting(until="2022") == [LEASES[0], "beta/letter.txt"]
    assert fitting(since="2022-05", until="2022-06") == [
        "beta/letter.txt"
    ]  # only its year is known
    assert fitting(since="2023-12-31") == LEASES[1:]


def test_documents_without_a_date_are_left_out_and_counted(asked: Asked) -> None:
    told = asked(Scope(since="2021")).told
    assert told == Scoped(Scope(since="2021"), documents=3, total=4, undated=1)
    # Only of those that fit the other filters: a lease is not missing from the letters.
    told = asked(Scope(since="2021", types=("lease",))).told
    assert told is not None
    assert (told.documents, told.undated) == (2, 0)


def test_metadata_whatever_the_capitals_and_the_code_of_accents(fitting: Fitting) -> None:
    assert fitting(where={"cliente": "ácme s.a."}) == LEASES
    assert fitting(where={"CLIENTE": "A\u0301cme*"}) == LEASES
    assert fitting(where={"cliente": ("beta", "nobody")}) == ["beta/letter.txt", "beta/other.md"]
    assert fitting(where={"cliente": "beta", "date": "2022"}) == ["beta/letter.txt"]


@pytest.mark.parametrize(
    ("scope", "says", "hint"),
    [
        (
            Scope(types=("leese",)),
            "No document is of type 'leese'; the types there are: lease (2), letter (2), and the "
            "formats txt (3), md (1).",
            "lease?",
        ),
        (Scope(types=("mdx",)), "of type 'mdx'", "Did you mean md?"),
        (Scope(where={"client": "x"}), "the keys there are: Cliente (4), date (1).", "Cliente?"),
        (Scope(where={"cliente": "Betta"}), "values there are: ", "Did you mean Beta?"),
        (
            Scope(since="2030"),
            "(--since 2030): there are 2021 (1), 2022 (1), 2023 (1); 1 document",
            "",
        ),
        (
            Scope(types=("lease",), where={"cliente": "beta"}),
            "No document fits all filters: --type lease fits 2, --where cliente=beta fits 2 of 4.",
            "Leave one",
        ),
        (
            Scope(documents=("beta/other.md",), since="2021"),
            "--since 2021 fits 3 of 4; 1 document that fit the rest have no date.",
            "Leave one",
        ),
    ],
)
def test_where_nothing_fits_it_is_said_which_filter_and_what_there_is(
    asked: Asked, scope: Scope, says: str, hint: str
) -> None:
    with pytest.raises(NothingInScope, match=re.escape(says)) as caught:
        asked(scope)
    assert hint in caught.value.hint
    assert caught.value.exit_code == 2


def test_a_document_that_is_not_there_is_told_with_similar_ones(asked: Asked) -> None:
    with pytest.raises(UnknownPipeline) as caught:
        asked(Scope(documents=("acme/lease_2022.txt",)))
    assert "acme/lease_202" in caught.value.hint


def test_a_fault_of_a_filter_comes_first(asked: Asked) -> None:
    with pytest.raises(UsageFault, match="cannot be taken"):
        asked(Scope(since="soon", types=("nothing",)))


def test_many_years_are_told_as_a_range(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    for year in range(1990, 2010):
        corpus.write(f"{year}.txt", LEASE.format(date=f"5 March {year}", rent=year))
    corpus.ingest()
    with (
        Catalog.open_for_reading(corpus.pipeline.store) as catalog,
        catalog.snapshot(),
        pytest.raises(NothingInScope, match="there are dates from 1990 to 2009"),
    ):
        resolve(corpus.pipeline, Reader(catalog), Scope(since="2020"))


def test_without_any_metadata_it_is_said_how_to_give_some(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.write("a.txt", LETTER)
    corpus.ingest()
    with (
        Catalog.open_for_reading(corpus.pipeline.store) as catalog,
        catalog.snapshot(),
        pytest.raises(NothingInScope, match="nor any other") as caught,
    ):
        resolve(corpus.pipeline, Reader(catalog), Scope(where={"client": "x"}))
    assert "metadata.csv" in caught.value.hint


def test_what_could_not_be_read_counts_as_far_as_it_may_fit(corpus: Corpus) -> None:
    corpus.write("acme/broken.txt", f"{REFUSE} it is damaged")
    corpus.ingest()
    with Catalog.open_for_reading(corpus.pipeline.store) as catalog, catalog.snapshot():
        reader = Reader(catalog)

        def counts(scope: Scope) -> tuple[int, int, int]:
            found = coverage_of(reader, resolve(corpus.pipeline, reader, scope))
            return found.documents, found.searched, len(found.unreadable)

        assert counts(Scope()) == (5, 4, 1)
        assert counts(Scope(documents=("acme",))) == (3, 2, 1)
        assert counts(Scope(documents=("beta",))) == (2, 2, 0)
        assert counts(Scope(types=("md",))) == (1, 1, 0)
        assert counts(Scope(types=("lease",))) == (3, 2, 1)  # it may be one
        with pytest.raises(NothingInScope, match=r"acme/broken\.txt could not be read"):
            resolve(corpus.pipeline, reader, Scope(documents=("acme/broken.txt",)))
