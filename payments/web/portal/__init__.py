"""The API for portals: JSON under ``/v1``, its OpenAPI document and its reference."""

from payments.web.portal.routes import routes

__all__ = ["routes"]
