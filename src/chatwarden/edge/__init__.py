"""Before it is known who asks: sockets, TLS, deadlines, ceilings, rates."""
