"""Real peers: mail programs that others wrote take our mail, keep it and check it."""
