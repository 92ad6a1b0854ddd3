"""Writers of a conformance report: HTML, Markdown, JUnit XML, terminal."""
