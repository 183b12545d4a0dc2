"""The addresses of this room."""

from django.urls import path

from crossdock.desk import (
    acting,
    batches,
    cancellations,
    columns,
    delivering,
    how,
    live,
    notes,
    order_page,
    printing,
    reading_again,
    returns,
    saved,
    settlement,
    views,
)

app_name = "desk"
urlpatterns = [
    path("orders/", views.orders, name="orders"),
    path("orders/act/", acting.act, name="act"),
    path("orders/columns/", columns.choose_columns, name="columns"),
    path("orders/views/", saved.save_view, name="save_view"),
    path("orders/views/<int:pk>/", saved.change_view, name="view"),
    path("orders/live/", live.live_orders, name="live_orders"),
    path("orders/print/", printing.print_paper, name="print"),
    path("orders/how/", how.how, name="how"),
    path("orders/cancellations/", cancellations.cancellations, name="cancellations"),
    path("orders/returns/", returns.returns, name="returns"),
    path("orders/<int:pk>/", order_page.order, name="order"),
    path("orders/<int:pk>/read/", reading_again.read_again, name="read_again"),
    path("orders/<int:pk>/note/", notes.write_note, name="note"),
    path("orders/<int:pk>/cancel/", cancellations.cancel, name="cancel"),
    path("orders/<int:pk>/delivery/", delivering.delivery, name="delivery"),
    path("deliveries/<int:pk>/photo/", delivering.photo, name="delivery_photo"),
    path("orders/<int:pk>/settlement/", settlement.settlement, name="settlement"),
    path("returns/<int:pk>/", returns.one_return, name="return"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/outcomes.csv", batches.export, name="export"),
    path("batches/<int:pk>/outcomes.xlsx", batches.export_sheet, name="export_sheet"),
    path("batches/<int:pk>/live/", batches.live, name="live"),
    path("batches/<int:pk>/change/", batches.change, name="change"),
]
