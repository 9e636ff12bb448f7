"""A store whose bytes are flipped or cut, and everything that reads it asked, in one process.

    python -m tests.hygiene.flipping FOLDER SEED COUNT

FOLDER holds a desk with a store that was copied to `.kept`. Each time one file of the store is
damaged, then everything is asked. Printed is what was neither an answer nor told in a sentence; a
crash ends the process, and the last line on standard error says which damage it was. SQLite keeps no
digests: a flipped digit or letter in a row that can still be read is an answer, or a value that makes
no sense, which `explained` puts into a sentence.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ragkit.errors import RagkitError
from ragkit.workspace import Workspace
from tests.hygiene.desk import RENT
from tests.hygiene.models import use_fake_models

NONSENSE = (ValueError, LookupError, TypeError, AssertionError)


def damage(store: Path, chance: random.Random) -> str:
    """Flip some bits of one file, put noise on a stretch of it, or cut it. Returns what was done."""
    files = sorted(path for path in store.rglob("*") if path.is_file() and path.stat().st_size)
    catalog = [path for path in files if path.name.startswith("catalog.db")]
    path = chance.choice(chance.choice((files, catalog)))
    data = bytearray(path.read_bytes())
    kind = chance.choice(("flip", "noise", "cut"))
    at = chance.choice((chance.randrange(len(data)), chance.randrange(min(100, len(data)))))
    if kind == "flip":
        for place in {at, *(chance.randrange(len(data)) for _ in range(3))}:
            data[place] ^= 1 << chance.randrange(8)
    elif kind == "noise":
        data[at : at + 64] = chance.randbytes(len(data[at : at + 64]))
    else:
        del data[at:]
    path.write_bytes(bytes(data))
    return f"{kind} at {at} of {path.relative_to(store)}"


def asked(workspace: Workspace) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "search", lambda: workspace.search("a", RENT)
    yield "ask", lambda: workspace.ask("a", RENT)
    yield "status", lambda: workspace.status("a")
    yield "runs", lambda: workspace.runs("a")
    yield "report", lambda: workspace.nightly_report("a")
    yield "ledger", lambda: workspace.ledger("a")
    yield "verify", lambda: workspace.verify_ledger("a")


def main() -> None:
    root, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    store, chance = root / ".ragkit/a", random.Random(seed)
    use_fake_models()
    answers = told = 0
    for number in range(count):
        shutil.rmtree(store)
        shutil.copytree(root / ".kept", store)
        done = damage(store, chance)
        sys.stderr.write(f"{number}: {done}\n")
        sys.stderr.flush()
        with Workspace(root / "pipelines.yaml", models=root / "home") as workspace:
            for name, ask in asked(workspace):
                try:
                    ask()
                    answers += 1
                except (RagkitError, *NONSENSE):
                    told += 1
                except Exception as error:  # noqa: BLE001 (what is looked for)
                    print(f"{number}: {done}: {name}: {type(error).__name__}: {error}")
    sys.stderr.write(f"answers {answers} told {told}\n")


if __name__ == "__main__":
    main()
