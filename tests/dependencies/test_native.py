"""Native libraries able to open a connection: all are known by name, each with why it does no harm.

What keeps the promise is the kernel (tests/isolation). This list says who would have to be stopped: a
library that is new to it fails the test, so that somebody looks at it before it is installed anywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pytest

from tests.dependencies.elf import read_library
from tests.dependencies.installed import installed, native_libraries, strays

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads ELF files")

FUNCTIONS = frozenset(
    {
        *("socket", "connect", "sendto", "sendmsg", "sendmmsg", "accept4"),
        *("getaddrinfo", "gethostbyname", "gethostbyname_r", "gethostbyname2", "res_query"),
        *("io_uring_setup", "io_uring_queue_init", "curl_easy_perform"),
    }
)
LIBRARIES = ("libcurl", "libssl", "libgnutls", "libgrpc", "libnghttp", "libzmq", "libuv")
"""Libraries that make connections for others."""

HARMLESS: Mapping[str, str] = {
    "chromadb": "its client for distributed Chroma; ragkit opens local folders, in sealed processes",
    "cryptography": "OpenSSL's BIO sockets; ragkit decrypts PDF files with it, in sealed readers",
    "grpcio": "comes with chromadb's telemetry exporter; never imported by ragkit",
    "hf-xet": "the model hub's transfer library; switched off, and only `models pull` has a network",
    "llama-cpp-python": "libllama-common downloads models for llama.cpp's own programs; never loaded",
    "onnxruntime": "telemetry in C++, switched off; comes with chromadb, never imported by ragkit",
    "pillow": "libxcb for screenshots of X11; ragkit decodes pictures with it, in sealed readers",
    "psutil": "asks the kernel for the speed of network cards; never imported by ragkit",
    "torch": "distributed training; imported to prepare a model, in a sealed process",
    "uvloop": "an event loop for servers; comes with uvicorn, never imported by ragkit",
}
"""Distribution -> why it does no harm. In sealed processes the kernel refuses what it might try."""


def able_to_connect() -> dict[str, str]:
    """Distribution -> one of its libraries, with what that imports."""
    found: dict[str, str] = {}
    for name, path in native_libraries():
        library = read_library(path, FUNCTIONS)
        asks = library.imported | {one for one in library.needed if one.startswith(LIBRARIES)}
        if asks:
            found[name] = f"{path.name} ({', '.join(sorted(asks))})"
    return found


@pytest.fixture(scope="module")
def able() -> dict[str, str]:
    return able_to_connect()


def unknown(able: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    return {name: what for name, what in able.items() if name not in known}


def test_no_library_able_to_connect_is_new(able: dict[str, str]) -> None:
    new = unknown(able, HARMLESS)
    assert not new, f"able to open a connection, and not on the list: {new}"


@pytest.mark.parametrize("name", HARMLESS)
def test_it_would_be_seen(able: dict[str, str], name: str) -> None:
    """The control: with its entry taken out, each library on the list is named as new."""
    if name not in installed():
        pytest.skip("not installed here")
    rest = {other: why for other, why in HARMLESS.items() if other != name}
    assert set(unknown(able, rest)) == {name}


def test_every_native_library_belongs_to_a_distribution() -> None:
    assert not strays()


def test_the_reader_sees_what_python_itself_imports() -> None:
    """A second control: Python's own socket module must be seen."""
    import _socket
    from pathlib import Path

    library = read_library(Path(_socket.__file__), FUNCTIONS)
    assert {"socket", "connect", "getaddrinfo"} <= library.imported
    assert any(one.startswith("libc.") for one in library.needed)
