"""Networks: backbones by name, heads, the vision model, and the bundled nets."""
