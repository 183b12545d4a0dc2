"""Every call of the Open API that is made, with its version: the one table of them.

Each endpoint has versions of its own, and older ones stay alive. ``{}`` stands for an id.
"""

SHOPS = "/authorization/202309/shops"

ORDERS = "/order/202309/orders"
ORDERS_SEARCH = "/order/202309/orders/search"

SHIP_PACKAGE = "/fulfillment/202309/packages/{}/ship"
SHIP_PACKAGES = "/fulfillment/202309/packages/ship"
DELIVER_PACKAGES = "/fulfillment/202309/packages/deliver"
DOCUMENTS = "/fulfillment/202309/packages/{}/shipping_documents"
MARK_SHIPPED = "/fulfillment/202309/orders/{}/packages"
CREATE_PACKAGE = "/fulfillment/202309/packages"
PROVIDERS = "/logistics/202309/delivery_options/{}/shipping_providers"

ELIGIBILITY = "/return_refund/202309/orders/{}/aftersale_eligibility"
CANCELLATIONS = "/return_refund/202309/cancellations"
CANCELLATIONS_SEARCH = "/return_refund/202309/cancellations/search"
ANSWER_CANCELLATION = "/return_refund/202309/cancellations/{}/{}"
REJECT_REASONS = "/return_refund/202309/reject_reasons"
RETURNS_SEARCH = "/return_refund/202309/returns/search"
RETURN_RECORDS = "/return_refund/202309/returns/{}/records"
ANSWER_RETURN = "/return_refund/202309/returns/{}/{}"
UPLOAD_IMAGE = "/product/202309/images/upload"

ORDER_STATEMENT = "/finance/202501/orders/{}/statement_transactions"
PRODUCTS_SEARCH = "/product/202502/products/search"
