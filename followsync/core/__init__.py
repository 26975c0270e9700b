"""The heart: facts in, decisions out. Standard library only; no clock, file, socket, log or random number."""
