"""Texts to unit vectors, by a sentence-transformers model folder on this machine.

    folder.py      what the folder's own files say: dimension, window, pooling
    base.py        what all embedders of a folder share
    reference.py   sentence-transformers and torch, the reference
    openvino.py    the same model converted once, 3 times faster, without torch
    quantizing.py  the converted model in int8, on request
    preparing.py   the conversion and the measurement that chooses a way, in a child process
    opening.py     what everything above calls: prepare, is_prepared, open_embedder
    fake.py        a hashing embedder for tests

What it shares with rerankers lies in acceleration/. Importing this package or opening.py loads neither
torch nor openvino.
"""

from ragkit.acceleration.tokenizing import TokenizerFile
from ragkit.embedders.opening import (
    WAYS,
    PreparedEmbedder,
    Way,
    describe,
    is_prepared,
    measured_rate,
    open_embedder,
    prepare,
)

__all__ = [
    "describe",
    "prepare",
    "is_prepared",
    "measured_rate",
    "open_embedder",
    "PreparedEmbedder",
    "Way",
    "WAYS",
    "TokenizerFile",
]
