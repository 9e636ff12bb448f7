"""The settings of a pipeline: what can stand in pipelines.yaml below it.

The dataclasses below are the reference: each field carries its description, unit, range and default,
from which `ragkit init` writes its comments and the README's table is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ragkit.nightsteps import NightStep
from ragkit.setting import described, setting


@dataclass(frozen=True, slots=True)
class ParsingSettings:
    """How files are read. Every file is read in a process of its own, within these limits."""

    workers: int = setting(2, "Files read at the same time.", minimum=1, maximum=64)
    seconds: int = setting(60, "Time one file may take, in seconds.", minimum=1, maximum=3600)
    cpu_seconds: int = setting(
        0,
        "Processor time one file may take, in seconds; 0 is as many as `seconds`.",
        minimum=0,
        maximum=3600,
    )
    memory_mb: int = setting(1500, "Memory one file may take, in MB.", minimum=256, maximum=65536)
    file_mb: int = setting(500, "Size of a file that is opened, in MB.", minimum=1, maximum=4000)
    text_mb: int = setting(
        50,
        "Text of one file with all inside it, in millions of characters.",
        minimum=1,
        maximum=1000,
    )
    unpacked_mb: int = setting(
        200, "What one archive or Office file may unpack to, in MB.", minimum=1, maximum=16000
    )
    members: int = setting(
        1000, "Documents inside one file: attachments, members.", minimum=1, maximum=100000
    )
    depth: int = setting(
        4, "How deep documents inside documents are followed.", minimum=0, maximum=16
    )
    ocr: Literal["auto", "off"] = setting(
        "auto",
        "Scanned pages and images. auto: read with tesseract, where that is installed. "
        "off: named as not read.",
    )
    ocr_languages: tuple[str, ...] = setting(
        ("eng", "spa"),
        "Languages of scanned pages, by tesseract's codes (`tesseract --list-langs`), the most "
        "frequent first. Each takes time.",
        pattern=r"[a-z_]+",
    )
    ocr_seconds: int = setting(
        120,
        "Time one scanned page may take, in seconds, beside that of its file.",
        minimum=5,
        maximum=3600,
    )


@dataclass(frozen=True, slots=True)
class EmbedderSettings:
    """The model that turns text into vectors. Changing the model makes the vectors anew at the next ingest."""

    model: str = setting(
        "all-MiniLM-L6-v2",
        "A name of `ragkit models list`, or a folder in the sentence-transformers layout.",
    )
    engine: Literal["auto", "sentence-transformers", "openvino", "openvino-int8"] = setting(
        "auto",
        "What computes it: sentence-transformers is the reference; auto takes what was measured "
        "fastest on this machine with a cosine of at least 0.999 to the reference. openvino-int8 is "
        "coarser (`ragkit bench ingest` shows its speed and its cosine), never taken by auto, and "
        "its vectors are not compared with others.",
    )


@dataclass(frozen=True, slots=True)
class RerankerSettings:
    """A second model that reads a question together with each of the best passages, and orders them."""

    model: str = setting(
        "",
        "A name of `ragkit models list`, or a folder of a cross-encoder. Empty: none, and nothing is "
        "computed for one. Changing it touches no index.",
    )
    passages: int = setting(
        32,
        "Passages of a question that it may read; those that cannot change the result it does not. "
        "The time of a search grows with them.",
        minimum=1,
        maximum=200,
    )


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How questions are put in the words of the documents."""

    words: str = setting(
        "",
        "A YAML file of your own, relative to pipelines.yaml: what is asked -> what your documents say, "
        "such as 'retainer: [advance fee, on account]'. Changing it touches no index.",
    )
    trade_words: Literal["on", "off"] = setting(
        "on",
        "The lists that come with ragkit, of how contracts and medical papers say what people ask for.",
    )


