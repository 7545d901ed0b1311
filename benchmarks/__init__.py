"""What Rollcall costs, beside its floor in the same run (`make bench`, `python -m benchmarks [name …]`).

A figure counts only when the assertion of its bench holds. Absolute times of another day or machine prove nothing:
compare the ratios. Each module has one `run(stand, *, quick)`; `quick` is for the test that every bench still runs.
"""
