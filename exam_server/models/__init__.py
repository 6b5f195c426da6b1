"""Tables. Each names the databases it belongs to: centre, zone and portal each have their own."""
