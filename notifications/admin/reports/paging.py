"""Lists that grow for years: nobody turns to the thousandth page, so nothing counts that far."""

from typing import Any

from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.paginator import WagtailPaginator


class CappedPaginator(WagtailPaginator):
    """Counts as far as its pages go, which is `most_counted` rows or one page of a file, and says where there are
    more: `is_capped`. Whoever looks for something further down filters the list.
    """

    object_list: Any
    most_counted = 10_000

    @cached_property
    def most(self) -> int:
        return max(self.most_counted, int(self.per_page))

    @cached_property
    def count(self) -> int:
        """One more than `most` where there are more."""
        counted: int = self.object_list.order_by().values("pk")[: self.most + 1].count()
        return counted

    @property
    def is_capped(self) -> bool:
        return self.count > self.most

    @cached_property
    def num_pages(self) -> int:
        return self.most // int(self.per_page) if self.is_capped else super().num_pages

    @cached_property
    def items_count_label(self) -> str:
        if not self.is_capped:
            return str(super().items_count_label)
        return _("More than %(count)s. Filters find the older ones.") % {"count": number_format(self.most)}
