"""Pages under /docs: the OpenAPI document in Swagger UI, with every asset served from here.

The assets come from the package swagger-ui-bundle-v2; without it the page says so.
"""

from __future__ import annotations

from importlib import import_module
from importlib.resources.abc import Traversable
from mimetypes import guess_type

from gateway.api import Api
from gateway.http import Page, PageRequest, Response
from gateway.openapi import Info, document_bytes, openapi_page

_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# The validator is a service elsewhere, unless it is said that there is none.
_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#ui", deepLinking: true, persistAuthorization: true,
  validatorUrl: null,
});
"""
_MISSING = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>API</title></head>
<body>
<p>Swagger UI is not installed: <code>pip install swagger-ui-bundle-v2</code>.</p>
<p>The API is described in <a href="/openapi.json">/openapi.json</a>.</p>
</body>
</html>
"""


def documentation_pages(api: Api, info: Info | None = None) -> dict[str, Page]:
    """`/openapi.json`, and `/docs` with its assets."""
    pages = {"/openapi.json": openapi_page(document_bytes(api, info))}
    assets = _assets()
    if assets is None:
        return {**pages, "/docs": _static(_MISSING.encode(), "text/html; charset=utf-8")}
    pages |= {
        "/docs": _static(_HTML.encode(), "text/html; charset=utf-8"),
        "/docs/start.js": _static(_START.encode(), "text/javascript; charset=utf-8"),
    }
    for name in _ASSETS:
        pages[f"/docs/{name}"] = _asset(assets / name, guess_type(name)[0] or "text/plain")
    return pages


def _assets() -> Traversable | None:
    try:
        bundle = import_module("swagger_ui_bundle")
    except ImportError:
        return None
    path: Traversable = bundle.swagger_ui_path
    return path


def _static(body: bytes, media: str) -> Page:
    headers = {
        "content-type": media,
        "content-security-policy": _CSP,
        "cache-control": "no-cache",
    }

    async def page(_: PageRequest) -> Response:
        return Response(200, headers, body)

    return page


def _asset(file: Traversable, media: str) -> Page:
    held: list[bytes] = []

    async def page(_: PageRequest) -> Response:
        # Read on the first request: most processes never show the pages.
        if not held:
            held.append(file.read_bytes())
        headers = {"content-type": media, "cache-control": "public, max-age=86400"}
        return Response(200, headers, held[0])

    return page
