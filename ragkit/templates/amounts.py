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
_FIGURE = (
    r"\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?![.,]?\d)|\d+(?:[.,]\d+)?(?![.,]?\d)"
)
_SCALE = r"(?:million|billion|thousand|millones|mil|bn|mn|mm|m(?!\.\s?n\b)|k)\b"
_OTHER_DOLLARS = "cad|aud|nzd|sgd|hkd|mxn"
_MONEY = re.compile(
    rf"(?<![\w$])(?:(?P<named>usd|eur|gbp|chf|{_OTHER_DOLLARS})\b\s?[$€£]?|(?P<mark>us\$|hk\$|c\$|[$€£¥]))"
    rf"\s?(?P<before>{_FIGURE})(?:\s?(?P<scale1>{_SCALE}))?"
    rf"|(?<![\w.,$])(?P<after>{_FIGURE})(?:\s?(?P<scale2>{_SCALE}))?(?:\s+de)?\s?"
    rf"(?P<code>€|£|(?:euro|eur|usd|gbp|chf|{_OTHER_DOLLARS}"
    r"|(?:u\.?s\.? )?dollar|dolares|pound|libra|peso)s?\b)"
)
_WHOSE_DOLLARS = re.compile(
    rf"\s?\(?(?:(?P<code>{_OTHER_DOLLARS})\b|(?P<pesos>pesos?\b|m\.\s?n\b)"
    r"|(?P<country>canadian|australian|new zealand|singapore|hong kong)\b)"
)
"""After an amount with "$" that is not one of the United States."""
_COUNTRIES = {
    "canadian": "CAD",
    "australian": "AUD",
    "new zealand": "NZD",
    "singapore": "SGD",
    "hong kong": "HKD",
}
_UPPER_END = re.compile(
    r"\s?(?:-|–|—|to|a)\s?(?:us|u\.s\.)?[$€£]?\s?(\d[\d.,]{0,20}(?<=\d)(?:\s?(?:million|billion|thousand|millones|mil)\b)?)"
)
"""After the lower end of an amount that is given as from one to another: it has no one form."""
_THREE_AFTER_A_MARK = re.compile(r"\d{1,3}([.,])\d{3}")


def amounts_in(folded: str, is_spanish: bool = False) -> Iterator[Value]:
    """Of a folded text, in order: with the currency's code and the whole amount, "USD 1500000"."""
    for match in _MONEY.finditer(folded):
        code = _currency(match, folded)
        figure, scale = match["before"] or match["after"], match["scale1"] or match["scale2"] or ""
        if code:
            in_spanish = is_spanish or scale == "millones" or code == _CODES["peso"]
            decimal = _is_decimal(figure, scale, code, is_spanish=in_spanish)
            amount = _amount(figure, decimal=decimal) * _SCALES.get(scale, 1)
            plain = f"{code} {_written(amount)}"
            start, end = match.span()
            if upper := _UPPER_END.match(folded, end):
                yield Value(start, upper.end(), "", f"{plain} to {upper[1]}")
            else:
                yield Value(start, end, plain, plain)


def _currency(match: re.Match[str], folded: str) -> str:
    """Its code; "" for one that is not known."""
    if match["mark"] == "$" and (whose := _WHOSE_DOLLARS.match(folded, match.end())):
        if whose["pesos"]:
            return _CODES["peso"]
        return (whose["code"] or "").upper() or _COUNTRIES[whose["country"]]
    mark = (match["named"] or match["mark"] or match["code"]).split(" ")[-1]
    plain = mark if mark in _CODES else mark.rstrip("s")
    return _CODES.get(plain) or (plain.upper() if plain in _OTHER_DOLLARS.split("|") else "")


def _is_decimal(figure: str, scale: str, code: str, *, is_spanish: bool) -> bool:
    """Whether the three digits after the only mark are decimals: of 0.125, of "$1.125 million"."""
    found = _THREE_AFTER_A_MARK.fullmatch(figure)
    if found is None:
        return False
    if figure.startswith("0"):
        return True
    if is_spanish:
        return found[1] == "," and bool(scale)
    return found[1] == "." and (bool(scale) or code != "EUR")


def _amount(figure: str, *, decimal: bool) -> float:
    """1,200.50 and 1.200,50: a mark before one or two digits, or four and more, is that of the decimals."""
    digits = re.sub(r"['\s]", "", figure)
    decimals = re.search(r"[.,](\d+)$" if decimal else r"[.,](\d{1,2}|\d{4,})$", digits)
    whole = digits[: decimals.start()] if decimals else digits
    return float(f"{re.sub(r'[.,]', '', whole)}.{decimals[1] if decimals else 0}")


def _written(amount: float) -> str:
    """With two decimals or none; of an amount that has more, as many."""
    exact = f"{amount:.6f}".rstrip("0")
    return exact if len(exact.partition(".")[2]) > 2 else f"{amount:.2f}".removesuffix(".00")
