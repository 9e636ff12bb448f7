"""What every file of kills works on."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.crash.scene import Scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene.make(tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def fates() -> Counter[str]:
    """How many of the kills left the old state, the new one, and came too late."""
    return Counter()
