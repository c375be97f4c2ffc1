"""All that knows Asterisk. Nothing raw (ARI or AMI dictionaries) leaves this room."""
