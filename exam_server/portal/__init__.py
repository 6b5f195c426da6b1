"""The portal: what candidates and the public may see, fed only by signed publication packages."""
