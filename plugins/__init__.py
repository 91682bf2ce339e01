"""The built-ins behind the hooks. They load through the same entry-point group as anybody's package."""
