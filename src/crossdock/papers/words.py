"""The words on papers, in the languages of the store-rooms."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "ms": "Bahasa Melayu",
    "id": "Bahasa Indonesia",
    "zh": "中文",
    "th": "ไทย",
    "vi": "Tiếng Việt",
}
_NAMES = (
    "picking_list", "picking_summary", "location", "sku", "item", "quantity", "units", "kinds", "orders",
    "ship_by", "ordered", "courier", "tracking", "buyer_note", "page", "package", "more",
    "manifest", "parcels", "order", "name", "signature", "time",
    "printed_before", "no_courier", "no_list", "not_on_list",
    "left_out", "keep_parcel", "fate_asks", "fate_stopped", "fate_cancelled", "fate_void",
)  # fmt: skip
_WORDS = {
    "en": (
        "Picking List", "Picking List Summary", "Location", "SKU", "Item", "Qty", "units", "kinds",
        "orders", "Ship by", "Ordered", "Courier", "Tracking", "Buyer's note", "Page", "Package", "more",
        "Courier Manifest", "parcels", "Order", "Name", "Signature", "Time",
        "Printed before", "No courier named", "On no picking list", "Not on this list",
        "Left out", "Keep these parcels here.",
        "the buyer asks to cancel", "being stopped by the marketplace", "cancelled", "void label: packed again",
    ),
    "ms": (
        "Senarai Ambilan", "Ringkasan Senarai Ambilan", "Lokasi", "SKU", "Barang", "Kuantiti", "unit",
        "jenis", "pesanan", "Hantar sebelum", "Dipesan", "Kurier", "Penjejakan", "Nota pembeli",
        "Halaman", "Bungkusan", "lagi",
        "Manifes Kurier", "bungkusan", "Pesanan", "Nama", "Tandatangan", "Masa",
        "Pernah dicetak", "Tiada kurier", "Tiada dalam senarai ambilan", "Tidak dalam senarai ini",
        "Ditinggalkan", "Simpan bungkusan ini di sini.",
        "pembeli minta batal", "sedang dihentikan oleh pasaran", "dibatalkan", "label tidak sah: dibungkus semula",
    ),
    "id": (
        "Daftar Pengambilan", "Ringkasan Daftar Pengambilan", "Lokasi", "SKU", "Barang", "Jumlah", "unit",
        "jenis", "pesanan", "Kirim sebelum", "Dipesan", "Kurir", "Resi", "Catatan pembeli", "Halaman",
        "Paket", "lagi",
        "Manifes Kurir", "paket", "Pesanan", "Nama", "Tanda tangan", "Waktu",
        "Pernah dicetak", "Tanpa kurir", "Tidak ada di daftar pengambilan", "Tidak ada di daftar ini",
        "Tidak disertakan", "Tahan paket ini di sini.",
        "pembeli minta batal", "sedang dihentikan oleh marketplace", "dibatalkan", "label tidak berlaku: dikemas ulang",
    ),
    "zh": (
        "拣货单", "拣货汇总单", "库位", "SKU", "商品", "数量", "件", "种", "订单", "发货截止", "下单时间",
        "物流", "运单号", "买家留言", "页", "包裹", "更多",
        "快递交接单", "件包裹", "订单", "姓名", "签名", "时间",
        "曾经打印", "未指定物流", "不在拣货单上", "未列入本单",
        "不打印", "请留下这些包裹。",
        "买家申请取消", "平台正在拦截", "已取消", "面单作废：已重新打包",
    ),
    "th": (
        "ใบหยิบสินค้า", "สรุปใบหยิบสินค้า", "ตำแหน่ง", "SKU", "สินค้า", "จำนวน", "ชิ้น", "รายการ",
        "คำสั่งซื้อ", "ส่งภายใน", "สั่งซื้อเมื่อ", "ขนส่ง", "เลขพัสดุ", "หมายเหตุผู้ซื้อ", "หน้า", "พัสดุ",
        "เพิ่มเติม",
        "ใบส่งมอบพัสดุ", "พัสดุ", "คำสั่งซื้อ", "ชื่อ", "ลายเซ็น", "เวลา",
        "เคยพิมพ์แล้ว", "ไม่ระบุขนส่ง", "ไม่อยู่ในใบหยิบสินค้า", "ไม่อยู่ในใบนี้",
        "ไม่รวมไว้", "เก็บพัสดุเหล่านี้ไว้",
        "ผู้ซื้อขอยกเลิก", "แพลตฟอร์มกำลังระงับ", "ยกเลิกแล้ว", "ใบปะหน้าเป็นโมฆะ: แพ็กใหม่แล้ว",
    ),
    "vi": (
        "Phiếu lấy hàng", "Tổng hợp phiếu lấy hàng", "Vị trí", "SKU", "Sản phẩm", "SL", "sản phẩm",
        "loại", "đơn hàng", "Gửi trước", "Đặt lúc", "Vận chuyển", "Mã vận đơn", "Ghi chú của người mua",
        "Trang", "Kiện", "nữa",
        "Biên bản bàn giao", "kiện", "Đơn hàng", "Họ tên", "Chữ ký", "Thời gian",
        "Đã in trước đó", "Chưa rõ vận chuyển", "Không có trong phiếu lấy hàng", "Không có trong phiếu này",
        "Bỏ ra", "Giữ lại các kiện này.",
        "người mua xin hủy", "sàn đang chặn", "đã hủy", "nhãn không còn hiệu lực: đã đóng gói lại",
    ),
}  # fmt: skip


def words_in(language: str) -> dict[str, str]:
    """Name → word, in this language; English where it is not known."""
    return dict(zip(_NAMES, _WORDS.get(language, _WORDS["en"]), strict=True))
