"""Answers go out packed; a file goes as it lies on the disk, which the server sends without holding a thread."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class Packing(GZipMiddleware):
    """Django's, for all but files: PDFs, workbooks and pictures are packed already."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The answer, packed where that makes it smaller."""
        if isinstance(response, FileResponse) and response.file_to_stream is not None:
            return response
        return super().process_response(request, response)
