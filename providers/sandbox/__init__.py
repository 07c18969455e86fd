"""Look-alike servers of providers, for demonstrations, tests and integrators.

Each is written from the provider's published pages alone. Nothing here imports the module it stands
opposite to, so that an error in one is not repeated in the other; a test holds both to that.
"""
