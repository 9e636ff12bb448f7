"""Whether a sentence may be shown, given the evidence sentences it points at.

Pure and of the standard library only: text in, verdict out. Nothing here calls a model.
"""

from ragkit.verification.check import Verdict, check_assumptions, check_claim

__all__ = ["Verdict", "check_assumptions", "check_claim"]
