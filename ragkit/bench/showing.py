"""The figures of a benchmark for people."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from ragkit.bench.results import (
    EmbeddingResult,
    GuardCost,
    IngestResult,
    KindResult,
    SearchResult,
    nearest_rank,
)
from ragkit.machine import Machine

_MILLISECONDS = 1000
_NOTE = "Ratios are of figures of the same run; more than 1 is in favour of ragkit."


def show_ingest(result: IngestResult) -> str:
    """`ragkit bench ingest` in a dozen lines."""
    lines = [
        *_machine(result.machine, result.versions),
        f"{result.pipeline}: {result.documents} texts, {result.characters / 1e6:.2f} million "
        f"characters; {result.windows} windows, {result.chunks} chunks.",
        "",
        "Ingest, whole processes in turn       usual stack      ragkit    times as fast",
    ]
    for number, pair in enumerate(result.pairs, start=1):
        lines.append(
            f"  round {number:<29}{pair.baseline.seconds:>9.1f} s {pair.ragkit.seconds:>9.1f} s"
            f"{pair.ratio:>14.2f}"
        )
    lines.append(f"  median {result.ratio:>65.2f}  (processor time {result.processor_ratio:.2f})")
    lines.append(f"  ragkit beside embedding{result.beside:>38.1f} s")
    return "\n".join([*lines, "", *_embedding(result.embedding), "", _NOTE])


def _embedding(result: EmbeddingResult) -> list[str]:
    rate = median(result.tokens_per_second)
    lines = [f"Embedding alone ({result.way}): {rate:,.0f} tokens a second"]
    if result.products:
        lines[0] += (
            f", {result.operations / 1e6:.1f} million operations each: "
            f"{rate * result.operations / 1e9:.0f} billion a second"
        )
        lines.append(
            f"Matrix products of this machine ({result.precision}), and the embedder's share:"
        )
    for name, rates in result.products.items():
        mark = "  <- the yardstick" if name == result.yardstick else ""
        lines.append(
            f"  {name:<30}{median(rates) / 1e9:>6.0f} billion a second"
            f"{result.share_of(name):>8.2f}{mark}"
        )
    lines.append("Ways measured when the model was prepared:")
    lines += [
        f"  {way.way:<30}{way.texts_per_second:>6.1f} texts a second    cosine {way.cosine:.5f}"
        for way in result.ways
    ]
    return lines


def show_search(result: SearchResult) -> str:
    """`ragkit bench search` in a dozen lines."""
    lines = [
        *_machine(result.machine, result.versions),
        f"{result.pipeline}: {result.chunks} chunks, {result.questions} questions.",
        "",
        "Search                                usual stack      ragkit    times as fast",
    ]
    sides = (
        median(pair.baseline.seconds for pair in result.cold),
        median(pair.ragkit.seconds for pair in result.cold),
    )
    lines.append(_row("cold (new process), median", sides, 1, "s", result.cold_ratio))
    for name, share in (("warm, median", 0.5), ("warm, 95 of 100", 0.95)):
        warm = [nearest_rank(side, share) for side in (result.warm_baseline, result.warm_ragkit)]
        ratio = result.warm_ratio(share)
        lines.append(_row(name, (warm[0], warm[1]), _MILLISECONDS, "ms", ratio))
    return "\n".join([*lines, "", _NOTE, *_kinds(result.kinds), _guard(result.guard)])


def _kinds(kinds: Mapping[str, KindResult]) -> list[str]:
    """Here more than 1 is against ragkit: it does these two queries, and more."""
    if not kinds:
        return []
    lines = [
        "",
        "Warm, beside a bare FTS5 query and       bare     ragkit     times     times with",
        "a bare Chroma query                                        as long   the vector",
    ]
    lines += [
        f"  {name:<34}{kind.bare_ms:>6.1f} ms{kind.search_ms:>8.1f} ms{kind.ratio:>10.2f}"
        f"{kind.ratio_with_vector:>13.2f}"
        for name, kind in kinds.items()
    ]
    return [*lines, ""]


def _guard(cost: GuardCost) -> str:
    if not cost.pairs:
        return f"What the guard costs was not measured: {cost.reason or 'nobody asked'}."
    sides = [
        median(side) for side in zip(*((p.without, p.guarded) for p in cost.pairs), strict=True)
    ]
    without, guarded = (f"{side * _MILLISECONDS:.2f} ms" for side in sides)
    pairs = f"{len(cost.pairs)} pair{'s' if len(cost.pairs) > 1 else ''}"
    return (
        f"The guard: a warm question takes {guarded} with it and {without} without, median ratio of "
        f"{pairs} {cost.ratio:.3f} (over made-up documents: none of yours is opened without it)."
    )


def _row(name: str, sides: tuple[float, float], scale: int, unit: str, ratio: float) -> str:
    usual, own = (f"{side * scale:.2f} {unit}" for side in sides)
    return f"  {name:<34}{usual:>13}{own:>12}{ratio:>14.2f}"


def _machine(machine: Machine, versions: Mapping[str, str]) -> list[str]:
    return [
        f"{machine.processor}, {machine.cores} cores, {machine.memory / 2**30:.0f} GB, {machine.system}",
        f"  {' '.join(machine.instructions)}",
        "  " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        "",
    ]
