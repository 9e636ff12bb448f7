"""The proof as one HTML page to hand to an auditor: no script, no network, no other file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ragkit.rendering.doctor import (
    NOT_PROVED,
    REPEAT,
    VERDICTS,
    calls_of,
    in_words,
    packets_of,
    seen_of,
    steps_of,
)
from ragkit.rendering.page import page, words
from ragkit.rendering.times import duration_between, local_time
from ragkit.types.doctor import PhaseDone, Proof

TONES = {"proved": "good", "not provable": "warn", "violated": "bad"}
_TITLE = "ragkit: proof that nothing leaves"
_LEAD = (
    "Every packet that any process sends was captured, in a network in which every address leads to the "
    "sensor. First it had to see everything a control sent; then ragkit's whole work over made-up documents "
    "was run without its guard; then with it."
)


def as_html(proof: Proof) -> str:
    """The whole page."""
    return page(_TITLE, "\n".join(_body(proof)))


def _body(proof: Proof) -> Iterator[str]:
    yield from _head(proof)
    if proof.sent:
        yield _section("What was sent", [_item(in_words(sent)) for sent in proof.sent], "bad")
    for phase in proof.phases:
        yield _section(phase.name.capitalize(), list(_phase(phase)))
    if proof.notes:
        yield _section("Notes", [_item(note) for note in proof.notes], "warn")
    commands = [f"{words(what)} {_code(command)}" for what, command in REPEAT]
    yield _section("Repeat it yourself", commands)
    yield _section("What this does not prove", [_item(each) for each in NOT_PROVED])
    for name, values in proof.facts.items():
        yield _section(name.capitalize(), [_pair(*pair) for pair in values.items()])
    yield f"<footer>UTC {words(proof.started)} to {words(proof.finished)}.</footer>"


def _head(proof: Proof) -> Iterator[str]:
    took = duration_between(proof.started, proof.finished)
    yield "<header>"
    yield f'<span class="outcome {TONES[proof.verdict]}">{words(VERDICTS[proof.verdict])}</span>'
    yield f"<h1>{_TITLE}</h1>"
    yield f'<p class="when">{words(local_time(proof.started))}, {words(took)}</p>'
    lead = _LEAD if proof.verdict == "proved" else ""
    told = " ".join(filter(None, (lead, proof.reason, proof.remedy)))
    yield f'<p class="lead">{words(told)}</p>'
    yield '</header>\n<dl class="tiles">'
    for name, value in _tiles(proof):
        yield f"<div><dt>{words(name)}</dt><dd>{words(value)}</dd></div>"
    yield "</dl>"


def _tiles(proof: Proof) -> Iterator[tuple[str, str]]:
    control = [tried for phase in proof.phases[:1] for tried in phase.tried]
    if control:
        yield "ways seen in the control", str(sum(tried.seen for tried in control))
    yield "packets sent by ragkit", str(sum(phase.packets for phase in proof.phases[1:]))
    yield "commands run", str(sum(len(phase.steps) for phase in proof.phases))
    yield "seconds idle", f"{proof.idle_seconds:g}"


def _phase(phase: PhaseDone) -> Iterator[str]:
    yield _item(f"{packets_of(phase)} in {phase.seconds:.1f} s")
    if phase.level:
        yield _item(phase.level)
    if phase.steps:
        yield _item(steps_of(phase))
    yield from map(_item, calls_of(phase))
    for tried in phase.tried:
        yield _pair(tried.way, seen_of(tried))


def _section(heading: str, items: Iterable[str], tone: str = "plain") -> str:
    listed = "\n".join(f"<li>{item}</li>" for item in items)
    return f'<section class="{tone}">\n<h2>{words(heading)}</h2>\n<ul>\n{listed}\n</ul>\n</section>'


def _item(text: str) -> str:
    return f'<span class="words">{words(text)}</span>'


def _pair(name: str, value: str) -> str:
    return f'{_item(name)} <span class="aside name">{words(value)}</span>'


def _code(command: str) -> str:
    return f'<code class="name">{words(command)}</code>'
