"""German: 20. November 2026; Freitag, 20. November, 09:00 UTC."""

DATETIME_FORMAT = "j. F Y, H:i"
SHORT_DATE_FORMAT = "D j. M"
SHORT_DATETIME_FORMAT = "l, j. F, H:i T"
