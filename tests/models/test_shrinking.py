"""A smaller form of a model: made by llama.cpp from the starter, compared with it, or nothing at all."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from ragkit.errors import NotReady, StorageFault, UsageFault
from ragkit.flows import fitting, shrinking
from ragkit.flows.shrinking import Sample, shrink
from ragkit.llm import measuring
from ragkit.models import InstalledModel, ModelStore, load_registry, named
from ragkit.rendering import models as rendering
from ragkit.types import Step
from ragkit.types.models import Agreement, ModelForm, Shrunk, Speeds
from tests.models.gguf_files import LANGUAGE_MODEL, gguf

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
    assert made.agreement is not None
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


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A models folder without a model, and native work that writes a small file and measures nothing."""
    smaller = gguf({**LANGUAGE_MODEL, "general.file_type": 15})
    monkeypatch.setattr(
        shrinking, "quantize_apart", lambda source, target, *_: target.write_bytes(smaller)
    )
    monkeypatch.setattr(shrinking, "speeds_apart", lambda *_: Speeds(1.0, 1.0))
    monkeypatch.setattr(shrinking, "likeliest_apart", lambda *_: [[1, 2]])
    return ModelStore(tmp_path / "models", load_registry())


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "My Model.gguf"
    path.write_bytes(gguf())
    return path


def shrunk(store: ModelStore, original: Path, name: str = "") -> Shrunk:
    return shrink(store, str(original), "Q4_K_M", name=name, sample=SAMPLE, on_step=lambda _: None)


def test_a_file_needs_no_name(bare: ModelStore, original: Path) -> None:
    made = shrunk(bare, original)
    assert made.after.name == "My-Model-Q4_K_M"
    assert made.agreement is not None
    assert made.agreement.share == 1.0
    assert not made.notes
    assert bare.resolve("My-Model-Q4_K_M", role="generator").digest == made.digest


def test_an_original_that_does_not_fit_is_not_opened_and_the_new_model_is_kept(
    bare: ModelStore, original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def speeds(path: Path, threads: int) -> Speeds:
        opened.append(path)
        return Speeds(1.0, 1.0)

    def fits(model: InstalledModel, context: int) -> None:
        if model.path == original:
            raise NotReady(f"{model.name} needs about 40.0 GB.", hint="ragkit models recommend")

    monkeypatch.setattr(shrinking, "speeds_apart", speeds)
    monkeypatch.setattr(shrinking, "require_fit", fits)
    made = shrunk(bare, original, "mine")
    assert [path.name for path in opened] == ["own-mine.gguf"]
    assert (made.before.speeds, made.agreement) == (None, None)
    assert made.after.speeds == Speeds(1.0, 1.0)
    assert left(bare) == ["mine.gguf"]
    text = rendering.shrunk(made)
    assert "My Model needs about 40.0 GB. It was not timed." in text
    assert "The two were not compared" in text
    assert "not measured" in text


def test_the_question_is_the_one_that_sent_the_person_here(
    bare: ModelStore, original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both answers come of the same estimate: what is refused there is not opened here."""
    monkeypatch.setattr(fitting, "memory_limit", lambda: original.stat().st_size * 2)
    monkeypatch.setattr(fitting.native, "devices", tuple)
    with pytest.raises(NotReady, match="My Model needs about"):
        fitting.require_fit(bare.resolve(str(original), role="generator"), 4096)
    made = shrunk(bare, original)
    assert (made.before.speeds, made.after.speeds, made.agreement) == (None, None, None)
    assert len(made.notes) == 2
    assert left(bare) == ["My-Model-Q4_K_M.gguf"]


@pytest.mark.parametrize("work", ["speeds_apart", "likeliest_apart"])
def test_a_measurement_killed_for_its_memory_costs_no_model(
    bare: ModelStore, original: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    def killed(*_: object) -> None:
        raise NotReady("The process measuring it was killed, most likely for its memory.", hint="x")

    monkeypatch.setattr(shrinking, work, killed)
    made = shrunk(bare, original, "mine")
    assert left(bare) == ["mine.gguf"]
    assert made.agreement is None
    assert "was killed" in made.notes[0]


def test_a_disk_without_room_is_told_before_the_work(
    bare: ModelStore, original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    monkeypatch.setattr(shrinking, "quantize_apart", untouched)
    with pytest.raises(StorageFault, match="MB free") as caught:
        shrunk(bare, original)
    assert "RAGKIT_MODELS" in caught.value.hint


def untouched(*_: object, **__: object) -> None:
    raise AssertionError("work was begun")


@pytest.mark.parametrize("name", ["SmolLM2-135M-Instruct", "qwen3-8b", "a name", "taken"])
def test_a_name_that_cannot_be_given_is_told_before_the_original_is_read(
    bare: ModelStore, original: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    bare.add(original, "taken")
    monkeypatch.setattr(bare, "resolve", untouched)
    with pytest.raises(UsageFault) as caught:
        shrunk(bare, original, name)
    assert caught.value.hint
    assert left(bare) == ["taken.gguf"]


def test_an_interrupt_while_the_new_model_is_hashed_leaves_nothing(
    bare: ModelStore, original: Path
) -> None:
    def interrupted(step: Step) -> None:
        if step.stage == "checking mine":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shrink(bare, str(original), "Q4_K_M", name="mine", sample=SAMPLE, on_step=interrupted)
    assert left(bare) == []
    assert shrunk(bare, original, "mine").after.name == "mine"


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
