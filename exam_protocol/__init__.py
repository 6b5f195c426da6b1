"""Whatever crosses a wire or a USB stick, defined once: papers, keys, messages, packages, and the rules over them."""
