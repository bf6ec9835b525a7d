"""From a page of our own templates to a PDF: WeasyPrint with an embedded Chinese font, the same bytes each time."""

from __future__ import annotations

import hashlib
import logging
from functools import cache
from typing import Any

from bot.settings import SettingsError

NEEDED = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"


def printed(page: str) -> bytes:
    """The PDF of an HTML page that stands by itself: nothing is fetched, not even an image. CPU work of 0.2 s."""
    weasyprint = _printer()
    document = weasyprint.HTML(string=page, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols=()))
    mark = hashlib.sha256(page.encode()).digest()[:16]
    pdf: bytes = document.write_pdf(pdf_identifier=mark)
    return pdf


def check_printer() -> None:
    """Raises SettingsError that says what to install."""
    _printer()


@cache
def _printer() -> Any:
    """Imported on first use: it takes a second, and a process that signs nothing needs none of it."""
    try:
        import weasyprint
    except OSError as fault:
        raise SettingsError(f"contracts cannot be printed ({fault}); on Debian: apt-get install {NEEDED}") from None
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return weasyprint
