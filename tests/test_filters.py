"""Filters are checked before anything is opened; a fault says what would be valid."""

from __future__ import annotations

import re

import pytest

from ragkit.errors import UsageFault
from ragkit.filters import checked, scope_from_plain, where_of
from ragkit.types.scope import Scope


@pytest.mark.parametrize(
    ("scope", "says", "hint"),
    [
        (
            Scope(since="01/03/2024"),
            "--since '01/03/2024' cannot",
            "2024-03-01 or --since 2024-01-03",
        ),
        (Scope(until="5 de marzo de 2024"), "a year, a month or a day", "--until 2024-03-05"),
        (Scope(since="yesterday"), "cannot be taken", "--since 2024-03-05"),
        (Scope(where={"client": ("A", "\udcff")}), "What --where is given is not valid UTF-8", ""),
        (
            Scope(since="2024-05", until="2023"),
            "no day lies between",
            "--since 2023 --until 2024-05",
        ),
        (Scope(documents=("a", " ")), "--document is empty", "Leave --document out"),
        (Scope(types=("",)), "--type is empty", "Leave --type out"),
        (Scope(where={"client": ""}), "names no value", "client=*"),
        (Scope(where={"": "x"}), "a key must be text", "--where client=Acme"),
    ],
)
def test_what_cannot_be_understood_is_said_with_what_would_be(
    scope: Scope, says: str, hint: str
) -> None:
    with pytest.raises(UsageFault, match=re.escape(says)) as caught:
        checked(scope)
    assert hint in caught.value.hint


def test_periods_that_touch_are_fine() -> None:
    scope = Scope(since="2024-05", until="2024")
    assert checked(scope) == scope


def test_conditions_of_a_command() -> None:
    given = ["client=Acme", "Client=Beta", "sum=a=b", "matter = 12 "]
    assert where_of(given) == {
        "client": ("Acme", "Beta"),
        "sum": ("a=b",),
        "matter": ("12",),
    }
    with pytest.raises(UsageFault, match="has no '='"):
        where_of(["client"])


def test_a_lines_filters_go_before_the_commands() -> None:
    below = Scope(documents=("a",), types=("pdf",), where={"x": "1"})
    assert scope_from_plain({}, below) == below
    own = scope_from_plain({"types": "letter", "since": 2024, "where": {"y": ["1", "2"]}}, below)
    assert own == Scope(("a",), ("letter",), "2024", "", {"y": ("1", "2")})
    assert scope_from_plain({"documents": []}, below).documents == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (["a"], "must be an object"),
        ({"type": "pdf"}, "no filter 'type'; did you mean 'types'?"),
        ({"client": "x"}, "there are documents, types, since, until, where"),
        ({"types": 3}, "'types' of a scope must be text"),
        ({"since": True}, "'since' of a scope must be a date"),
        ({"where": "a=b"}, "'where' of a scope must map"),
        ({"where": {"a": 1}}, "'a' of a scope must be text"),
        ({"until": "marzo"}, "--until 'marzo' cannot be taken"),
    ],
)
def test_a_wrong_scope_of_a_line(data: object, says: str) -> None:
    with pytest.raises(UsageFault, match=re.escape(says)):
        scope_from_plain(data, Scope())
