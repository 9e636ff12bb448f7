"""Every way out is open without the guard, and shut with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.isolation import escapes
from tests.isolation.conftest import Tried, try_escapes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guard's filter is Linux's")

SENDING = [way.__name__ for way in (*escapes.CONNECTING, escapes.earlier_thread)]
OTHERS = [way.__name__ for way in (*escapes.ASKING, *escapes.X86_ONLY)]
MAY_BE_MISSING = {"tcp6", "multipath_tcp", "shell_child", "inherited_listener"}
"""Ways that some machines do not have, whatever is done to them."""

SEALS = ["filter", "namespace", "filter, ordinary user", "namespace, ordinary user"]


@pytest.fixture(scope="module")
def unsealed(shared_folder: Path) -> Tried:
    return try_escapes(shared_folder, "")


@pytest.fixture(scope="module", params=SEALS)
def sealed(request: pytest.FixtureRequest, shared_folder: Path) -> Tried:
    kind, _, ordinary = request.param.partition(", ")
    return try_escapes(shared_folder, kind, ordinary=bool(ordinary))


@pytest.mark.parametrize("way", SENDING)
def test_the_way_is_open_without_the_guard(unsealed: Tried, way: str) -> None:
    if way in MAY_BE_MISSING and unsealed.ways[way]:
        pytest.skip(f"not on this machine: {unsealed.ways[way]}")
    assert unsealed.ways[way] == ""
    assert way in unsealed.heard


@pytest.mark.parametrize("way", [*SENDING, *OTHERS])
def test_the_way_is_shut(sealed: Tried, way: str) -> None:
    if way not in sealed.ways:
        pytest.skip("not tried under this seal or on this machine")
    assert sealed.ways[way] != ""


def test_nothing_arrives(sealed: Tried) -> None:
    assert sealed.heard == set()


def test_the_kernel_shows_it_to_an_auditor(sealed: Tried) -> None:
    assert "Seccomp:\t2" in sealed.status
    assert "NoNewPrivs:\t1" in sealed.status


def test_the_filter_alone_is_level_b(shared_folder: Path) -> None:
    assert try_escapes(shared_folder, "filter").level == "B"


@pytest.mark.parametrize("way", OTHERS)
def test_the_refusal_is_the_filters(unsealed: Tried, sealed: Tried, way: str) -> None:
    """The answer changes to EACCES, so it is not the machine that lacks the way."""
    if way not in sealed.ways:
        pytest.skip("not tried on this machine")
    if unsealed.ways[way] == "OSError: no 32-bit calls here":
        pytest.skip(unsealed.ways[way])
    assert "Permission denied" in sealed.ways[way]
    assert "Permission denied" not in unsealed.ways[way]
