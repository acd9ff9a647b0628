"""Benches: the product beside its limit, the same work with nothing but the raw parts, in one run.

`contact-center bench [names…]` runs them, prints a table and writes `bench.json`. A bench measures, it never passes or
fails a test; what each figure means and what holds it back is in docs/performance.md.
"""
