"""The menus: a YAML language for operations people, compiled to a model, walked by a pure interpreter."""
