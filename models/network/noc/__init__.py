"""A functional model of a mesh as a network of queues: latency and saturation, before there is any RTL."""
