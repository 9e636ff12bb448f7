"""Writes hashes.txt from what a resolver says: `make lock` (see there) pipes it through this.

Left out is what comes with one build of torch only: its CPU build, which most people want and some
indexes offer under the same version, has other digests than the CUDA build and needs none of these.
So torch alone is checked by version (constraints.txt), and every other package by digest.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

ABOUT = """\
# The sha256 of every file of every version in constraints.txt, for all platforms. Written by `make lock`.
# Installed with: pip install --require-hashes --no-deps --requirement hashes.txt
# pip has no digests for some packages only, and none in a constraints file: hence a file beside it.
# Not here: torch, whose CPU and CUDA builds have one version and different digests, and what only
# its CUDA build needs (nvidia-*, cuda-*, triton). They are pinned by version alone.
"""
ONLY_WITH_TORCH = ("torch==", "nvidia-", "cuda-", "triton==")


def blocks(text: str) -> Iterator[str]:
    """One requirement each, with the lines of its digests; comments are dropped."""
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    block: list[str] = []
    for line in lines:
        if not line.startswith(" ") and block:
            yield "\n".join(block) + "\n"
            block = []
        block.append(line)
    if block:
        yield "\n".join(block) + "\n"


def locked(text: str) -> str:
    """The content of hashes.txt. Raises ValueError for a package without a digest."""
    kept = [block for block in blocks(text) if not block.startswith(ONLY_WITH_TORCH)]
    bare = [block.split()[0] for block in kept if "--hash=sha256:" not in block]
    if bare or not kept:
        raise ValueError(f"no digest for: {' '.join(bare) or 'anything'}")
    return ABOUT + "".join(kept)


if __name__ == "__main__":
    sys.stdout.write(locked(sys.stdin.read()))
