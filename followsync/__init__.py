"""FollowSync: the next action of every prospect, kept in the rep's phone calendar."""

__version__ = "0.1.0"
