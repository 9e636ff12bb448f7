"""The proof that erased means erased: a byte scan that knows nothing of tables or formats.

windows.py   every stretch of a text or a vector as 64-bit keys, and fast look-up of them
needles.py   what must not be found: a document's stretches that no other document has
scan.py      reads every file below some folders and looks for the needles in every encoding
"""
