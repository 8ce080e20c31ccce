"""Arabic: 20 نوفمبر 2026; الجمعة 20 نوفمبر، 09:00 UTC."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y، H:i"
SHORT_DATE_FORMAT = "D j M"
SHORT_DATETIME_FORMAT = "l j F، H:i T"
