"""The ledger of a pipeline: who asked what and when, without a word of it, in a file that shows edits.

    chain.py      an entry as bytes; its hash over itself and the entry before
    files.py      the files: private, never followed through a link, the last line found from the end
    head.py       ledger.head, the newest entry noted apart, sealed with the store's key
    book.py       Ledger: append, read
    verifying.py  which line was altered, dropped, inserted, moved or cut

What it proves: whoever noted a head elsewhere can show that nothing up to it was changed. What it does
not: somebody with write access to the store and the key in it can write the whole ledger and its head
anew; only a head noted where they cannot reach tells.
"""

from ragkit.ledger.book import Ledger
from ragkit.ledger.files import FILE_NAMES

__all__ = ["FILE_NAMES", "Ledger"]
