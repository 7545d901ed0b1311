"""The demo: a team of its own, named as demo everywhere, dropped whole. Every figure it shows is computed from rows."""
