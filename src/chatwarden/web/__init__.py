"""HTTP and the control socket: thin surfaces over the services."""
