"""Deliver: a sealed edition and its audience become outcomes. Messages, DKIM and rules are pure; smtp is the edge."""
