"""Reports as HTML: one page that needs nothing beside it."""

from __future__ import annotations

from typing import Any

from .extras import require_extra


def render_page(name: str, **values: Any) -> str:
    """Return a page of `templates/`, filled in; every value is escaped.

    Raises:
        ConfigurationError: the template engine is not installed.
    """
    with require_extra("report", "an HTML page"):
        import jinja2
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("onefolio._core"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template(f"{name}.html.jinja").render(**values)
