"""The few system calls of the guard, through the C library. Linux only."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator
from contextlib import contextmanager

PR_GET_DUMPABLE = 3
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

_SECCOMP_SET_MODE_FILTER = 1
_CAPABILITY_VERSION_3 = 0x20080522


def explain(answer: int) -> str:
    """The name of the error in an answer below zero: "EPERM"."""
    return errno.errorcode.get(-answer, str(-answer))


class Kernel:
    """Every method answers as the kernel does: a result, or minus an error number.

    ctypes is imported with the first instance, so that importing the guard stays cheap. Tests hand
    in a subclass that refuses, to see the guard fail closed.
    """

    def __init__(self) -> None:
        import ctypes

        self._ctypes = ctypes
        self._library = ctypes.CDLL(None, use_errno=True)
        self._library.syscall.restype = ctypes.c_long

    def prctl(self, option: int, value: int) -> int:
        """Set an attribute of this process."""
        return self._answer(self._library.prctl(option, *self._words((value, 0, 0, 0))))

    def unshare(self, flags: int) -> int:
        """Leave the namespaces named by `flags` for new ones."""
        return self._answer(self._library.unshare(flags))

    def socket(self, family: int, kind: int, protocol: int = 0) -> int:
        """What native code gets when it asks for a socket: a descriptor or an error."""
        return self._answer(self._library.socket(family, kind, protocol))

    def system_call(self, number: int, *arguments: int) -> int:
        """Any system call by its number, past the C library's own functions."""
        return self._answer(self._library.syscall(*self._words((number, *arguments))))

    def add_filter(self, seccomp_number: int, flags: int, program: bytes) -> int:
        """Put a filter of 8-byte instructions over this process.

        Answers 0, an error, or with TSYNC the id of the thread that could not be reached.
        """
        ctypes = self._ctypes
        instructions = ctypes.create_string_buffer(program, len(program))
        described = ctypes.create_string_buffer(  # struct sock_fprog
            struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
        )
        address = ctypes.addressof(described)
        return self.system_call(seccomp_number, _SECCOMP_SET_MODE_FILTER, flags, address)

    @contextmanager
    def memory(self, content: bytes) -> Iterator[int]:
        """The address of a copy of `content`, for a call that is handed a structure."""
        buffer = self._ctypes.create_string_buffer(content, len(content))
        yield self._ctypes.addressof(buffer)

    def drop_capabilities(self, keep: int = 0) -> int:
        """Give up every capability of this thread but those of the mask `keep` that it has.

        Only the first 32 can be kept.
        """
        ctypes = self._ctypes
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, in two halves
        if keep:
            self._library.capget(header, held)
        left = (ctypes.c_uint32 * 6)(held[0] & keep, held[1] & keep)
        return self._answer(self._library.capset(header, left))

    def _words(self, values: tuple[int, ...]) -> list[object]:
        return [self._ctypes.c_long(value) for value in values]

    def _answer(self, result: int) -> int:
        return -self._ctypes.get_errno() if result == -1 else int(result)
