"""A smaller form of a model: made by llama.cpp from the starter, compared with it, or nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.errors import UsageFault
from ragkit.flows import shrinking
from ragkit.flows.shrinking import Sample, shrink
from ragkit.llm import measuring
from ragkit.models import ModelStore, load_registry
from ragkit.rendering import models as rendering
from ragkit.types import Step
from ragkit.types.models import Agreement, ModelForm, Shrunk, Speeds

STARTER = "SmolLM2-135M-Instruct"
SAMPLE = Sample(
    ("The rent is due on the first day of each month, and so is the deposit.",), "a test"
)


@pytest.fixture
def store(tmp_path: Path, starter_models: dict[str, Path]) -> ModelStore:
    """A models folder with the starter in it, as a link: nothing is written through it."""
    root = tmp_path / "models"
    root.mkdir()
    (root / STARTER).symlink_to(starter_models[STARTER].parent)
    return ModelStore(root, load_registry())


def left(store: ModelStore) -> list[str]:
    return [path.name for path in (*store.root.glob("own/*"), *store.root.glob(".partial/*.gguf"))]


@pytest.mark.real
def test_the_starter_is_made_anew_and_mostly_agrees(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shrinking, "speeds_apart", lambda *_: Speeds(1.0, 1.0))
    steps: list[Step] = []
    made = shrink(store, STARTER, "q8_0", name="", sample=SAMPLE, on_step=steps.append)
    assert (made.before.quantization, made.after.quantization) == ("Q4_1", "Q8_0")
    assert made.after.name == f"{STARTER}-Q8_0"
    assert made.after.size == Path(made.after.path).stat().st_size
    assert made.twice
    assert made.agreement.tokens > 5
    assert made.agreement.share > 0.6
    assert store.resolve(made.after.name, role="generator").digest == made.digest
    assert any(step.total > 100 and step.stage == f"making {made.after.name}" for step in steps)
    assert left(store) == [f"{STARTER}-Q8_0.gguf"]


@pytest.mark.real
def test_a_model_is_timed_and_agrees_with_itself(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "PROMPT_TOKENS", 16)
    monkeypatch.setattr(measuring, "WRITTEN_TOKENS", 2)
    with measuring.opened(store.path(STARTER), 2) as model:
        speeds = model.speeds()
        told: list[int] = []
        first = model.likeliest(SAMPLE.texts, told.append)
        again = model.likeliest(SAMPLE.texts, told.append)
    assert min(speeds.prompt, speeds.generation) > 0
    assert first == again
    assert len(first[0]) > 5
    assert max(told) == len(first[0]) + 8


@pytest.mark.real
@pytest.mark.parametrize("stage", ["making mine", "measuring mine", "reading with the new one"])
def test_an_interrupt_leaves_nothing(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setattr(shrinking, "speeds_apart", lambda *_: Speeds(1.0, 1.0))

    def interrupted(step: Step) -> None:
        if step.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shrink(store, STARTER, "Q4_0", name="mine", sample=SAMPLE, on_step=interrupted)
    assert left(store) == []
    assert store.named() == {}


@pytest.mark.real
@pytest.mark.parametrize(
    ("to", "message"),
    [("Q9_X", "is no quantization that can be made"), ("Q4_1", "is no quantization")],
)
def test_what_cannot_be_made_is_told_before_any_work(
    store: ModelStore, to: str, message: str
) -> None:
    with pytest.raises(UsageFault, match=message):
        shrink(store, STARTER, to, name="", sample=SAMPLE, on_step=lambda _: None)
    assert left(store) == []


def test_in_words() -> None:
    before = ModelForm("big", "/b", "F16", 2_000_000_000, Speeds(50.0, 5.0))
    after = ModelForm("big-Q4_K_M", "/a", "Q4_K_M", 600_000_000, Speeds(90.0, 14.0))
    made = Shrunk(
        before, after, Agreement(200, 191, "the text of 4 documents of legal"), False, "ab" * 32
    )
    text = rendering.shrunk(made)
    assert "At 95.5% of 200 places in the text of 4 documents of legal" in text
    assert "lost twice" not in text
    assert "generator: {model: big-Q4_K_M}" in text
    again = Shrunk(after, after, made.agreement, True, "ab" * 32)
    assert "precision was lost twice" in rendering.shrunk(again)
