"""Self-contained HTML pages from templates, for screen and print."""

import base64

from nlptrain.reporting.formulas import set_formula
from nlptrain.reporting.literal import literal


def render_template(name: str, **values: object) -> str:
    """Render a file of `templates/`; the values are plain text and are escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("nlptrain.reporting.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = literal
    # The formulas are the program's own, and so is their markup.
    environment.filters["formula"] = lambda latex: Markup(set_formula(latex))  # noqa: S704
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode()
    return environment.get_template(name).render(values)
