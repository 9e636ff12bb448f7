"""What is said of language models: speeds, sizes, what fits, what a smaller form of one loses."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Speeds:
    """Tokens a second: of a prompt that is read, and of text that is written."""

    prompt: float
    generation: float

    def as_dict(self) -> dict[str, float]:
        return {"prompt": round(self.prompt, 1), "generation": round(self.generation, 1)}


@dataclass(frozen=True, slots=True)
class Capacity:
    """A machine, as far as models care. memory, graphics, disk: bytes. asked: given by the user.

    bandwidth: bytes a second that its memory is read at. speeds: of the starter; None: not measured.
    busy: how many programs wanted to compute for each core when it was measured.
    """

    memory: int
    cores: int
    instructions: tuple[str, ...] = ()
    graphics: int = 0
    graphics_name: str = ""
    disk: int = 0
    bandwidth: float = 0.0
    speeds: Speeds | None = None
    starter_bytes: int = 0
    busy: float = 0.0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """A model at one quantization on one machine. memory and size: bytes. context: tokens of the pipeline.

    where: "memory", "graphics" or "" (does not fit). exact: the file's size is known, not estimated.
    slow and fast: what its speed lies between; None where nothing was measured. answer: seconds an
    answer of the pipeline takes, from and to.
    """

    name: str
    quantization: str
    parameters: float
    size: int
    exact: bool
    memory: int
    context: int
    where: str
    on_disk: bool
    reader: bool
    licence: str
    languages: tuple[str, ...]
    about: str
    here: bool = False
    slow: Speeds | None = None
    fast: Speeds | None = None
    answer: tuple[float, float] | None = None

    @property
    def command(self) -> str:
        return f"ragkit models pull {self.name}"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What fits, best first; what was read of the machine; the one to begin with (None: none fits)."""

    capacity: Capacity
    context: int
    pipeline: str
    best: Fit | None
    fits: tuple[Fit, ...]
    too_large: tuple[Fit, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """Over how many tokens of which text two models were compared, and at how many the likeliest next
    token was the same.
    """

    tokens: int
    same: int
    text: str

    @property
    def share(self) -> float:
        return self.same / self.tokens if self.tokens else 0.0


@dataclass(frozen=True, slots=True)
class ModelForm:
    """A model as a file. size: bytes. speeds: None where it could not be measured."""

    name: str
    path: str
    quantization: str
    size: int
    speeds: Speeds | None


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A model before and after. twice: it had been quantized before, so it lost twice.

    agreement: None where the two could not be compared. notes: why something was not measured.
    """

    before: ModelForm
    after: ModelForm
    agreement: Agreement | None
    twice: bool
    digest: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers written at once. generation: tokens a second of all together."""

    count: int
    generation: float


@dataclass(frozen=True, slots=True)
class Computing:
    """How the engine computes a model here, as it was measured. threads: for writing, and for prompts apart.

    batch: tokens of prompts between two looks at Ctrl-C; ubatch: of them, at once over the weights.
    flash: attention in one pass. device: which devices compute, or why only the processor does; a sentence.
    """

    threads: int
    batch_threads: int
    batch: int
    ubatch: int
    flash: bool
    device: str = ""


@dataclass(frozen=True, slots=True)
class ModelBench:
    """How fast a model is here. cold, warm, restarted: seconds to the first token of the same prompt of
    `prompt_tokens` tokens; warm: after another question over the same beginning; restarted: cold, in a
    new process. load: seconds to open it.
    """

    name: str
    quantization: str
    size: int
    context: int
    prompt_tokens: int
    prompt: float
    load: float
    cold: float
    warm: float
    restarted: float
    computing: Computing
    batches: tuple[Batch, ...] = field(default=())
