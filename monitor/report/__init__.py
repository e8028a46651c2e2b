"""One self-contained HTML page about one or several sessions, for a physiotherapist or coach."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor import __version__
from monitor.history import Trend
from monitor.report.charts import MOST_COLUMNS
from monitor.report.history import history_pages
from monitor.report.page import session_page
from monitor.report.words import LIMITS, SIGNS
from monitor.reviewed import Reviewed

__all__ = ["report_html"]

_COLUMNS_IN_ALL = 4500
"""A month of sessions in one file stays below 300 kB: where there are many, each is drawn coarser."""


def report_html(sessions: Sequence[Reviewed], history: Sequence[Trend] = ()) -> str:
    """Return the report as one HTML document without anything beside it.

    Parameters
    ----------
    sessions
        At least one, oldest first.
    history
        Trends to show the sessions in; empty shows none.
    """
    template = Environment(
        loader=PackageLoader("monitor.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.html")
    columns = min(MOST_COLUMNS, _COLUMNS_IN_ALL // max(1, len(sessions)))
    return template.render(
        pages=[session_page(session, columns) for session in sessions],
        history=history_pages(sessions, history),
        limits=LIMITS,
        signs=SIGNS,
        version=__version__,
    )
