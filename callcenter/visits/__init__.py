"""Return visits: customers are called monthly in their first year and quarterly afterwards."""
