"""Metadata from where a document lies."""

from __future__ import annotations

import pytest

from ragkit.metadata.paths import PathPatterns, pattern_fault


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("{client}/{year}/*", "acme/2024/a.pdf", {"client": ("acme",), "year": ("2024",)}),
        ("{client}/{year}/*", "acme/2024/deeper/a.pdf", {}),
        ("{client}/**/*", "acme/2024/deeper/a.pdf", {"client": ("acme",)}),
        ("{client}/**", "acme/a.pdf", {"client": ("acme",)}),
        ("**/{matter}_*.pdf", "x/y/M-12_letter.pdf", {"matter": ("M-12",)}),
        ("**/{matter}_*.pdf", "M-12_letter.pdf", {"matter": ("M-12",)}),
        ("{Número de caso}/*", "12(b)+/a.txt", {"Número de caso": ("12(b)+",)}),
        ("{client}/?.txt", "acme/ab.txt", {}),
        ("./{client}/*", "acme/a.txt", {"client": ("acme",)}),
    ],
)
def test_keys_are_read_out_of_paths(pattern: str, path: str, found: dict[str, object]) -> None:
    assert pattern_fault(pattern) == ""
    assert PathPatterns([pattern]).of(path) == found


def test_the_first_pattern_that_fits_holds() -> None:
    patterns = PathPatterns(["letters/{patient}/*", "{folder}/**"])
    assert patterns.of("letters/ana/1.txt") == {"patient": ("ana",)}
    assert patterns.of("labs/ana/1.txt") == {"folder": ("labs",)}


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("contracts/*", "names no key"),
        ("{client/*", "a brace without its partner"),
        ("{a}/{A}/*", "names a key twice"),
        ("{a}{b}/*", "nothing between them"),
        ("{a=b}/*", "must not hold '='"),
        ("{}/*", "must be text"),
        ("{a/b}/*", "must not hold / * ?"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(pattern: str, says: str) -> None:
    assert says in pattern_fault(pattern)
