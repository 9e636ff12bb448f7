"""Sums of money, with their currency and the whole amount; English and Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ragkit.templates.values import Value

_CODES = {
    "$": "USD",
    "us$": "USD",
    "usd": "USD",
    "dollar": "USD",
    "dolares": "USD",
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "£": "GBP",
    "gbp": "GBP",
    "pound": "GBP",
    "libra": "GBP",
    "cad": "CAD",
    "c$": "CAD",
    "hk$": "HKD",
    "¥": "JPY",
    "chf": "CHF",
    "peso": "pesos",
}
_SCALES = {
    "million": 1e6,
    "millones": 1e6,
    "mm": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "thousand": 1e3,
    "k": 1e3,
    "mil": 1e3,
}
_FIGURE = r"\d{1,3}(?:[.,'\s]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)"
_SCALE = r"(?:million|billion|thousand|millones|mil|bn|mn|mm|m|k)\b"
_MONEY = re.compile(
    rf"(?<![\w$])(?P<mark>us\$|hk\$|c\$|[$€£¥]|(?:usd|eur|gbp|cad|chf)\b)\s?(?P<before>{_FIGURE})"
    rf"(?:\s?(?P<scale1>{_SCALE}))?"
    rf"|(?<![\w.,$])(?P<after>{_FIGURE})(?:\s?(?P<scale2>{_SCALE}))?(?:\s+de)?\s?"
    r"(?P<code>€|£|(?:euro|eur|usd|gbp|cad|chf|(?:u\.?s\.? )?dollar|dolares|pound|libra|peso)(?:s)?\b)"
)


def amounts_in(folded: str, day_first: bool = False) -> Iterator[Value]:
    """Of a folded text, in order: with the currency's code and the whole amount, "USD 1500000"."""
    for match in _MONEY.finditer(folded):
        mark = (match["mark"] or match["code"]).split(" ")[-1]
        code = _CODES.get(mark) or _CODES.get(mark.rstrip("s"), "")
        scale = _SCALES.get(match["scale1"] or match["scale2"] or "", 1)
        amount = _amount(match["before"] or match["after"]) * scale
        if code:
            plain = f"{code} {amount:.2f}".removesuffix(".00")
            yield Value(*match.span(), plain, plain)


def _amount(figure: str) -> float:
    """1,200.50 and 1.200,50: the last mark before one or two digits is that of the decimals."""
    digits = re.sub(r"['\s]", "", figure)
    decimals = re.search(r"[.,](\d{1,2})$", digits)
    whole = digits[: decimals.start()] if decimals else digits
    return float(f"{re.sub(r'[.,]', '', whole)}.{decimals[1] if decimals else 0}")
