"""Where a test's own server listens."""

import socket


def a_listener() -> socket.socket:
    """On a free port. With the protocol named, asyncio sends small answers at once instead of after 40 ms."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening
