"""Where actions are written."""
