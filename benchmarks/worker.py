"""A worker process: it imports nothing of ours before Django is set up."""

import time


def begin() -> None:
    """Once in its life."""
    import django

    django.setup()


def compile_one(pk: int) -> float:
    """Compile one edition as the sweep has it done; how many seconds it took."""
    from recommendations.tasks import compile_one

    start = time.perf_counter()
    compile_one(pk)
    return time.perf_counter() - start
