"""Writing: the machine that rewords what articles say, asked over HTTP. Edge; the newsroom judges what it says."""
