"""Turns the definitions of reports into rows and files. Reads only."""
