"""An OpenAPI 3.1 document of an API, from its descriptors and comments."""

from gateway.openapi.document import Info, document, document_bytes, openapi_page

__all__ = ["Info", "document", "document_bytes", "openapi_page"]
