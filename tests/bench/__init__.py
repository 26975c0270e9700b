"""Figures, never verdicts: what a sync costs beside a bare HTTP loop and vdirsyncer doing the same, in the same run."""
