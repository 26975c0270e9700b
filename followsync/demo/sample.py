"""A pipeline, rules and a private calendar that look like a working week; every day is counted from the day of the demo."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

ZONE = "America/Detroit"

CONFIG = """\
# The demo's config. The real one looks just like it; 'followsync init' writes yours.
store: sqlite:///followsync.db

reps:
  dana:
    name: Dana Reyes
    timezone: {zone}
    hours: {{mon-fri: 09:00-17:00}}
    holidays: US-MI
    capacity: 8                       # follow-ups a day
    targets: [phone, file]            # where they are written
    busy: [private]                   # only read: nothing is planned on top of it

targets:
  phone:
    type: caldav
    url: {url}
    username: dana
    password: {{file: password}}
    calendar: Follow-ups
    write: auto                       # methods with 'as: task' become tasks, all else events
  file: {{type: ics, path: follow-ups.ics}}

busy:
  private: {{type: ics, path: private.ics}}

methods:
  newsletter: {{as: task}}
  letter: {{lead: 4 working days}}

cadences:
  worksheet:                          # after a pitch: thank, then set the next meeting, then stay in touch for ever
    for: {{stage: pitched}}
    start: met
    min_gap: 7 days
    steps:
      - {{after: 3 days, method: email, purpose: say thanks}}
      - {{id: first-call, after: 3 weeks, method: call, purpose: set a meeting with the real decision makers}}
      - {{every: 90 days, from: first-call, method: email, purpose: see if the competition has dropped the ball}}
      - {{every: 4 months, from: first-call, method: call, purpose: tell them of a price or terms change, window: morning}}
  quote:                              # a quote is out: ask soon, then every week
    for: {{stage: quoted}}
    start: met
    steps:
      - {{id: ask, after: 2 days, method: call, purpose: go over the quote, questions: [What is missing for a yes?]}}
      - {{every: 1 week, from: ask, method: call, purpose: ask where the decision stands}}
  long:                               # no hurry: a newsletter now and a letter later
    for: {{stage: nurture}}
    steps:
      - {{after: 1 day, method: newsletter, purpose: stay in mind}}
      - {{after: 6 weeks, method: letter, purpose: invite them to the open house}}

