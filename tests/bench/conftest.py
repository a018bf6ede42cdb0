"""The benchmarks measure PostgreSQL and Redis."""

from django.conf import settings

collect_ignore = [] if settings.REDIS_URL else ["test_bench.py"]
