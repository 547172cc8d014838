"""People: who we write to. Addresses, consent, tokens, suppression, import and export. Never imports digest."""
