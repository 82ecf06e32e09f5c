"""nbgrader's own pages (make formgrader) show this course.

nbgrader reads this file in the folder where it is started, and gives it
``get_config``.
"""

from coursework.grading.course import Course

course = Course.here()
c = get_config()  # type: ignore[name-defined]  # noqa: F821
c.CourseDirectory.root = str(course.root)
c.CourseDirectory.source_directory = str(course.private / "source")
c.CourseDirectory.db_url = course.url
# Students' notebooks are shown without what a browser would run.
c.HTMLExporter.sanitize_html = True
