"""Ways out of a process, each tried for real. Run as a script, in a process of its own.

Its argument is JSON: {"root": where the package ragkit lies, "seal": "" | "namespace" | "filter",
"tcp", "tcp6", "udp": ports, "stream", "datagram": socket files}. It prints JSON: the name of each
way and "" if it was open, else the error. The receivers of the test see what really arrived.

The audit hook is left out, so that the kernel alone has to hold.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import platform
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

TARGET: dict[str, Any] = {}
LIBRARY = ctypes.CDLL(None, use_errno=True)
MSG_FASTOPEN = 0x20000000
IS_X86 = platform.machine() == "x86_64"
SOCKET_CALL, CONNECT_CALL, WRITE_CALL = (41, 42, 1) if IS_X86 else (198, 203, 64)


def made(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def say(connection: int, name: str) -> None:
    os.write(connection, name.encode())
    os.close(connection)


def native_address() -> bytes:
    loopback = socket.inet_aton("127.0.0.1")
    return struct.pack("=HH4s8x", socket.AF_INET, socket.htons(TARGET["tcp"]), loopback)


def tcp() -> None:
    with socket.socket() as connection:
        connection.connect(("127.0.0.1", TARGET["tcp"]))
        connection.sendall(b"tcp")


def tcp6() -> None:
    with socket.socket(socket.AF_INET6) as connection:
        connection.connect(("::1", TARGET["tcp6"]))
        connection.sendall(b"tcp6")


def udp() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendto(b"udp", ("127.0.0.1", TARGET["udp"]))


def local_service() -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(TARGET["stream"])
        connection.sendall(b"local_service")


def local_datagram() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"local_datagram", TARGET["datagram"])


def datagram_pair() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"datagram_pair", TARGET["datagram"])


def native() -> None:
    connection = made(LIBRARY.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    made(LIBRARY.connect(connection, native_address(), 16))
    say(connection, "native")


def by_number() -> None:
    connection = made(LIBRARY.syscall(SOCKET_CALL, socket.AF_INET, socket.SOCK_STREAM, 0))
    made(LIBRARY.syscall(CONNECT_CALL, connection, native_address(), 16))
    say(connection, "by_number")


def x32_number() -> None:
    made(LIBRARY.syscall(0x40000000 | SOCKET_CALL, socket.AF_INET, socket.SOCK_STREAM, 0))


def foreign_architecture() -> None:
    """socket() of 32-bit x86 (359), which 64-bit code reaches through interrupt 0x80."""
    code = bytes.fromhex("53 89f8 89f3 89d1 31d2 cd80 5b c3")  # eax, ebx, ecx, edx; then call
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int)(start)
    child = os.fork()  # a kernel without 32-bit calls ends whoever makes one
    if child == 0:
        os._exit(max(0, -call(359, socket.AF_INET, socket.SOCK_STREAM)))
    answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if answer < 0:
        raise OSError("no 32-bit calls here")
    if answer > 0:
        raise OSError(answer, os.strerror(answer))


def io_uring() -> None:
    os.close(made(LIBRARY.syscall(425, 4, ctypes.create_string_buffer(120))))


def multipath_tcp() -> None:
    with socket.socket(proto=262) as connection:
        connection.connect(("127.0.0.1", TARGET["tcp"]))
        connection.sendall(b"multipath_tcp")


def virtual_machine_host() -> None:
    socket.socket(socket.AF_VSOCK).close()


def network_settings() -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


def python_child() -> None:
    program = (
        "import socket; c = socket.create_connection(('127.0.0.1', %d)); c.sendall(b'python_child')"
    )
    command = [sys.executable, "-I", "-c", program % TARGET["tcp"]]
    subprocess.run(command, check=True, capture_output=True)


def shell_child() -> None:
    command = f"echo -n shell_child > /dev/tcp/127.0.0.1/{TARGET['tcp']}"
    subprocess.run(["/bin/bash", "-c", command], check=True, capture_output=True)


def forked_child() -> None:
    child = os.fork()
    if child == 0:
        try:
            with socket.socket() as connection:
                connection.connect(("127.0.0.1", TARGET["tcp"]))
                connection.sendall(b"forked_child")
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise OSError("the child could not")


def earlier_thread() -> None:
    """A thread that ran before the sealing; with a namespace wanted it rules the namespace out."""
    THREAD.go.set()
    THREAD.join()
    if THREAD.error:
        raise THREAD.error


def inherited_listener() -> None:
    """Fast open: a listener that is shut down connects without a call to connect."""
    LISTENER.shutdown(socket.SHUT_RDWR)
    address = native_address()
    data = b"inherited_listener"
    made(LIBRARY.sendto(LISTENER.fileno(), data, len(data), MSG_FASTOPEN, address, 16))
    LISTENER.close()


def inherited_socket() -> None:
    """A socket made before, which only needs to be connected."""
    made(LIBRARY.connect(EARLIER_SOCKET.fileno(), native_address(), 16))
    EARLIER_SOCKET.sendall(b"inherited_socket")
    EARLIER_SOCKET.close()


class EarlierThread(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.go = threading.Event()
        self.error: OSError | None = None

    def run(self) -> None:
        self.go.wait()
        try:
            with socket.socket() as connection:
                connection.connect(("127.0.0.1", TARGET["tcp"]))
                connection.sendall(b"earlier_thread")
        except OSError as error:
            self.error = error


THREAD = EarlierThread()
LISTENER = socket.socket()
EARLIER_SOCKET = socket.socket()

CONNECTING: tuple[Callable[[], None], ...] = (
    tcp,
    tcp6,
    udp,
    local_service,
    local_datagram,
    datagram_pair,
    native,
    by_number,
    multipath_tcp,
    python_child,
    shell_child,
    forked_child,
    inherited_listener,
    inherited_socket,
)
"""Ways that send their own name."""

ASKING: tuple[Callable[[], None], ...] = (io_uring, virtual_machine_host, network_settings)
"""Ways that only get hold of the means."""

X86_ONLY: tuple[Callable[[], None], ...] = (x32_number, foreign_architecture)


def attempt(way: Callable[[], None]) -> str:
    try:
        way()
    except (OSError, subprocess.CalledProcessError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def shut(kind: str) -> str:
    """Seal this process as wanted; returns its level."""
    sys.path.insert(0, TARGET["root"])
    from ragkit.isolation import guard

    vars(guard)["watch"] = lambda: None
    keep = [LISTENER.fileno(), EARLIER_SOCKET.fileno()]
    return guard.seal(allow_namespace=kind == "namespace", keep_sockets=keep).level


def main() -> None:
    TARGET.update(json.loads(sys.argv[1]))
    LISTENER.bind(("127.0.0.1", 0))
    LISTENER.listen()
    ways = CONNECTING + ASKING + (X86_ONLY if IS_X86 else ())
    if TARGET["seal"] != "namespace":  # a namespace cannot be left by a process with threads
        THREAD.start()
        ways += (earlier_thread,)
    level = shut(TARGET["seal"]) if TARGET["seal"] else ""
    status = Path("/proc/self/status").read_text()
    result = {"level": level, "status": status, "ways": {w.__name__: attempt(w) for w in ways}}
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
