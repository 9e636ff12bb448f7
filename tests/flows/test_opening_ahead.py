"""A model that will write is opened while the documents are searched; none is where quotes are shown."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ragkit.flows import answering
from ragkit.flows.answering import Answering, AnswerParts
from ragkit.llm.fake import ScriptedGenerator
from ragkit.settings import AnswerSettings


class Searched(Exception):
    """The search has begun."""


@pytest.mark.parametrize(
    ("style", "reads", "opens"),
    [
        ("compose", False, True),
        ("quote", True, False),
        (None, True, True),
        (None, False, False),
    ],
)
def test_it_is_opened_before_the_search_where_it_writes(
    monkeypatch: pytest.MonkeyPatch, style: str | None, reads: bool, opens: bool
) -> None:
    opened: list[bool] = []

    def search(*_: object, **__: object) -> Any:
        assert opened == [True] * opens
        raise Searched

    monkeypatch.setattr(answering, "gather", search)
    parts = AnswerParts(
        AnswerSettings(),
        "auto",
        "words",
        lambda: reads,
        ScriptedGenerator,
        tokens=cast(Any, None),
        open_ahead=lambda: opened.append(True),
    )
    with pytest.raises(Searched):
        Answering(cast(Any, None), parts).answer("Who pays?", style=style)
