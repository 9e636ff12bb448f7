"""A question with each of some passages to scores, by a cross-encoder's folder on this machine.

    folder.py      what the folder's own files say: window, labels, segments
    base.py        what all rerankers of a folder share
    reference.py   sentence-transformers and torch, the reference
    openvino.py    the same model converted once, without torch
    records.py     what preparation leaves
    preparing.py   the conversion and the measurement that chooses a way, in a child process
    opening.py     what everything above calls: prepare, is_prepared, open_reranker
    fake.py        a reranker for tests that counts words

Importing this package or opening.py loads neither torch nor openvino.
"""
