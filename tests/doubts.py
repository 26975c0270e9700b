"""What a rep types and means less surely than it reads: a development list. The day is Tuesday 2026-03-10, 10:00 in Detroit."""

from __future__ import annotations

NOT_A_NO = (  # below a bare no
    "but call again in Sept", "ask again next year", "maybe next quarter", "not till the new budget", "on hold till fall",
    "but open to a pilot", "he wants a better price", "she asked me to resend the quote", "call thu 2pm", "wrong number",
    "he is on vacation", "Steve handles this now, call Steve", "they want us to come back in 6 months", "follow up after summer",
    "try him in the fall",
)  # fmt: skip
NOT_A_YES = (  # below a bare yes
    "unless Bob objects", "if legal signs off", "needs board approval first", "but wants to see one more demo",
    "still has to talk to her husband", "pending credit check", "I think", "but next year", "probably", "verbal only", "send contract thu",
    "Thursday 2pm",
)  # fmt: skip
STILL_A_NO = (
    "PO cancelled, too expensive",
    "thanks for your time",
    "he was rude",
    "not this year",
    "spoke to him yesterday",
    "bought from Acme",
)
STILL_A_YES = (
    "PO 4471, ship to the warehouse", "install in March", "starts 4/2", "delivery next week", "20 units, net 30", "great guy",
    "called him back yesterday",
)  # fmt: skip
ATTEMPTS = (
    "x busy", "x he was out", "x called twice", "x lm", "X 2nd time", "x voicemail full", "nobody answered",
)  # fmt: skip
ASKS = (  # in the notes of an entry
    "No show", "No one picked up", "x left card with Bob",
    "waiting 2 weeks", "waiting Thursday", "X Corp", "> they will call us thursday", "next: he calls me thu 2pm", "> Bob calls fri 9",
    "> thu 2pm if he confirms", "> thu 2pm unless it rains",
)  # fmt: skip
AGREES = {
    "called, call back thursday at 2": "call back thursday at 2",
    "> thu 2pm ask if she likes it": "thu 2pm ask if she likes it",
    "> she wants me to call thu 2pm": "she wants me to call thu 2pm",
}
TEXT = ("X-ray vendor", "No. 5 Perfume", "x ray", "x 2 boxes", "called thursday at 2", "emailed quote thursday 2pm", "waiting room is blue")

NO_DAY = (  # of `add`: who is meant is known, and when is asked
    ("Call Jorge Thu 2pm Pacific", "Jorge"),
    ("Call Jorge 2pm central Thursday", "Jorge"),
    ("Call Jorge Thu 2 pm Mountain time", "Jorge"),
    ("Call Jorge Thu 2pm his time", "Jorge"),
    ("Call Jorge Thu 9am Hawaii time", "Jorge"),
    ("Call Jorge Thu 9am Denver time", "Jorge"),
    ("Call Skip at 7:30 am PT on 3/12", "Skip"),
    ("Call Jorge 2pm Pacific Thursday 503-555-0100", "Jorge"),
    ("No call with Ed until thu 2pm", "Ed"),
    ("cancel call with Ed thu 2pm", "Ed"),
    ("Ed said don't call thu", "Ed"),
    ("Don't call Wendy until May", "Wendy"),
    ("Don't call Wendy", "Wendy"),
    ("Call Ed Thu - not before 2pm", "Ed"),
    ("Call Omar 2/27 at 1pm", "Omar"),
    ("Call Omar 3/2 10am", "Omar"),
    ("Call Omar Jan 15", "Omar"),
    ("Call Paul on Easter Monday", "Paul"),
    ("Call Ed Memorial Day week", "Ed"),
    ("Call 248.555.0188", "248.555.0188"),
)
DAYS = (
    ("Call Jorge Thu 2pm eastern", "Jorge", "Thu 2026-03-12, 14:00"),
    ("Call Jorge Thu 2pm Eastern time", "Jorge", "Thu 2026-03-12, 14:00"),
    ("Call Thu 2pm Central Dental", "Central Dental", "Thu 2026-03-12, 14:00"),
    ("Call Ed Thu, not before 2", "Ed", "Thu 2026-03-12, 14:00-17:00"),
    ("Ed said don't call thu, call fri 2pm", "Ed", "Fri 2026-03-13, 14:00"),
    ("Call Ed Fri not Thu", "Ed", "Fri 2026-03-13"),
    ("Call Omar next 2/27", "Omar", "Sat 2027-02-27"),
    ("Call Omar Jan 15 next year", "Omar", "Fri 2027-01-15"),
    ("Call Omar 11/16", "Omar", "Mon 2026-11-16"),
    ("Move Ed's call to Friday 3pm", "Ed", "Fri 2026-03-13, 15:00"),
    ("quarter end call with Ines 3/31 4:30p", "Ines", "Tue 2026-03-31, 16:30"),
    ("Call Beth at ext. 412, weds 8:45am", "Beth", "Wed 2026-03-11, 08:45"),
    ("Call Hal 2026-4-7 1330", "Hal", "Tue 2026-04-07, 13:30"),
    ("Email tlopez@brightwater.com quote by EOD Friday", "tlopez@brightwater.com", "Fri 2026-03-13, 09:00-17:00"),
)
PHONES = {
    "call Victor re PO 4500123987 thu 3": "",
    "call Victor re order #4500123987 thu 3": "",
    "call Victor re invoice 2489917733 thu 3": "",
    "call Victor re invoice no. 248-991-7733 thu 3": "",
    "Call Hal 2026-4-7 1330": "",
    "call Victor 2489917733 thu 3": "2489917733",
    "call Victor re PO 4500123987, 248-991-7733": "248-991-7733",
    "call Victor about the order 248-991-7733": "248-991-7733",
}
NEXT_ASKS = ("thu 2pm Pacific", "thu 2pm his time", "thu 9am Hawaii time", "3/2 10am", "don't call thu", "no call until thu 2pm")
NEXT_AGREES = {"thu, not before 2": "Thu 2026-03-12, 14:00-17:00", "thu 2pm ET": "Thu 2026-03-12, 14:00"}
NO_PURPOSE = ("15 min call thu 11", "thu 2pm")
WAIT_ASKS = ("until 3/2", "until thu 2pm Pacific")
