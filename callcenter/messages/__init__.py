"""What callers said to nobody: voicemail, spoken comments, and what the fallback recorded while we were away."""
