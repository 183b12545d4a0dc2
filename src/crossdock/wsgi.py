"""The WSGI application that ``ops.web`` serves."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from crossdock.ops.private import write_for_us_alone
from crossdock.ops.web.hosts import OurHostsOnly
from crossdock.ops.web.request_id import WithRequestId

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crossdock.settings")
write_for_us_alone()

application = WithRequestId(
    OurHostsOnly(get_wsgi_application(), settings.ALLOWED_HOSTS), settings.TRUSTED_PROXIES
)
get_resolver().url_patterns  # noqa: B018 - loads every view now, and not in somebody's first request

# What is loaded stays for good: looking for garbage among it held up one page in fifty by a seventh of a
# second. What pages leave behind (rows and their prefetched lines know each other) is collected in small
# heaps: rarely and by the heap it held up one page in a hundred for as long as the page itself takes.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 3, 3)
