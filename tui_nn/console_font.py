"""Which characters the font of the Linux console has."""

import array
import struct
import sys

GIO_UNIMAP = 0x4B66
"""Asks for the pairs of character and place in the font (ioctl_console(2))."""

PAIRS = 65535


def font_characters() -> frozenset[str]:
    """The characters; none where there is no console to ask."""
    if sys.platform != "linux" or sys.__stderr__ is None:
        return frozenset()
    import fcntl

    pairs = array.array("H", bytes(4 * PAIRS))
    request = bytearray(struct.pack("HP", PAIRS, pairs.buffer_info()[0]))
    try:
        fcntl.ioctl(sys.__stderr__.fileno(), GIO_UNIMAP, request)
    except (OSError, ValueError):
        return frozenset()
    (count,) = struct.unpack_from("H", request)
    return frozenset(map(chr, pairs[: 2 * count : 2]))
