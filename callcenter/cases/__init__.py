"""Cases: what came of a call and is not done yet, from who took it first to who must act, until it is closed."""
