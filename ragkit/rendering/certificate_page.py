"""A certificate of erasure as one HTML page that needs nothing else, like the nightly report's."""

from __future__ import annotations

import html

from ragkit.rendering.certificate import Part, parts_of, title_of, verdict_of
from ragkit.rendering.page import POLICY, STYLE
from ragkit.rendering.terminal import one_line
from ragkit.rendering.times import local_time
from ragkit.types.erasure import Certificate


def as_html(certificate: Certificate) -> str:
    """The whole page."""
    title = _words(title_of(certificate))
    tone, outcome = "good" if certificate.is_clean else "bad", certificate.outcome.capitalize()
    parts = "\n".join(_part(part) for part in parts_of(certificate) if part.lines)
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header>\n<span class="outcome {tone}">{outcome}</span>\n<h1>{title}</h1>\n'
        f'<p class="when">{_words(local_time(certificate.finished))}</p>\n'
        f'<p class="lead">{_words(verdict_of(certificate))}</p>\n</header>\n{parts}\n'
        "<footer>This page names no document. What the digests belong to, its owner knows: "
        "a path can be guessed and compared.</footer>\n</main>\n</body>\n</html>\n"
    )


def _part(part: Part) -> str:
    lines = "\n".join(f'<li><span class="name">{_words(line)}</span></li>' for line in part.lines)
    heading, listed = _words(part.heading), f"<ul>\n{lines}\n</ul>"
    if part.is_long:
        inner = f"<details>\n<summary>{heading}</summary>\n{listed}\n</details>"
    else:
        inner = f"<h2>{heading}</h2>\n{listed}"
    return f'<section class="{part.tone}">\n{inner}\n</section>'


def _words(text: str) -> str:
    return html.escape(one_line(text))
