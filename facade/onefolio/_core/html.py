"""Render reports as self-contained HTML pages."""

from __future__ import annotations

from typing import Any

from onefolio_runtime import escape_controls

from .extras import require_extra


def render_page(template: str, **values: Any) -> str:
    """Render a template of `templates/` and escape every value, control characters included.

    Args:
        template: the name of the template without `.html.jinja`.
        **values: the variables of the template; a missing one raises.

    Raises:
        ConfigurationError: Jinja is not installed.
    """
    with require_extra("report", "an HTML page"):
        import jinja2
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("onefolio._core"),
        autoescape=True,
        finalize=_finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template(f"{template}.html.jinja").render(**values)


def _finalize(value: Any) -> Any:
    return escape_controls(value) if type(value) is str else value
