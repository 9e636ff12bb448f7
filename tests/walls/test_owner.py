"""Row 8: one writer; a second one is told at once, and readers go on, and are noted, meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ragkit.catalog import WriterLock
from tests.hygiene.conftest import made, master, no_models, run  # noqa: F401 (fixtures)
from tests.hygiene.desk import RENT, Desk


def test_a_second_writer_is_told_and_readers_go_on(
    made: Desk,  # noqa: F811
    run: Callable[..., int],  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("ingest", "a") == 0  # of this settings file from now on
    noted = len(made.entries())
    with WriterLock(made.store()):
        for words in (("ingest", "a"), ("purge", "a", "lease.md", "--still-there")):
            capsys.readouterr()
            assert run(*words) == 5
            assert "Another process writes to" in capsys.readouterr().err
        assert run("ask", "a", RENT) == 0
        assert run("search", "a", RENT) == 0
        assert run("audit", "verify", "a") == 0
    assert [entry["command"] for entry in made.entries()[noted:]][-2:] == ["ask", "search"]
    assert run("ingest", "a") == 0
