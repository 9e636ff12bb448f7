"""constraints.txt and hashes.txt are what is installed, all of it, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dependencies.installed import NOT_PINNED, installed, pins
from tests.dependencies.lock import locked

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
HASHES = ROOT / "hashes.txt"
ONLY_BY_VERSION = {"torch"}
"""Its CPU and CUDA builds have one version and different digests."""
ELSEWHERE = {"colorama", "nvidia-", "cuda-", "triton"}
"""Installed on other systems, or with torch's CUDA build."""


def differences(pinned: dict[str, str], found: dict[str, str]) -> list[str]:
    """What is installed in another version than it is pinned to, or not pinned at all."""
    return [
        f"{name} {version} is installed, {pinned.get(name, 'nothing')} is pinned"
        for name, version in sorted(found.items())
        if pinned.get(name) != version
    ]


def versions() -> dict[str, str]:
    """Installed versions without the build's name: 2.13.0+cpu is 2.13.0."""
    found = {name: one.version.partition("+")[0] for name, one in installed().items()}
    return {
        n: v for n, v in found.items() if n not in NOT_PINNED and not n.startswith(tuple(ELSEWHERE))
    }


def test_everything_that_is_installed_is_pinned_to_its_version() -> None:
    found = differences(pins(CONSTRAINTS), versions())
    assert not found, f"{found}: make setup, or pip uninstall what is not pinned"


def test_a_difference_would_be_seen() -> None:
    """The control: another version, and a package that nobody pinned."""
    pinned = pins(CONSTRAINTS)
    del pinned["numpy"]
    pinned["click"] = "0.1"
    found = versions()
    assert [line.split()[0] for line in differences(pinned, found)] == ["click", "numpy"]


def test_every_pin_has_its_digests() -> None:
    pinned, hashed = pins(CONSTRAINTS), pins(HASHES)
    assert {n: v for n, v in pinned.items() if n not in ONLY_BY_VERSION} == {
        n: v for n, v in hashed.items() if n in pinned
    }
    assert hashed.keys() - pinned.keys() <= {"colorama", "httpx2-jsfetch"}, "other systems' only"
    blocks = re.split(r"\n(?=\S)", HASHES.read_text(encoding="utf-8"))
    bare = [b for b in blocks if not b.startswith("#") and "--hash=sha256:" not in b]
    assert not bare


def test_the_lock_leaves_out_what_has_another_digest_for_each_build() -> None:
    one = " \\\n    --hash=sha256:" + "0" * 64
    text = f"# said\na==1{one}\n    # via b\ntorch==2{one}\nnvidia-x==3{one}\nb==2{one}\n"
    assert [line.split()[0] for line in locked(text).splitlines() if "==" in line] == [
        "a==1",
        "b==2",
    ]
    with pytest.raises(ValueError, match="no digest for: c==1"):
        locked("c==1\n")


def test_pip_refuses_a_file_with_another_digest(tmp_path: Path) -> None:
    """With pip itself, a made-up package and no index: one flipped byte."""
    wheel = tmp_path / "tiny_thing-1.0-py3-none-any.whl"
    make_wheel(wheel)
    requirement = tmp_path / "hashes.txt"
    digest = digest_of(wheel)
    requirement.write_text(f"tiny-thing==1.0 --hash=sha256:{digest}\n")
    assert pip_install(tmp_path, requirement).returncode == 0
    content = bytearray(wheel.read_bytes())
    content[40] ^= 1  # a byte of the first file's name
    wheel.write_bytes(content)
    done = pip_install(tmp_path, requirement)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    shutil.rmtree(tmp_path / "into")


def make_wheel(path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        about = "tiny_thing-1.0.dist-info"
        archive.writestr("tiny_thing.py", "")
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")


def digest_of(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def pip_install(folder: Path, requirement: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--isolated", "install", "--no-index", "--no-deps"),
            *("--find-links", str(folder), "--target", str(folder / "into"), "--require-hashes"),
            *("--requirement", str(requirement), "--no-cache-dir", "--quiet", "--upgrade"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
