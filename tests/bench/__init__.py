"""Figures, never verdicts: what a sync costs beside a bare HTTP loop that does the same, in the same run."""
