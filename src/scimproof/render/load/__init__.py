"""Writers of a load report: HTML with charts, JUnit XML, terminal."""
