"""What every answer of the page has in common: its headers, its size limits, and a clear page when it ends early."""

from __future__ import annotations

from aiohttp import web

from .forms import FormError, read_form

BODY_MAX = 16 * 1024
NOSNIFF = {"X-Content-Type-Options": "nosniff"}


class Stop(Exception):
    """The request ends here with a page that says why: ``trouble`` names its words, ``back`` where to go on."""

    def __init__(self, status: int, trouble: str, detail: str = "", back: str = "") -> None:
        super().__init__(trouble)
        self.status, self.trouble, self.detail, self.back = status, trouble, detail, back


def headers(images: str = "", scripts: str = "") -> dict[str, str]:
    """``images``, ``scripts``: one more origin each from which such things may come."""
    policy = (
        f"default-src 'none'; style-src 'self'; script-src 'self' {scripts}; img-src 'self' {images}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy.replace(" ;", ";"),
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "no-store",
    } | NOSNIFF


def html(text: str, status: int = 200, *, images: str = "", scripts: str = "") -> web.Response:
    sent = headers(images, scripts)
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=sent)


def see_other(path: str) -> web.Response:
    """After a form: the browser asks for ``path``, and reloading repeats nothing."""
    return web.Response(status=303, headers=headers() | {"Location": path})


async def posted(request: web.Request) -> dict[str, str]:
    """The fields of a form; size before shape. Raises Stop."""
    raw = await _body(request)
    if request.content_type != "application/x-www-form-urlencoded":
        raise Stop(415, "form")
    try:
        return read_form(raw)
    except FormError as fault:
        raise Stop(400, "form", str(fault)) from None


async def _body(request: web.Request) -> bytes:
    """At most BODY_MAX bytes, counted while they come: a length header may be absent or a lie."""
    if (request.content_length or 0) > BODY_MAX:
        raise Stop(413, "large")
    raw = bytearray()
    async for chunk in request.content.iter_chunked(BODY_MAX):
        raw += chunk
        if len(raw) > BODY_MAX:
            raise Stop(413, "large")
    return bytes(raw)
