"""Who may see what: log-ins, tokens, and what they open."""
