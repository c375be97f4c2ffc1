"""How each leg of a call sounded: measured at the switch, kept with the call, shown where operations look."""
