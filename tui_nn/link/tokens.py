"""What a program writes to a terminal, cut into its parts (ECMA-48 and the commands of xterm)."""

import re
from collections.abc import Iterator

LONGEST = 1 << 16
"""Of a sequence that has not ended: more is no sequence."""

TOKEN = re.compile(
    r"(?P<pen>(?:\x1b\[[0-9;:]*m)+)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\[(?P<row>[0-9]*)(?:;(?P<column>[0-9]*))?[Hf]"
    r"|(?P<control>[\r\n\b])"
    r"|\x1b\[(?P<count>[0-9]*)(?P<final>[ABCDEFGJKXd`])"
    r"|\x1b\[\?2026(?P<frame>[hl])"
    r"|\x1b\[\?(?P<modes>[0-9;]+)(?P<switch>[hl])"
    r"|(?P<aside>\x07|\x1b\[(?:\?[0-9;]*\$p|[<=>?][0-9;]*u|>[0-9;]*[cq]|[0-9]* q)"
    r"|\x1b\](?:0|1|2|7|9|10|11|12|22|52)(?:;[^\x07\x1b]*)?(?:\x07|\x1b\\))"
    r"|(?P<other>\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]|.)",
    re.DOTALL,
)
"""Named after what it is; `pen` has all in a row, `aside` touches no cell, `other` is not understood."""

UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]*)\Z")

QUIET_MODES = frozenset({"1", "7", "12", "25", "1000", "1001", "1002", "1003", "1004", "1005", "1006", "1007", "1015",
                         "1016", "2004", "2031", "2048"})  # fmt: skip
"""Modes of keys, mouse, cursor and margin: setting them leaves all cells as they are."""

PAGE_MODES = frozenset({"47", "1047", "1049"})
"""They exchange the whole screen."""


class Tokens:
    """Cuts one piece after the other; a sequence may begin in one and end in the next."""

    def __init__(self) -> None:
        self._rest = ""

    def cut(self, text: str) -> Iterator[re.Match[str]]:
        """The parts of what is complete."""
        text, self._rest = self._rest + text, ""
        last = text.rfind("\x1b")
        if last >= 0 and len(text) - last <= LONGEST:
            # Of a string's two-character end the first may be there.
            before = text.rfind("\x1b", 0, last) if last == len(text) - 1 else -1
            found = UNFINISHED.search(text, before) if before >= 0 else UNFINISHED.match(text, last)
            if found:
                text, self._rest = text[: found.start()], text[found.start() :]
        return TOKEN.finditer(text)
