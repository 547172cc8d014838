"""The web: pages for subscribers and the public archive. Thin handlers over verbs."""
