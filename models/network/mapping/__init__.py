"""From a program to a machine of many tiles: parts, places, keys, routes, tables (`docs/mesh.md`)."""
