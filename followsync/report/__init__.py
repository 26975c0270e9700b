"""The rep's own figures: facts are counted, figures are drawn, drawings become one page."""
