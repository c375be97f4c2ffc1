"""The automatic call distributor: queues, agents and which of them meet. Pure rules and one desk task."""
