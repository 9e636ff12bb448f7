"""`python -m ragkit.remote`, which notes what was imported from third parties when it seals itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from ragkit.remote import server

seal = server.seal


def noted(**given: Any) -> Any:
    own = {name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
    Path(os.environ["RAGKIT_TEST_MARKS"]).write_text("imported " + " ".join(sorted(own)) + "\n")
    return seal(**given)


server.seal = noted

if __name__ == "__main__":
    server.main()
