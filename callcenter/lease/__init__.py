"""One desk: of all copies of the service on one database only the holder of the lease takes calls."""
