"""Watching the service itself: incidents, thresholds, metrics, the health page."""
