"""What `ragkit eval` compares a run with: an earlier run, another pipeline, the usual stack."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.cli.door import Door
from ragkit.config import Pipeline, load_config
from ragkit.errors import UsageFault

if TYPE_CHECKING:
    from ragkit.types.evaluation import Evaluation
    from ragkit.workspace import Workspace

USUAL_STACK = "usual-stack"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of Workspace.evaluate, which are those of an EvaluationRequest."""

    limit: int
    mini: bool
    seed: int
    by: str
    show_text: bool
    evidence_tokens: int
    style: str


@dataclass(frozen=True, slots=True)
class Run:
    """What is asked, of whatever it is asked of."""

    door: Door
    workspace: Workspace
    questions: Path
    asked: Asked
    outputs: tuple[Path, ...]

    def evaluate(
        self,
        pipeline: str,
        *,
        workspace: Workspace | None = None,
        with_pipelines: tuple[str, ...] = (),
    ) -> Evaluation:
        """workspace: of another settings file."""
        with self.door.progress() as progress:
            return (workspace or self.workspace).evaluate(
                pipeline,
                self.questions,
                **asdict(self.asked),
                on_step=progress,
                with_pipelines=with_pipelines,
                exported=", ".join(str(path.absolute()) for path in self.outputs),
            )


@dataclass(frozen=True, slots=True)
class Rival:
    """What a run is compared with. run: makes it, or reads it; None if there is none.

    names: other pipelines that are asked, for the ledger. writes: places to write to meanwhile.
    file: that it is read from. check: raises what would stop it, before anything is asked.
    """

    run: Callable[[Run], Evaluation | None]
    names: tuple[str, ...] = ()
    writes: tuple[Path, ...] = ()
    file: Path | None = None
    check: Callable[[], None] = lambda: None


def rival_of(door: Door, pipeline: str, against: str | None) -> Rival:
    """Raises UsageFault, ConfigFault, UnknownPipeline for what cannot be compared with."""
    if against is None:
        return Rival(lambda run: None)
    own = load_config(door.config).pipeline(pipeline)
    if against == USUAL_STACK:
        return Rival(lambda run: _usual_stack(run, own))
    if against.endswith(".json"):
        file = Path(against)
        earlier = read_evaluation(file)
        return Rival(lambda run: earlier, file=file)
    settings, name = _settings_of(door, pipeline, against)
    other = load_config(settings).pipeline(name)
    if other.store.resolve() == own.store.resolve():
        raise UsageFault(f"{against} is the pipeline that is measured itself.")
    writes = (other.store,) if other.store.is_dir() else ()
    return Rival(
        lambda run: _other(run, own, settings, name),
        names=(name,),
        writes=writes,
        check=lambda: _require_index(other),
    )


def _require_index(other: Pipeline) -> None:
    from ragkit.flows.stating import require_index

    require_index(other)


def _settings_of(door: Door, pipeline: str, against: str) -> tuple[Path, str]:
    """The settings file and the pipeline in it: NAME, OTHER.yaml, or OTHER.yaml:NAME."""
    for suffix in (".yaml", ".yml"):
        before, mark, name = against.rpartition(f"{suffix}:")
        if mark:
            return Path(f"{before}{suffix}"), name
        if against.endswith(suffix):
            return Path(against), pipeline
    return door.config, against


def _other(run: Run, own: Pipeline, settings: Path, name: str) -> Evaluation:
    """The same questions, asked of another pipeline."""
    from ragkit.isolation import current
    from ragkit.workspace import Workspace

    weak = run.door.accept_weak and not current().is_strong
    with Workspace(settings, accepted_weak=weak) as workspace:
        return run.evaluate(name, workspace=workspace, with_pipelines=(own.name,))


def _usual_stack(run: Run, own: Pipeline) -> Evaluation:
    from ragkit.bench.usual import usual_stack
    from ragkit.build import Builder
    from ragkit.flows.marking import EvaluationRequest

    request = EvaluationRequest(run.questions, **asdict(run.asked))
    with run.door.progress() as progress:
        return usual_stack(Builder(run.workspace.models), own, request, progress)


def read_evaluation(file: Path) -> Evaluation:
    """An earlier run. Raises UsageFault for what is none."""
    from ragkit.types.evaluation import Evaluation

    try:
        return Evaluation.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageFault(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UsageFault(
            f"{file} is not the JSON of an evaluation.",
            hint="ragkit eval PIPELINE --output FILE.json writes one.",
        ) from None
