"""A store that another program makes later: a process that is sealed could not write to it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from ragkit.errors import IndexMissing, ModelMissing
from ragkit.remote.client import Workspace


def made(config: Path) -> Path:
    """The store of p, as another process makes it."""
    store = config.parent / ".ragkit" / "p"
    store.mkdir(mode=0o700, parents=True)
    return store


def process_of(fake: Workspace) -> str:
    return fake.search("p", "pid").question


def test_a_new_store_has_the_process_replaced_once(fake: Workspace, config: Path) -> None:
    first = process_of(fake)
    assert process_of(fake) == first
    store = made(config)
    second = process_of(fake)
    assert second != first
    assert process_of(fake) == second
    shutil.rmtree(store)
    assert process_of(fake) == second, "one that is gone needs no other process"


def test_a_store_that_was_made_anew_is_another(fake: Workspace, config: Path) -> None:
    store = made(config)
    first = process_of(fake)
    store.rename(store.with_name("old"))  # keeps its number from being given again
    store.mkdir(mode=0o700)
    assert process_of(fake) != first


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere files are not restricted")
def test_what_is_asked_is_noted_in_a_store_made_meanwhile(config: Path) -> None:
    """Without a new process the store "cannot be used"; so the fault is that nothing is indexed yet."""
    from ragkit.catalog import Catalog

    with Workspace(config) as workspace:
        assert workspace.isolation.files == ""
        Catalog.open_for_writing(config.parent / ".ragkit" / "p").close()
        with pytest.raises((IndexMissing, ModelMissing)):
            workspace.search("p", "a question")
