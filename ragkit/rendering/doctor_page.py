"""The proof as one HTML page to hand to an auditor: no script, no network, no other file."""

from __future__ import annotations

import html
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
from ragkit.rendering.nightly_page import POLICY, STYLE
from ragkit.rendering.terminal import one_line
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
    body = "\n".join(_body(proof))
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{_TITLE}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _body(proof: Proof) -> Iterator[str]:
    yield from _head(proof)
    if proof.sent:
        yield _section("What was sent", [_item(in_words(sent)) for sent in proof.sent], "bad")
    for phase in proof.phases:
        yield _section(phase.name.capitalize(), list(_phase(phase)))
    if proof.notes:
        yield _section("Notes", [_item(note) for note in proof.notes], "warn")
    commands = [f"{_words(what)} {_code(command)}" for what, command in REPEAT]
    yield _section("Repeat it yourself", commands)
    yield _section("What this does not prove", [_item(words) for words in NOT_PROVED])
    for name, values in proof.facts.items():
        yield _section(name.capitalize(), [_pair(*pair) for pair in values.items()])
    yield f"<footer>UTC {_words(proof.started)} to {_words(proof.finished)}.</footer>"


def _head(proof: Proof) -> Iterator[str]:
    took = duration_between(proof.started, proof.finished)
    yield "<header>"
    yield f'<span class="outcome {TONES[proof.verdict]}">{_words(VERDICTS[proof.verdict])}</span>'
    yield f"<h1>{_TITLE}</h1>"
    yield f'<p class="when">{_words(local_time(proof.started))}, {_words(took)}</p>'
    yield f'<p class="lead">{_words(" ".join(filter(None, (proof.reason, proof.remedy))) or _LEAD)}</p>'
    yield '</header>\n<dl class="tiles">'
    for name, value in _tiles(proof):
        yield f"<div><dt>{_words(name)}</dt><dd>{_words(value)}</dd></div>"
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
    if phase.calls is not None:
        yield _item(calls_of(phase.calls))
    for tried in phase.tried:
        yield _pair(tried.way, seen_of(tried))


def _section(heading: str, items: Iterable[str], tone: str = "plain") -> str:
    listed = "\n".join(f"<li>{item}</li>" for item in items)
    return (
        f'<section class="{tone}">\n<h2>{_words(heading)}</h2>\n<ul>\n{listed}\n</ul>\n</section>'
    )


def _item(text: str) -> str:
    return f'<span class="words">{_words(text)}</span>'


def _pair(name: str, value: str) -> str:
    return f'{_item(name)} <span class="aside name">{_words(value)}</span>'


def _code(command: str) -> str:
    return f'<code class="name">{_words(command)}</code>'


def _words(text: str) -> str:
    return html.escape(one_line(text))
