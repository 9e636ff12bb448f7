"""Fencing: passages of documents that read like instructions to a machine are found, and kept apart.

A document is material, never a voice. What is found here is marked at ingest and takes no part in an
answer; the rules only ever take evidence away, so that a document cannot gain by meeting one.
"""

from ragkit.fencing.detector import DETECTOR, find_instructions
from ragkit.fencing.questions import asks_for_instructions

__all__ = ["DETECTOR", "asks_for_instructions", "find_instructions"]
