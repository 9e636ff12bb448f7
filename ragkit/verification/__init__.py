"""Whether a sentence may be shown, given the evidence sentences it points at.

Pure and of the standard library only: text in, verdict out. Nothing here calls a model.
"""

from ragkit.verification.check import Verdict, check_assumptions, check_claim
from ragkit.verification.literal import stands_literally
from ragkit.verification.sentence import Cited, check_sentence

__all__ = [
    "Cited",
    "Verdict",
    "check_assumptions",
    "check_claim",
    "check_sentence",
    "stands_literally",
]
