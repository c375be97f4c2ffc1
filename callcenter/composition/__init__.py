"""The parts of the service, each put together in one module here; ``app.py`` ties them to each other."""
