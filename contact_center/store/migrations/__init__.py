"""Migrations, in order. Released ones are never changed."""
