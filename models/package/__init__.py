"""Packages of dies: which die is joined to which, ways between them, energy of their links, temperatures."""
