"""The HTTP edge: pages, sign-in, REST and export, as a Starlette application on hypercorn."""
