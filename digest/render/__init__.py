"""Render: an edition becomes sealed HTML and text. Pure but for reading templates and the MJML renderer."""
