"""The machine that a benchmark ran on: what its rates depend on, and nothing by which somebody would find it."""

import os
import platform
import re
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection

GIB = 1024**3


def describe() -> dict[str, str]:
    """What each part of it is, the two servers included.

    Of the kernel only its version: a host numbers its own builds of one.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (postgres,) = cursor.fetchone()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        redis_version = client.info("server")["redis_version"]
    return {
        "CPU": _cpu(),
        "Cores": str(os.cpu_count()),
        "Memory": f"{memory / GIB:.0f} GiB",
        "Kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "PostgreSQL": postgres,
        "Redis": redis_version,
    }


def _cpu() -> str:
    """Its model as Linux knows it; elsewhere, or where a virtual machine hides it, its kind."""
    info = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*: *(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return model[1] if model else platform.machine()
