"""Nearest neighbours: Chroma for what is published, exact search for the tail, outages and as oracle.

    manifest.py   what a finished index folder holds, and the check that runs before it is opened
    chroma.py     the only file that knows chromadb: builds an index, searches one
    builder.py    the same build in a child process, checked in another, then moved into place
    exact.py      numpy; also the fake of the VectorIndex seam

Only manifest.py and exact.py are imported cheaply; nothing here sees a word of a document.
"""
