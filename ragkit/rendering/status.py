"""The state of a pipeline in a few lines for people."""

from __future__ import annotations

from ragkit.rendering.terminal import fenced_lines, one_line, unreadable_lines
from ragkit.rendering.tuning import show_adapter
from ragkit.types import PipelineStatus


def show_status(status: PipelineStatus) -> str:
    """Documents, models, isolation and what could not be read."""
    lines = [f"{status.pipeline}: {one_line(status.description)}".rstrip(": ")]
    if status.generation:
        lines.append(
            f"  {status.documents} documents in {status.chunks} chunks; generation "
            f"{status.generation}, published {status.published}"
        )
    elif not status.held_back:
        lines.append(f"  nothing is indexed yet: ragkit ingest {status.pipeline}")
    if status.held_back:
        lines.append(
            "  the quality gate holds back what is new; why: "
            f"ragkit runs {status.pipeline} --report, or the last ingest's output"
        )
    lines.append(f"  folders: {', '.join(status.folders)}")
    reranker = f", reranker {status.reranker}" if status.reranker else ""
    lines.append(f"  embedder {status.embedder}{reranker}, generator {status.generator}")
    lines += [f"  {note}" for note in status.notes]
    if learned := show_adapter(status.adapter, status.pipeline):
        lines.append(f"  {learned}")
    lines.append(f"  isolation {status.isolation}")
    lines += [f"  {line}" for line in unreadable_lines(status.unreadable)]
    lines += [f"  {line}" for line in fenced_lines(status.fenced)]
    return "\n".join(lines)
