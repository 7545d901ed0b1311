"""The stand-in model: a local OpenAI-compatible server that answers from the text it is given, by lexical rules.

It is a rehearsal, never intelligence: no key, no network, no clock in its answers, and nothing keyed to any demo.
Run it with `python -m agents.rehearsal --port N`; it is a separate process that no other module of ours imports.
"""
