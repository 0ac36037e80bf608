"""HTML pages from templates: files that need nothing else, light or dark, or printed."""

import base64

from nlptrain.reporting.literal import literal


def render_template(name: str, **values: object) -> str:
    """Fill one of `templates/`; what is put in is plain text, and escaped.

    Args:
        name: The template's file.
        values: What it names.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("nlptrain.reporting.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = literal
    environment.filters["base64"] = lambda png: base64.b64encode(png).decode()
    return environment.get_template(name).render(values)
