"""Scans that lie a little askew: by how much, and level again.

Tesseract levels most of them itself, but on one page of a contract turned by 3 degrees it read 58 % of
the words with a confidence of 95 %, and nobody would have known; level it read 99.8 %.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ragkit.parsers.ocr_page import PageImage

_MOST_DEGREES = 8.0
_LEAST_DEGREES = 0.5
"""A page that lies less askew is read as well as it lies."""
_COARSE, _FINE = 0.5, 0.1
_LOOKED_AT = 900
"""Pixels of the longer side at which the page is looked at."""
_MOST_INK = 60_000
"""Pixels of ink that are counted."""
_CONTRAST = 48
_CLEARLY = 1.1
"""How many times sharper the lines must stand out than on the page as it lies."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]


def levelled(picture: PageImage) -> PageImage:
    """The picture with its lines level; itself where they are, or where there are none."""
    degrees = skew_of(picture)
    if abs(degrees) < _LEAST_DEGREES:
        return picture
    grey = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width)
    slope = math.tan(math.radians(degrees))
    # Shifting columns, then rows, is a turn for such small angles, and needs no more memory.
    return replace(picture, pixels=_slid(_slid(grey, -slope).T, slope).T.tobytes())


def skew_of(picture: PageImage) -> float:
    """The angle of the lines in degrees, -8 to 8, positive where they fall to the right; 0 if unclear.

    Of a page that lies on its side, the angle of its lines against the upright.
    """
    rows, columns = _ink(picture)
    if not rows.size:
        return 0.0
    level, upright = _sharpest(rows, columns), _sharpest(columns, rows)
    if _sharpness(columns, rows, upright) > _sharpness(rows, columns, level):
        return -_if_clear(columns, rows, upright)
    return _if_clear(rows, columns, level)


def _ink(picture: PageImage) -> tuple[Places, Places]:
    """The rows and columns of dark pixels, of the page made smaller."""
    grey = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width)
    step = max(1, max(grey.shape) // _LOOKED_AT)
    small = grey[: grey.shape[0] // step * step : step, : grey.shape[1] // step * step]
    small = small.reshape(small.shape[0], -1, step).min(axis=2)
    rows, columns = np.nonzero(small < int(np.median(small)) - _CONTRAST)
    every = max(1, rows.size // _MOST_INK)
    return rows[::every], columns[::every]


def _sharpest(rows: Places, columns: Places) -> float:
    """The angle in degrees at which lines stand out best."""
    best, reach = 0.0, _MOST_DEGREES
    for step in (_COARSE, _FINE):
        angles = np.arange(best - reach, best + reach + step / 2, step)
        best = float(max(angles, key=lambda degrees: _sharpness(rows, columns, float(degrees))))
        reach = _COARSE
    return best


def _if_clear(rows: Places, columns: Places, degrees: float) -> float:
    """The angle if lines stand out clearly better than at none; else 0."""
    is_clear = _sharpness(rows, columns, degrees) > _CLEARLY * _sharpness(rows, columns, 0.0)
    return degrees if is_clear and abs(degrees) < _MOST_DEGREES else 0.0


def _sharpness(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], degrees: float) -> float:
    """How sharply lines at this angle part ink from paper: the squared steps from row to row."""
    level = rows - np.rint(columns * math.tan(math.radians(degrees))).astype(np.intp)
    ink = np.bincount(level - level.min()).astype(np.float64)
    return float(np.square(np.diff(ink)).sum())


def _slid(grey: Bytes, slope: float) -> Bytes:
    """Each column moved down by its distance from the middle one times the slope; paper moves in.

    By parts of a pixel too: a letter that is cut by steps of whole ones is read as another.
    """
    width = grey.shape[1]
    paper = int(np.median(grey[::7, ::7]))
    slid = np.full_like(grey, paper)
    shifts = (np.arange(width) - width / 2) * slope
    whole = np.floor(shifts).astype(int)
    parts = (shifts - whole).astype(np.float32)
    starts = [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), width]
    for first, last in itertools.pairwise(starts):
        strip = grey[:, first:last]
        upper = _moved(strip, int(whole[first]), paper)
        lower = _moved(strip, int(whole[first]) + 1, paper)
        slid[:, first:last] = np.rint(upper + (lower - upper) * parts[first:last])
    return slid


def _moved(strip: Bytes, shift: int, paper: int) -> npt.NDArray[np.float32]:
    """The strip moved down by so many rows."""
    height = strip.shape[0]
    moved = np.full(strip.shape, paper, np.float32)
    if abs(shift) < height:
        target = slice(max(0, shift), height + min(0, shift))
        source = slice(max(0, -shift), height - max(0, shift))
        moved[target] = strip[source]
    return moved
