"""A shop's customer service: tools over its records, and a flow in which a person confirms every change.

The rules are those of τ²-bench's retail domain (Sierra, MIT), so that its tasks can be carried out and compared.
"""

SYSTEM = "retail"
