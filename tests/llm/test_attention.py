"""Where there is a choice between flash attention and a matrix of pairs."""

from __future__ import annotations

import pytest

from ragkit.errors import UsageFault
from ragkit.llm.attention import ways


def asked(wished: bool | None = None, **changed: object) -> tuple[bool, ...]:
    usual = {"heads": 9, "cells": 4608, "ubatch": 0, "halves": True, "on_processor": True}
    return ways(wished, **{**usual, **changed})  # type: ignore[arg-type]


def test_it_is_measured_on_processors() -> None:
    assert asked() == (False, True)


def test_the_user_decides() -> None:
    assert asked(True) == (True,)
    assert asked(False, on_processor=False) == (False,)


@pytest.mark.parametrize(
    "changed", [{"halves": False}, {"on_processor": False}, {"cells": 131072}, {"ubatch": 4096}]
)
def test_where_pairs_cannot_be_or_take_too_much_memory_it_is_on(changed: dict[str, object]) -> None:
    assert asked(None, **changed) == (True,)


def test_bytes_without_flash_attention_are_refused_with_the_way_out() -> None:
    with pytest.raises(UsageFault, match="q8_0") as fault:
        asked(False, halves=False)
    assert "flash_attention: auto" in str(fault.value.hint)
