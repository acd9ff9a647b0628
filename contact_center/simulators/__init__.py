"""Providers to develop, test and show with: processes of their own that know nothing of the house."""
