"""How each language writes dates and times, where Django's own way would not do.

Pages use three that Django names, in a sense of our own: DATETIME_FORMAT is a day and a time with the year;
SHORT_DATETIME_FORMAT is for what happens within days: the weekday, no year, and the time with its zone;
SHORT_DATE_FORMAT is as narrow as a timeline needs.
"""
