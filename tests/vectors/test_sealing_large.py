"""An index of more than two megabytes of SQLite is made where the kernel refuses every other folder."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from ragkit.vectors.chroma import DATABASE

SCRIPT = """
import sqlite3, sys
from pathlib import Path
from ragkit.isolation import seal

folder = Path(sys.argv[1])
seal(write=(folder,))  # before numpy starts threads
import ragkit.vectors.chroma as chroma
chroma._seal_database(folder / chroma.DATABASE)
"""


def test_the_database_is_written_anew_without_a_file_elsewhere(tmp_path: Path) -> None:
    """SQLite spills into a temporary file from its cache's size on: 18,000 vectors did."""
    database = sqlite3.connect(tmp_path / DATABASE)
    database.execute("CREATE TABLE acquire_write (id INTEGER PRIMARY KEY)")
    database.execute("CREATE TABLE names (number INTEGER PRIMARY KEY, name TEXT UNIQUE)")
    database.executemany(
        "INSERT INTO names (name) VALUES (?)", ((f"{number:090}",) for number in range(40_000))
    )
    database.commit()
    database.close()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
