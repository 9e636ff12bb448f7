"""Whether llama.cpp, as it is built here, knows the kind of network that a model file is of.

It gives no list of them. So it is asked with a file of nothing but the name, made here and held in memory:
no native code opens the model's own file for this.
"""

from __future__ import annotations

import re
import struct

from ragkit.errors import UsageFault
from ragkit.files import scratch_file
from ragkit.llm import native
from ragkit.llm.gguf import MAGIC
from ragkit.llm.gguf_metadata import GgufAbout

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_VERSION, _TEXT, _ALIGNMENT = 3, 8, 32


def require_known(about: GgufAbout) -> None:
    """Raises UsageFault unless llama.cpp knows the file's architecture."""
    name = about.architecture
    if not name:
        raise UsageFault(
            f"{about.path.name} does not say of which architecture it is.",
            hint="ragkit models recommend",
        )
    if not _NAME.fullmatch(name) or not _is_known(name):
        shown = name if _NAME.fullmatch(name) else ascii(name[:40])
        raise UsageFault(
            f"{about.path.name} is of the architecture {shown}, which llama.cpp "
            f"{native.facts().version} here does not know.",
            hint="ragkit models recommend",
        )


def _is_known(name: str) -> bool:
    with scratch_file("architecture") as file:
        file.write(_header(name))
        file.seek(0)  # also flushes; some systems share the place between both who read
        return native.knows_architecture(file.fileno())


def _header(name: str) -> bytes:
    """A GGUF file with one setting and no tensor."""
    content = struct.pack("<4sIQQ", MAGIC, _VERSION, 0, 1)
    content += _text("general.architecture") + struct.pack("<I", _TEXT) + _text(name)
    return content + bytes(-len(content) % _ALIGNMENT)


def _text(text: str) -> bytes:
    data = text.encode("ascii")
    return struct.pack("<Q", len(data)) + data
