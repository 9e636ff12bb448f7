"""One HTML page that needs nothing else: no script, no network, no other file.

A page opened from the disk may do whatever its words make a browser do, so everything is escaped, and
the browser is told to load nothing at all.
"""

from __future__ import annotations

import base64
import html
from hashlib import sha256

from ragkit.rendering.terminal import one_line

STYLE = """
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#1b1f24;--soft:#5b6572;--line:#dde1e6;
--bad:#b3261e;--bad-ground:#fdeceb;--warn:#8a5300;--warn-ground:#fff4e0;--good:#1c6b3c;--good-ground:#e6f4ea}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--card:#1d2126;--ink:#e7eaee;--soft:#9aa5b1;
--line:#333a42;--bad:#ffb4ab;--bad-ground:#46201d;--warn:#ffcf86;--warn-ground:#3d2f14;--good:#8fdba8;
--good-ground:#17351f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);line-height:1.5;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:56rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.25;margin:.4rem 0 .25rem;overflow-wrap:anywhere}
h2,summary{font-size:1rem;font-weight:650;margin:0}
summary{cursor:pointer}
.when{color:var(--soft);margin:0}
.outcome{display:inline-block;border-radius:1rem;padding:.15rem .8rem;font-weight:650;font-size:.9rem}
.lead{font-size:1.05rem;margin:.75rem 0 0;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.5rem,1fr));gap:.6rem;margin:1.25rem 0;
padding:0}
.tiles div{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.6rem .8rem;
display:flex;flex-direction:column-reverse;justify-content:flex-end}
.tiles dt{color:var(--soft);font-size:.85rem}
.tiles dd{margin:0;font-size:1.45rem;font-weight:650;font-variant-numeric:tabular-nums}
section{background:var(--card);border:1px solid var(--line);border-left:.3rem solid var(--line);
border-radius:.6rem;padding:.85rem 1rem;margin:.8rem 0}
.bad{border-left-color:var(--bad)}.warn{border-left-color:var(--warn)}.good{border-left-color:var(--good)}
.bad h2{color:var(--bad)}.warn h2{color:var(--warn)}.good h2{color:var(--good)}
.outcome.bad,.mark{background:var(--bad-ground);color:var(--bad)}
.outcome.warn{background:var(--warn-ground);color:var(--warn)}
.outcome.good{background:var(--good-ground);color:var(--good)}
ul{list-style:none;margin:.5rem 0 0;padding:0}
li{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .7rem;padding:.4rem 0;
border-top:1px solid var(--line);overflow-wrap:anywhere}
li:first-child{border-top:0}
.mark{border-radius:.3rem;padding:.05rem .4rem;font-size:.8rem;font-weight:650}
.name{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
.aside{color:var(--soft);font-size:.88rem}
footer{color:var(--soft);font-size:.85rem;margin-top:1.5rem}
@media print{body{background:none}section,.tiles div{break-inside:avoid}}
"""


def policy_of(style: str, *, pictures: bool = False) -> str:
    """What lets the browser use this style sheet and load nothing at all.

    pictures: show also those that stand in the page itself.
    """
    digest = base64.b64encode(sha256(style.encode("utf-8")).digest()).decode("ascii")
    images = "img-src data:; " if pictures else ""
    return (
        f"default-src 'none'; {images}style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


POLICY = policy_of(STYLE)


def page(
    title: str, body: str, more_style: str = "", *, language: str = "en", pictures: bool = False
) -> str:
    """The whole page. title: as it is; body: written in HTML, with its `words` escaped.

    more_style: CSS beside that of every page. language: ISO 639-1 of its own words. pictures: whether
    it holds any, as data: addresses.
    """
    style = STYLE + more_style
    policy = policy_of(style, pictures=pictures)
    return (
        "<!DOCTYPE html>\n"
        f'<html lang="{words(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{words(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def words(text: str) -> str:
    """On one line, without what steers a screen, and without meaning in HTML."""
    return html.escape(one_line(text))
