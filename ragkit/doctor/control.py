"""`python -m ragkit.doctor.control open | sealed | filtered`: every way out, each tried for real.

Run by the proof inside the sensor, in a process of its own. "open" tries them as they are, "sealed"
after the whole guard, "filtered" after its system call filter alone, without the namespace. The guard's
hooks in Python are left out: the kernel alone has to hold. It prints JSON: {"level", "answers": {way:
"" or the error}}. The addresses are those reserved for documentation, and each way has a port of its own.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

IPV4, IPV6 = "192.0.2.1", "2001:db8::1"
MULTICAST = "239.255.41.1"
DNS_PORT = 53
PYTHON_NAME, NATIVE_NAME = "ragkit-control-python", "ragkit-control-native"
"""First labels of names that are looked up; the sensor knows the questions by them."""

_DOMAIN = "example.com"
_FAST_OPEN = 0x20000000
_ECHO_REQUEST = bytes.fromhex("0800f7ff00000000")
_BASH = "/bin/bash"
_SOCKET_BY_NUMBER = {"x86_64": (41, 42), "aarch64": (198, 203)}
_HAS_NUMBERS = os.uname().machine in _SOCKET_BY_NUMBER
_NOBODY_HERE = ("ECONNREFUSED", "Connection refused", "ETIMEDOUT", "timed out")
"""Answers that come from the network: the kernel let the attempt go out."""


class Way(NamedTuple):
    """A way out. port: by which its packet is known; mark: or by which bytes; packet: whether it sends one."""

    name: str
    run: Callable[[], object]
    port: int = 0
    mark: bytes = b""
    needed: bool = True
    packet: bool = True


def went_out(answer: str) -> bool:
    """Whether the answer to an attempt is one that only a packet can bring."""
    return not answer or any(name in answer for name in _NOBODY_HERE)


def _tcp(port: int, family: int = socket.AF_INET, protocol: int = 0) -> None:
    with socket.socket(family, socket.SOCK_STREAM, protocol) as connection:
        connection.settimeout(5)
        connection.connect((IPV6 if family == socket.AF_INET6 else IPV4, port))


def _udp(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"ragkit", (address, port))


def _fast_open(port: int) -> None:
    with socket.socket() as connection:
        connection.sendto(b"ragkit", _FAST_OPEN, (IPV4, port))


def _raw_icmp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sender:
        sender.sendto(_ECHO_REQUEST, (IPV4, 0))


def _look_up() -> None:
    socket.getaddrinfo(f"{PYTHON_NAME}.{_DOMAIN}", 80)


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _made(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _native_address(port: int) -> bytes:
    return struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), socket.inet_aton(IPV4))


def _native_tcp(port: int) -> None:
    library = _library()
    made = _made(library.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    try:
        _made(library.connect(made, _native_address(port), 16))
    finally:
        os.close(made)


def _native_udp(port: int) -> None:
    library = _library()
    made = _made(library.socket(socket.AF_INET, socket.SOCK_DGRAM, 0))
    try:
        _made(library.sendto(made, b"ragkit", 6, 0, _native_address(port), 16))
    finally:
        os.close(made)


def _by_number(port: int) -> None:
    """The system calls themselves, past every function of the C library."""
    library = _library()
    if not _HAS_NUMBERS:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    make, connect = _SOCKET_BY_NUMBER[os.uname().machine]
    made = _made(library.syscall(make, socket.AF_INET, socket.SOCK_STREAM, 0))
    try:
        _made(library.syscall(connect, made, _native_address(port), 16))
    finally:
        os.close(made)


def _native_look_up() -> None:
    found = ctypes.c_void_p()
    name = f"{NATIVE_NAME}.{_DOMAIN}".encode()
    answer = _library().getaddrinfo(name, b"80", None, ctypes.byref(found))
    if answer:
        raise OSError(f"getaddrinfo gives {answer}")


def _python_child(port: int) -> None:
    program = (
        "import errno, socket, sys\ntry: socket.create_connection((%r, %d), 5)\n"
        "except OSError as error: sys.exit(errno.errorcode.get(error.errno, str(error)))"
    )
    _child([sys.executable, "-I", "-S", "-c", program % (IPV4, port)])


def _shell_child(port: int) -> None:
    _child([_BASH, "-c", f"echo ragkit > /dev/tcp/{IPV4}/{port}"])


def _child(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise OSError(f"child: {ended.stderr.strip().rpartition(': ')[2] or ended.returncode}")


def _forked_child(port: int) -> None:
    child = os.fork()
    if child == 0:
        number = 0
        try:
            _native_tcp(port)
        except OSError as error:
            number = error.errno or 255
        finally:
            os._exit(number)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, os.strerror(number))


def _local_service() -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("\0ragkit-control")  # abstract: belongs to this network, nobody listens


WAYS = (
    Way("Python TCP", lambda: _tcp(41001), 41001),
    Way("Python UDP", lambda: _udp(IPV4, 41002), 41002),
    Way("Python name look-up", _look_up, mark=PYTHON_NAME.encode()),
    Way("Python TCP fast open", lambda: _fast_open(41003), 41003, needed=False),
    Way("native TCP", lambda: _native_tcp(41004), 41004),
    Way("native UDP", lambda: _native_udp(41005), 41005),
    Way("native name look-up", _native_look_up, mark=NATIVE_NAME.encode()),
    Way("native, by system call number", lambda: _by_number(41006), 41006, needed=_HAS_NUMBERS),
    Way("a child process", lambda: _python_child(41007), 41007),
    Way("a forked child, native", lambda: _forked_child(41008), 41008),
    Way("a shell", lambda: _shell_child(41009), 41009, needed=False),
    Way("TCP over IPv6", lambda: _tcp(41010, socket.AF_INET6), 41010, needed=False),
    Way("UDP over IPv6", lambda: _udp(IPV6, 41011), 41011, needed=False),
    Way("UDP to a multicast group", lambda: _udp(MULTICAST, 41012), 41012, needed=False),
    Way("multipath TCP", lambda: _tcp(41013, protocol=262), 41013, needed=False),
    Way("ICMP", _raw_icmp, mark=_ECHO_REQUEST, needed=False),
    Way("a local service (AF_UNIX)", _local_service, needed=False, packet=False),
)
MARKS = tuple(way.mark for way in WAYS if way.mark)


def tried(way: Way) -> str:
    """The error's name, "" if there was none."""
    try:
        way.run()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return ""


def main(how: str) -> None:
    """Try every way and print what came of it."""
    level = "" if how == "open" else _sealed(allow_namespace=how == "sealed")
    answers = {way.name: tried(way) for way in WAYS}
    json.dump({"level": level, "answers": answers}, sys.stdout)


def _sealed(*, allow_namespace: bool) -> str:
    from ragkit.isolation import guard

    vars(guard)["watch"] = lambda: None
    return guard.seal(allow_namespace=allow_namespace).description


if __name__ == "__main__":
    main(sys.argv[1])
