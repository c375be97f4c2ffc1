"""Supervisors at agents' calls: listen, whisper, join, take over. Nothing of it outlives the service."""
