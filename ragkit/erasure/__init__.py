"""The proof that erased means erased: a byte scan that knows nothing of tables or formats.

windows.py   every stretch of a text or a vector as 64-bit keys, and fast look-up of them
forms.py     how texts, vectors and token ids stand in files, and the keys of their stretches
matching.py  the needles, and where strings among them stand
needles.py   makes them: a document's stretches that no other document has
scan.py      reads every file below some folders and looks for the needles in every encoding
"""
