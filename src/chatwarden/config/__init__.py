"""The configuration: one TOML file, parsed once into frozen values that are passed down."""
