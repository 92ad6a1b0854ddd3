"""Writers of a search for the highest rate: terminal, HTML with the curve, JUnit XML."""
