"""A system-call filter for the parsing child: Linux seccomp, built by hand, with no library behind it.

The first filter is for the whole life of the child: no network, no other process, no signal to anyone, no
change of any file, none of the kernel's rarer doors. The second, for kernels without Landlock, takes away
opening files at all, once the parser's library is loaded. A denied call fails with EPERM; nothing can lift
a filter again.

Sources: seccomp(2), Linux Documentation/userspace-api/seccomp_filter.rst; numbers from the kernel's
unistd.h of each architecture.
"""

import ctypes
import errno
import os
import platform
import struct
from functools import cache

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2

_ALLOW = 0x7FFF0000
_DENY = 0x00050000 | errno.EPERM
_AS_IF_DONE = 0x00050000
_NOT_THERE = 0x00050000 | errno.ENOSYS
_KILL = 0x80000000

_LOAD, _JUMP_EQUAL, _JUMP_FROM, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x00010000
_X32_CALLS = 0x40000000

_AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (x86_64, aarch64); None where the architecture has no such call.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # network and messages
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "bind": (49, 200),
    "listen": (50, 201),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "semget": (64, 190),
    "shmget": (29, 194),
    # other processes
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),
    # its own limits
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    # changes of files
    "creat": (85, None),
    "truncate": (76, 45),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rmdir": (84, None),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    # the kernel's rarer doors
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "setns": (308, 268),
    "unshare": (272, 97),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
}
_CLONE, _CLONE3, _TGKILL = (56, 220), (435, 435), (234, 131)
_SOCKET, _BIND, _LISTEN, _AF_UNIX = (41, 198), (49, 200), (50, 201), 1
_OF_A_PROGRAM = frozenset(
    {
        "socket",
        "bind",
        "listen",
        "execve",
        "creat",
        "truncate",
        "unlink",
        "unlinkat",
        "rmdir",
        "mkdir",
        "mkdirat",
    }
    | {"rename", "renameat", "renameat2", "chmod", "fchmod", "fchmodat", "utimensat"}
)
"""What a whole program does to files of its own, and to become it."""
_OPEN, _OPENAT, _OPENAT2 = (2, None), (257, 56), (437, 437)


def deny_reaching_out() -> bool:
    """Installs the filter for life. False where the kernel or the architecture has none."""
    return _install(_program(rules_for_life(may_write=False) + _no_signal_but_to_itself()))


def deny_reaching_out_of_a_folder() -> bool:
    """As `deny_reaching_out`, for a program that this process becomes: it may write, which Landlock bounds, and
    believes that it listens on a socket of its own. It reaches nobody, and starts no process."""
    return _install(_program(rules_for_life(may_write=True) + _no_signal_but_to_itself()))


def deny_opening_files() -> bool:
    """Installs the second filter: from now on no file is opened, for reading either."""
    column = _column()
    rules: list[tuple[int, ...]] = []
    for call in (_OPEN, _OPENAT, _OPENAT2):
        number = call[column] if column is not None else None
        if number is not None:
            rules += _when(number, [_return(_DENY)])
    return _install(_program(_packed(rules)))


@cache
def rules_for_life(*, may_write: bool) -> bytes:
    """All but the one that differs from process to process."""
    column = _column()
    if column is None:
        return b""
    rules: list[tuple[int, ...]] = []
    for name in sorted(_DENIED.keys() - _OF_A_PROGRAM if may_write else _DENIED.keys()):
        number = _DENIED[name][column]
        if number is not None:
            rules += _when(number, [_return(_DENY)])
    # A thread is a clone with this flag, a process one without. clone3 hides its flags behind a pointer
    # that a filter cannot follow: told that it is missing, the C library takes clone.
    rules += _when(_CLONE[column] or 0, _unless_bits(0, _CLONE_THREAD, _DENY))
    rules += _when(_CLONE3[column] or 0, [_return(_NOT_THERE)])
    if may_write:
        rules += _when(_SOCKET[column] or 0, _unless_equal(0, _AF_UNIX, _DENY))
        for call in (_BIND, _LISTEN):
            rules += _when(call[column] or 0, [_return(_AS_IF_DONE)])
    else:
        rules += _when(_OPENAT[column] or 0, _if_bits(2, _WRITING, _DENY))
        if _OPEN[column] is not None:
            rules += _when(_OPEN[column] or 0, _if_bits(1, _WRITING, _DENY))
    rules += _when(_OPENAT2[column] or 0, [_return(_NOT_THERE)])
    return _packed(rules)


def _no_signal_but_to_itself() -> bytes:
    """By which abort() ends it."""
    column = _column()
    if column is None:
        return b""
    return _packed(_when(_TGKILL[column] or 0, _unless_equal(0, os.getpid(), _DENY)))


def _column() -> int | None:
    machine = platform.machine()
    return list(_AUDIT_ARCHITECTURES).index(machine) if machine in _AUDIT_ARCHITECTURES else None


def _packed(instructions: list[tuple[int, ...]]) -> bytes:
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)


def _program(rules: bytes) -> bytes:
    """The rules behind the check that the call is one of this architecture at all."""
    architecture = _AUDIT_ARCHITECTURES.get(platform.machine())
    if architecture is None or not rules:
        return b""
    before = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_EQUAL, 1, 0, architecture),
        _return(_KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_FROM, 0, 1, _X32_CALLS),
        _return(_DENY),
    ]
    return _packed(before) + rules + _packed([_return(_ALLOW)])


def _when(number: int, then: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """``then`` for the call ``number``; every branch of ``then`` returns, so the number stays loaded."""
    return [(_JUMP_EQUAL, 0, len(then), number), *then]


def _if_bits(argument: int, bits: int, verdict: int) -> list[tuple[int, ...]]:
    return [_load(argument), (_JUMP_ANY_BIT, 0, 1, bits), _return(verdict), _return(_ALLOW)]


def _unless_bits(argument: int, bits: int, verdict: int) -> list[tuple[int, ...]]:
    return [_load(argument), (_JUMP_ANY_BIT, 1, 0, bits), _return(verdict), _return(_ALLOW)]


def _unless_equal(argument: int, value: int, verdict: int) -> list[tuple[int, ...]]:
    return [_load(argument), (_JUMP_EQUAL, 1, 0, value), _return(verdict), _return(_ALLOW)]


def _load(argument: int) -> tuple[int, ...]:
    """Loads the low half of an argument; both architectures are little-endian."""
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument)


def _return(verdict: int) -> tuple[int, ...]:
    return (_RETURN, 0, 0, verdict)


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _install(program: bytes) -> bool:
    if not program:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    told = _Filter(len(program) // 8, program)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(told), 0, 0) == 0)
