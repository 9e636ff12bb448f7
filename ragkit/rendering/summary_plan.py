"""What summarizing would do, in two lines for a terminal."""

from __future__ import annotations

from ragkit.rendering.counting import counted
from ragkit.rendering.terminal import seconds_in_words
from ragkit.types.summaries import SummaryPlan


def show_plan(plan: SummaryPlan) -> str:
    """'legal: 24 documents, 20 to summarize (quote), 4 kept from before; 1 could not be read.'"""
    unread = f"; {plan.unreadable} could not be read, wholly or in part" if plan.unreadable else ""
    counts = (
        f"{plan.pipeline}: {counted(plan.documents, 'document')}, {plan.to_make} to summarize ({plan.style}), "
        f"{plan.reused} kept from before{unread}."
    )
    return f"{counts}\n{_duration(plan)}"


def _duration(plan: SummaryPlan) -> str:
    if not plan.to_make:
        return "  There is nothing to make."
    if plan.seconds is None:
        return "  How long it takes cannot be told: there is no text to measure it on."
    count = counted(plan.measured_on, "document")
    basis = {
        "runs": f"by {count} summarized before on this machine",
        "sample": f"by {count} summarized now to measure it, without keeping it",
    }
    return f"  Time: about {seconds_in_words(plan.seconds)} ({basis[plan.basis]})."
