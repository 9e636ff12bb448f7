"""Characters that nobody sees: dropped and counted, unless a script or an emoji needs them."""

from __future__ import annotations

import time

import pytest

from ragkit.invisible import count_invisible, visible

TAGGED = "".join(chr(0xE0000 + ord(letter)) for letter in "obey me")
ENGLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + "\U000e007f"


@pytest.mark.parametrize(
    ("text", "seen", "count"),
    [
        (f"The rent is due.{TAGGED}", "The rent is due.", 7),
        ("li\u200bab\u2060il\u200dity", "liability", 3),
        ("pay \u202e0001\u202c euros", "pay 0001 euros", 2),
        ("a\u2066b\u2069", "ab", 2),
        ("soft\u00adhyphen", "softhyphen", 0),
        ("\ufeffwords", "words", 0),
        ("words\ufeff", "words", 1),
        ("x" + chr(0xE0101), "x", 1),
        (f"{ENGLAND} {TAGGED}", f"{ENGLAND} ", 7),
    ],
)
def test_what_cannot_be_seen_is_dropped(text: str, seen: str, count: int) -> None:
    assert visible(text) == seen
    assert count_invisible(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "plain ASCII",
        "Año próximo: «sí» — 5 °C",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian with a non-joiner
        "\u202b\u05e9\u05dc\u05d5\u05dd\u202c 123\u200f",  # Hebrew with its directions
        "\u0915\u094d\u200d\u0937",  # Devanagari with a joiner
        "\u0e1b\u0e23\u0e30\u200b\u0e40\u0e17\u0e28",  # Thai with a place to break
        "\U0001f469\u200d\u2695\ufe0f and \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\ua9c9\u200b\ua98f",  # Javanese, which has no spaces
        "\u1828\u1821\u1837\u180e\u1821",  # Mongolian with a parted vowel
        ENGLAND,
        "\u845b\U000e0100",  # an ideograph and its variant
    ],
)
def test_what_a_script_needs_stays(text: str) -> None:
    assert visible(text) is text
    assert count_invisible(text) == 0


def test_a_line_in_hebrew_excuses_no_other_line() -> None:
    text = "\u05e9\u05dc\u05d5\u05dd\u200f\npay \u202e0001\u202c\n"
    assert count_invisible(text) == 2


def test_a_hostile_text_takes_no_time() -> None:
    began = time.perf_counter()
    assert count_invisible("\u202ea" * 200_000 + "\u05e9") == 0
    assert count_invisible("é\u200b" * 200_000) == 200_000
    assert time.perf_counter() - began < 5
