"""Open files: every connection is one, and without one left the journal could not be read."""

import resource

FILES_BESIDE = 256
"""Left for everything that is no connection: databases, uploads, imports, pages."""


def room_for(connections: int) -> int:
    """How many connections may be open at once: what is wanted, once the system's limit has been raised as far as it goes."""
    wanted = connections + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = _raised(soft, wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - FILES_BESIDE))


def _raised(soft: int, to: int, hard: int) -> int:
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (to, hard))
    except (ValueError, OSError):  # some systems allow less than they say
        return soft
    return to