@dataclass(frozen=True, slots=True)
class GeneratorSettings:
    """The language model. It never writes a quotation: it points at numbered sentences."""

    model: str = setting(
        "SmolLM2-135M-Instruct",
        "A name of `ragkit models list`, also NAME:Q8_0, or the path of a GGUF file.",
    )
    style: Literal["auto", "quote", "compose"] = setting(
        "auto",
        "quote: the documents' own sentences. compose: the model writes, every sentence is checked. "
        "auto: compose with models of about 1.5 billion parameters and more, else quote.",
    )
    context: int = setting(
        4096, "Tokens of prompt and answer together.", minimum=512, maximum=131072
    )
    threads: int = setting(
        0, "Processor threads; 0 takes as many as were measured fastest.", minimum=0, maximum=256
    )
    kv_cache: Literal["f16", "q8_0"] = setting(
        "f16",
        "Numbers that hold what was read: of 16 bits, or of 8, which take half of the memory; prompts "
        "are then read slower.",
    )
    flash_attention: Literal["auto", "on", "off"] = setting(
        "auto", "Attention in one pass over what was read; auto: where that was measured no slower."
    )
    ubatch: int = setting(
        0,
        "Tokens of a prompt that go over the model's weights together; 0: 128, with flash attention 512.",
        minimum=0,
        maximum=4096,
    )
    mmap: Literal["on", "off"] = setting(
        "on",
        "on: the model's file is used where it lies, and other programs may have its memory back. "
        "off: it is read into memory once.",
    )


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """What an answer is made of."""

    passages: int = setting(8, "Passages looked at for an answer.", minimum=1, maximum=64)
    sentences: int = setting(4, "Sentences an answer has at most.", minimum=1, maximum=20)
    evidence_tokens: int = setting(
        900, "Tokens of evidence given to the model.", minimum=100, maximum=32768
    )


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Your own questions, asked of every new state before it is published; below it the old one stays."""

    questions: str = setting(
        "",
        "A .jsonl file, relative to pipelines.yaml: one object a line with `question` and `document` "
        "(a path or a pattern), also `quote` and `id`. Empty: no gate.",
    )
    minimum_recall: float = setting(
        0.9,
        "Share of the questions whose document, with the quote, must be among the passages.",
        minimum=0,
        maximum=1,
    )
    passages: int = setting(8, "Passages looked at for a question.", minimum=1, maximum=64)


@dataclass(frozen=True, slots=True)
class MetadataSettings:
    """What --where can ask for: keys and values of documents, from files beside them and from paths."""

    sidecars: Literal["on", "off"] = setting(
        "on",
        "Files such as contract.pdf.meta.yaml, metadata.csv and metadata.yaml. on: they give documents "
        "metadata and are no documents themselves. off: they are documents as any other.",
    )
    path: tuple[str, ...] = setting(
        (),
        "Patterns such as '{client}/{year}/*' that give metadata by where a document lies; the first "
        "that fits holds. * stands for anything between two slashes, ** for any number of folders.",
    )


@dataclass(frozen=True, slots=True)
class SummarySettings:
    """What summaries ask of a document."""

    templates: str = setting(
        "",
        "A YAML file of templates of your own, or a folder of them, relative to pipelines.yaml: by kind of "
        "document the fields that are looked for. One takes the place of the shipped one of its name.",
    )


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """One corpus, its settings and its own index."""

    folders: tuple[str, ...] = setting(
        about="Folders of documents, relative to pipelines.yaml. Read with everything below them."
    )
    description: str = setting("", "One line for people.")
    exclude: tuple[str, ...] = setting(
        (), "File name patterns left out, such as '*.tmp' or 'drafts/*' (hidden files always are)."
    )
    passwords: str = setting(
        "",
        "A file of passwords for encrypted documents, relative to pipelines.yaml: a file name or "
        "pattern -> a password or a list of them, in quotes. Nobody but you may have access to it.",
    )
    parsing: ParsingSettings = field(default=ParsingSettings())
    embedder: EmbedderSettings = field(default=EmbedderSettings())
    reranker: RerankerSettings = field(default=RerankerSettings())
    search: SearchSettings = field(default=SearchSettings())
    generator: GeneratorSettings = field(default=GeneratorSettings())
    answers: AnswerSettings = field(default=AnswerSettings())
    summaries: SummarySettings = field(default=SummarySettings())
    gate: GateSettings = field(default=GateSettings())
    metadata: MetadataSettings = field(default=MetadataSettings())
    on_delete: Literal["purge", "keep"] = setting(
        "purge",
        "What becomes of documents deleted from the folder, and of the old text of edited ones. "
        "purge: at the next ingest nothing of their text and vectors is left in any file of the index. "
        "keep: no question finds them, but vectors stay in the index's files until it is built anew.",
    )
    ledger: Literal["on", "off"] = setting(
        "on",
        "Who asked what and when, without any text, in a file that shows when it was altered. on: what "
        "cannot be noted is not done. off: nothing is noted.",
    )
    publish_minutes: int = setting(
        5,
        "While a long ingest runs, what is read so far becomes searchable every so many minutes.",
        minimum=1,
        maximum=1440,
    )
    after_ingest: tuple[NightStep, ...] = setting(
        (),
        "What `ragkit nightly` does after the ingest, in this order: a list of `summarize:` and "
        "`sweep:`. Each writes only what is new or changed, and its fault takes nothing from the others.",
    )


def describe_settings() -> Iterator[tuple[str, str, str]]:
    """(dotted key, default as YAML, description) of every setting of a pipeline, in order."""
    return described(PipelineSettings)
