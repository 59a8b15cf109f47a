"""A mesh of routers as a network on chip, in lockstep: how long events take, and how many get through."""