sync: {{every: 10 seconds}}
feed: {{listen: 127.0.0.1:{port}}}        # where 'followsync run' serves the calendars that others subscribe to
"""

_HEADERS = (
    *("name", "person", "role", "phone", "email", "address", "timezone", "preferred_method", "source", "stage", "tags", "reason"),
    *("notes", "stakeholders", "met", "contract_end", "newsletter"),
)

# business | person | role | street | source | stage | tags | reason | notes | stakeholders | met: days ago | contract ends: days ahead
_ROWS = """\
Joe's Diner|Joe|owner|5 Main St|walk-in|new|||asked for a card machine||1|
Corner Bakery|Ana|owner|18 Elm St|walk-in|pitched|hot||liked the short contract||2|
Lakeside Dental|Kim|dentist|240 Lake Ave|referral|pitched|||two chairs, one front desk|Rita, office, absent|3|
Bright Auto Glass|Hal|manager|77 Grand River|cold call|quoted|hot||wants the numbers on one page||2|
Maple Street Florist|Wren|owner|9 Maple St|website|pitched|||busy before Mother's Day||5|
Northside Gym|Carl|owner|412 North Rd|referral|contract||contract_end|happy with the price, not the service||30|44
Riverside Motel|Pat|owner|1 River Rd|walk-in|contract||contract_end|eleven rooms||21|58
Hilltop Farms|June|buyer|RR 4|trade fair|nurture|||orders in spring||14|
Ace Plumbing|Bo|dispatcher|33 Pipe Ln|cold call|quoted|||three vans||4|
Oak & Iron Furniture|Lee|owner|620 Mill St|website|pitched|||custom work||19|
Sunrise Yoga|Mia|owner|12 Sunset Blvd|referral|nurture|||studio opens a second room||9|
Grand Print Shop|Vic|owner|88 Press St|walk-in|quoted|||old machine, no support||9|
Bluebird Preschool|Tess|director|5 Nest Ct|referral|pitched|||the board decides|Omar, board, absent;Ida, treasurer, absent|20|
Harbor Fish Market|Sal|owner|2 Pier Rd|walk-in|new|||come before noon||0|
Twin Pines Lodge|Nora|manager|Old Hwy 31|trade fair|contract||contract_end|season starts in May||40|33
Metro Cleaners|Abe|owner|301 Center St|cold call|pitched|||two shops||8|
Valley Vet Clinic|Jo|veterinarian|14 Valley Dr|referral|quoted|hot||partner decides with her|Lou, partner, present|1|
Pixel Repair|Ty|owner|8 Chip Way|website|nurture|||phones and tablets||11|
Stone Oven Pizza|Gina|owner|66 Oven St|walk-in|pitched|||three ovens||6|
Garden Center West|Ray|manager|900 West Rd|trade fair|nurture|||closed in January||25|
First Street Books|Ella|owner|1 First St|walk-in|new|||has to ask her sister||2|
Rapid Couriers|Dev|operations|45 Dash Ave|cold call|quoted|||eight drivers||16|
Cedar Spa|Liv|owner|19 Cedar Ct|referral|pitched|||weekends are full||17|
Union Hardware|Moe|owner|210 Union St|walk-in|pitched|||knows our brochure||3|
Skyline Roofing|Art|owner|70 High St|website|quoted|||two crews||11|
Green Thumb Lawns|Fay|owner|31 Lawn Ln|cold call|nurture|||quiet until March||6|
Old Mill Cafe|Ivy|owner|3 Mill Pond|walk-in|pitched|hot||loved the demo||2|
Summit Bikes|Rex|manager|150 Ridge Rd|trade fair|pitched|||needs it before summer||12|
Western Feed|Dot|buyer|RR 9|referral|contract||contract_end|price is the question||60|75
Jenny's Salon|Jenny|owner|27 Curl St|walk-in|new|||call to determine next steps||0|
"""


def pipeline(today: date) -> str:
    """The 30 prospects as a CSV file."""
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(_HEADERS)
    for number, line in enumerate(_ROWS.splitlines()):
        name, person, role, street, source, stage, tags, reason, notes, people, met, ends = line.split("|")
        phone = f"248.555.{100 + number:04d}"
        email = f"{person.lower()}@{''.join(filter(str.isalnum, name.lower()))}.example.org"
        zone = "America/Denver" if name == "Western Feed" else ""
        met_on = (today - timedelta(days=int(met))).isoformat()
        until = (today + timedelta(days=int(ends))).isoformat() if ends else ""
        method = "visit" if source == "walk-in" else ""
        known = (name, person, role, phone, email, street, zone, method, source, stage, tags, reason, notes, people)
        writer.writerow((*known, met_on, until, "yes" if stage == "nurture" else ""))
    return output.getvalue()


def private_calendar(today: date) -> str:
    """The rep's own appointments of the next days: the doctor, the golf league, the happy hour."""
    monday = today - timedelta(days=today.weekday())
    events = [
        ("doctor", "Doctor", today + timedelta(days=1), "100000", "110000"),
        ("golf", "Golf league", monday + timedelta(days=3), "160000", "180000"),
        ("happy", "Happy hour", monday + timedelta(days=4), "163000", "180000"),
    ]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//FollowSync//demo//EN"]
    for uid, summary, day, start, end in events:
        lines += ["BEGIN:VEVENT", f"UID:{uid}@demo.example.org", f"DTSTAMP:{today:%Y%m%d}T000000Z", f"SUMMARY:{summary}"]
        lines += [f"DTSTART:{day:%Y%m%d}T{start}", f"DTEND:{day:%Y%m%d}T{end}", "END:VEVENT"]  # floating: the rep's own wall clock
    return "\r\n".join([*lines, "END:VCALENDAR", ""])
