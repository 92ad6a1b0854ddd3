"""Writers: each is a function of the report document and of nothing else."""

from scimproof.render.files import WRITERS, write_reports
from scimproof.render.html import html
from scimproof.render.junit import junit
from scimproof.render.markdown import markdown
from scimproof.render.text import text

__all__ = ["WRITERS", "html", "junit", "markdown", "text", "write_reports"]
