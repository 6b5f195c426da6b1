"""The servers: centre 省中心, portal and zone 考区 as thin faces over shared services."""
