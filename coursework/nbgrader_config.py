"""nbgrader's own pages (make formgrader) show this course."""

from traitlets.config import get_config

c = get_config()
c.CourseDirectory.source_directory = "private/source"
# Students' notebooks are shown without what a browser would run.
c.HTMLExporter.sanitize_html = True
