"""WeChat's error codes, each with what it means for a message (channels sheet 1.9)."""

from __future__ import annotations

import re

from channels.port import ChannelError, Trouble

TOKEN_DEAD = frozenset({40001, 40014, 42001})
CODE_SPENT = frozenset({40029, 40163})
"""An OAuth code that is bad or used."""
_RID = re.compile(r"rid: ?[\w-]{1,60}")
NO_MENUS, MENU_TOO_LONG = "40200", "45098"
"""This account may not send menus at all; this one list is too long. Either way the next rendering is tried."""
MENU_REFUSED = frozenset({NO_MENUS, MENU_TOO_LONG})

_MEANINGS = {
    Trouble.TRANSIENT: (-1, 45011, 43108),
    Trouble.QUOTA: (45009,),
    Trouble.WINDOW: (45015, 45047),
    Trouble.UNREACHABLE: (43004, 40003, 43101, 43019),
    Trouble.OPTED_OUT: (48002,),
    Trouble.CONFIG: (
        *TOKEN_DEAD, 40013, 40125, 40033, 40037, 47001, 47003, 40200, 45098, 40249, 43107, 45002, 45008, 48001, 48004,
        48008, 50002, 61451,
    ),
}  # fmt: skip
TROUBLES = {code: trouble for trouble, codes in _MEANINGS.items() for code in codes}


def refusal(errcode: int, errmsg: str) -> ChannelError:
    """A code nobody has listed needs a person: it may be a rule we break."""
    return ChannelError(TROUBLES.get(errcode, Trouble.CONFIG), str(errcode), errmsg[:120])


def rid_in(errmsg: str) -> str:
    """The platform's own number of a call, which its support asks for; nothing else of its words goes to a log."""
    found = _RID.search(errmsg)
    return found.group() if found else ""
