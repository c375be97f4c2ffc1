"""The carriers' lines: which there are, which work, which one a call takes, and how many it may have."""
