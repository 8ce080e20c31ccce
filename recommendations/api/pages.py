"""Pages of a long list: `results`, and `next` where there is more. Nothing is shown twice when the list grows."""

from typing import Annotated, Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Schema
from ninja.pagination import PaginationBase
from pydantic.json_schema import SkipJsonSchema

MOST = 100


class CursorPagination(PaginationBase):
    """`field` is a unique whole number, "-field" for the largest first. The cursor is the last one that was shown."""

    items_attribute = "results"

    class Input(Schema):
        """What the query says."""

        page_size: Annotated[int, Field(ge=1, le=MOST)] | SkipJsonSchema[None] = None
        cursor: Annotated[int, Field(ge=0, le=2**63 - 1)] | SkipJsonSchema[None] = Field(
            None, description="Follow `next` instead of making one up"
        )

    class Output(Schema):
        """The frame around the results."""

        next: str | None = Field(description="The address of what comes after these; null at the end")
        results: list[Any]

    def __init__(self, *, field: str, page_size: int) -> None:
        super().__init__()
        self.field, self.page_size = field, page_size

    def paginate_queryset(self, queryset: QuerySet[Any], pagination: Any, request: HttpRequest, **_: Any) -> Any:
        """One query, for one row more than is shown."""
        size = pagination.page_size or self.page_size
        name = self.field.removeprefix("-")
        if pagination.cursor is not None:
            after = "lt" if self.field.startswith("-") else "gt"
            queryset = queryset.filter(**{f"{name}__{after}": pagination.cursor})
        rows = list(queryset.order_by(self.field)[: size + 1])
        following = None
        if len(rows) > size:
            query = urlencode({"cursor": getattr(rows[size - 1], name), "page_size": size})
            following = f"{settings.FF_BASE_URL}{request.path}?{query}"
        return {"next": following, "results": rows[:size]}
