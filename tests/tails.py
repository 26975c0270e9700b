"""What stands behind a word of the answer grammar, and what it means there: a list from the rep's side, its readings fixed before the
grammar was run on it.

Each line is typed as the first line of the notes: something harmless, denying, hedging, about something else, in the past, a question,
another person. The readings:

- YES and NO close a prospect. They are expected only where nobody could mean anything else; what is in NOT_YES and NOT_NO is asked about (a
  doubt, or a promise that names no day) or is a note, and either of the two is as good: neither changes anything.
- ATTEMPT and DONE are expected where the word is beyond doubt and the rest is a remark, not where the rest says that it was not so.
- NEXT and WAITING are expected where one day is agreed upon.
- NAMES are of businesses, and answer nothing.

Six readings were given up after the first run: "done, coffee with Sue" (was it, or is it next?), "next meeting fri 10am" (agreed, or
theirs?) and "march" as a day ask, or are notes; "done, didn't answer" and "done, couldn't reach her" are attempts, as "done, no
answer" is.
"""

from __future__ import annotations


def lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


YES = lines("""
    yes
    yes, thanks
    yes, thank you!
    yes, signed
    yes she signed
    yes, they signed today
    yes, signed yesterday
    yes, signed last Friday
    yes, signed the contract
    yes - he signed our proposal
    yes, just signed
    yes, finally signed
    yes, signed for 12 months
    yes, signed for two years
    yes, signed with us
    yes, she bought
    yes, bought it
    yes, bought 20 cases
    yes: she bought 3 units
    yes, ordered
    yes, they ordered a pallet
    yes, ordered 5 boxes today
    yes, bought from us
    yes, going with us
    yes, they're going with us
    yes, took our offer
    yes, she accepted the quote
    yes, accepted our proposal
    yes, placed the order
    yes, they placed an order this morning
    yes, gave us the order
    yes, got the order
    yes, got the PO
    yes, got her signature
    yes, order placed
    yes, contract signed
    yes, deal closed
    yes, we closed the deal
    yes, deposit paid
    yes, paid the deposit
    yes, PO 4471
    yes, she said yes
    yes, $12,000
    yes, 20 cases
    yes, signed for $500
    yes, signed and paid
    yes, signed, deposit paid
    yes! signed, thanks
    yes, won
    yes, won the bid
    yes, sold
    yes, sold 20 units
    y - signed
    y, got the order
    yep, signed
    yeah, she ordered
    yes (signed)
    ✓ signed
    ✅ got the order
    signed today
    signed yesterday
    sold!
    won the deal
    yes 🎉
    yes, signed 🎉
""")

NOT_YES = lines("""
    yes she bought from Acme
    yes bought elsewhere
    yes, bought from a competitor
    yes, they bought a competitor
    yes, ordered the other brand
    yes, ordered from Amazon
    yes!! she signed up for a trial
    yes, signed up
    yes, ordered samples
    yes, ordered 5 samples
    yes she ordered a brochure
    yes, ordered 20 brochures
    yes, signed the NDA
    yes, signed an NDA
    yes, signed the petition
    yes just signed the guest list
    yes, signed for the package
    yes, signed in
    yes, signed off
    yes, signed with Acme
    yes, signed with their old supplier
    yes, signed a lease
    yes, paid the old invoice
    yes, paid
    yes, she paid me back
    yes, paid parking
    yes, she paid the deposit to Acme
    yes they sold the company
    yes she sold her shop
    yes, sold out
    yes, it sold out
    yes, she sold
    yes, sold one unit last year
    yes, bought last year
    yes, bought two years ago
    yes, bought months ago
    yes, signed last year
    yes, bought 20 acres
    yes, bought 2 cars
    yes, bought 20 cases from Acme
    yes, bought lunch
    yes, bought time
    yes, bought it elsewhere
    yes, already bought
    yes, we ordered pizza
    yes, he won the lottery
    yes, won an award
    yes, won over
    yes, she won
    yes, going with Acme
    yes, going with us to lunch
    yes, going with the other guys
    yes, took our offer home
    yes, took our offer to her boss
    yes, accepted the offer from Acme
    yes, accepted a job
    yes, got the order form
    yes, got the quote
    yes, got it
    yes, got the email
    yes, got our order wrong
    yes, got married
    yes, order cancelled
    yes, order 5 samples
    yes, contract unsigned
    yes, contract signed by Acme
    yes, contract not signed
    yes, deal closed to us
    yes, deal is off
    yes, deposit refunded
    yes, deposit Friday
    yes, not signed
    yes, never signed
    yes, she hasn't signed
    yes, almost signed
    yes, nearly bought
    yes, might buy
    yes, would buy
    yes, will sign
    yes, signing Friday
    yes, she wants to sign
    yes, she wants a quote
    yes she wants a quote
    yes, maybe
    yes, probably
    yes, I think so
    yes, i guess
    yes, signed i think
    yes, signed, I hope
    yes, supposedly signed
    yes, if the price drops
    yes, but not now
    yes but no
    yes and no
    yes, no
    yes, or no
    yes, not interested
    yes, interested
    yes, she liked it
    yes, she is in
    yes, he's the owner
    yes, correct
    yes, to a meeting
    yes to meeting
    yes, she said yes to a demo
    yes, he said yes to lunch
    yes, said no
    yes, Tuesday works
    yes, this week
    yes, today
    yes today
    yes, this morning
    yes, tomorrow
    yes, next week
    yes, in March
    yes, sold?
    yes, signed?
    yes, did she sign?
    yes?
    yes, who signed?
    yes, Bob signed
    yes, her boss signed
    yes, her husband said yes
    yes, his partner bought
    yes, ask Bob
    yes, talk to her boss
    yes, Bob has the contract
    yes, the receptionist signed
    yes, nobody signed
    yes, someone else bought
    yes, 20
    yes, 20 cases left
    yes, 20 cases too many
    yes, $500 too expensive
    yes, $500 if delivered
    yes, thanks but no
    yes, thanks to Bob
    yes, thanks anyway
    yes, finally moved
    yes, finally called back
    yes, closed
    yes, closed on Mondays
    yes, closed the shop
    yes, busy
    yes, left message
    yes, done
    yes, sold her on the idea
    yes, PO coming
    yes, PO 4471 cancelled
    yes, order 5
    yes, took the quote
    yes, took our quote home
    sold 20 cases
    won it
    yes 🤔
    yes, signed 🤔
    yes 👎
    yes ❓
    yes ❌
    y, bought from Acme
    y monday
    yep, bought elsewhere
    yeah, right
    yeah, no
    yeah, sure
    sold last year
    signed last month
    signed: NDA only
    signed, sealed
    signed the NDA
    signed up for demo
    signed with Acme
    sold out
    sold: nothing yet
    sold her on the idea
    sold her car
    won $500
    won over
    won the lottery
    won an award
    won! deposit paid friday
    ✓ brochure sent
    ✓ thanks
    ✓ 20 cases
    ✓ ordered samples
    ✓ no
    yes café is closed mondays
    Yes Café
    Yes Café, closed Mondays
    Sold on Main
    Sold on Main, 2nd floor
    Signed Sealed Delivered Ltd
    Won Ton House
""")

NO = lines("""
    no, went with Acme
    no, they went with Acme Windows
    no. Went with Bob's Windows last week
    no, staying with Summit Paper
    no, bought it from Amazon yesterday
    no, lost to Acme
    no, chose Acme
    no—went with Acme
    no, budget got cut
    no, over budget
    no, can't afford it
    no, found a better price elsewhere
    no, they already have a vendor
    no, doing it in-house
    no, went another direction
    no, too expensive, went with Acme
    no
    no, thanks
    no thank you
    no thanks
    no, no thanks
    no, not interested
    no, not interested at all
    no, they're not interested
    no, she is not interested
    no not interested
    no, no interest
    no, too expensive
    no: too pricey
    no, it's too expensive
    no, no budget
    no, no money
    no, not a fit
    no, not a good fit
    no, not for them
    no, out of business
    no, don't want it
    no, they don't need it
    no, doesn't need anything
    no, went with someone else
    no, went with somebody else
    no, they went with a competitor
    no, went with the competition
    no, going with the other guys
    no, staying with their current supplier
    no, she's staying with her old supplier
    no, they're happy with their current vendor
    no, signed with a competitor
    no, went elsewhere
    no, going elsewhere
    no, bought elsewhere
    no, bought from a competitor
    no, chose someone else
    no, said no
    no, she said no today
    no, declined
    no, declined our offer
    no, turned us down
    no, they passed
    no, pass
    no, hard pass
    no, lost
    no, closed lost
    no, lost to a competitor
    no, not interested, too expensive
    no, too expensive and not interested
    no thanks, too expensive
    n - not interested
    n, too expensive
    nope, not interested
    not interested
    not interested, thanks
    closed lost
    went with someone else
    out of business
    lost the deal
    no 😢
""")

NOT_NO = lines("""
    no, went with Option B
    no, going with Gold
    no, going with the Acme package
    no, went with Acme Premium
    no, went with Acme to lunch
    no, chose Friday
    no, hired Bob
    NO, GOING WITH ACME
    no, already have an appointment
    no, budget opens in March
    no, bad timing today
    no, found a better number for her
    lost interest
    went with Acme
    no, went with the bigger package
    no, staying with our offer
    no, going with option B
    no, she's staying with her sister
    no, going with her to lunch
    no, going with the premium plan
    no, went with us
    no, they're going with us
    no, going with our package
    no, signed with us
    no, signed
    no, signed today
    no, went with Bob to the site
    no, went with the flow
    no, she went with her boss
    no, staying with the current plan
    no, staying with us
    no, staying with our current vendor discount
    no, happy with the demo
    no, happy with us
    no, happy with our offer
    no, bought
    no, bought it
    no, bought 20 cases
    no, she ordered
    no, said yes
    no, not no
    no, not a no
    no, yes
    no yes
    no, never mind
    no, not interested right now
    no, not interested today
    no, not interested yet
    no, not interested this year
    no, not interested in gold plan
    no, not interested in a call, wants email
    no, not interested unless cheaper
    no, not interested? ask again
    no, no interest in a call
    no, no interest rate change
    no, no budget until Q3
    no, no budget today
    no, no budget this year
    no, no money till June
    no, too expensive today
    no, too expensive, wants a discount
    no, too expensive unless financed
    no, too expensive?
    no, not too expensive
    no, not too pricey
    no, price too high for now
    no, not for him, for his wife
    no, not for now
    no, not now
    no, not today
    no, not yet
    no, not yet decided
    no, not a bad fit
    no, not a fit for March
    no, not out of business
    no, don't want it yet
    no, don't need it now
    no, don't need it until fall
    no, does not need this one
    no, doesn't want it delivered
    no, don't call
    no, no need
    no, no need to call, she bought
    no, don't give up
    no, she is not in
    no, she is on vacation
    no she is on vacation
    no, she was out
    no, wrong number
    no, wrong person
    no, Bob decides
    no, ask Bob
    no, her boss decides
    no, her boss said no
    no, his wife is not interested
    no, the receptionist said no
    no, not him
    no, not Bob
    no, talk to Sarah
    no, someone else decides
    no, someone else handles it
    no, someone else's job
    no, found someone else to talk to
    no, the other guy
    no, thanks to Bob
    no, thanks but maybe next year
    no, thanks for the sample though
    no, thanks, call me
    no thanks for now
    no thanks needed
    no, maybe
    no, maybe later
    no, probably
    no, i think
    no, not interested i think
    no, went with someone else i think
    no, later
    no, soon
    no, next week
    no, today
    no, yesterday
    no, last year
    no, in March
    no, lost her number
    no, lost interest?
    no, lost the file
    no, lost it
    no, lost his keys
    no, lost a competitor
    no, passed away
    no, he passed
    no, passed it on to her boss
    no, passed to Bob
    no, pass it on
    no, pass Friday
    no, declined the call
    no, declined a demo, wants a quote
    no, declined the call today
    no, turned down the heat
    no, turned us down last time
    no, closed
    no, closed Mondays
    no, closed today
    no, dead battery
    no, dead line
    no, went elsewhere for lunch
    no, bought lunch from someone else
    no, chose option B
    no, hired a new manager
    no, hired her sister
    no, picked the blue one
    no, picked up
    no, busy
    no, left message
    no, no answer
    no, done
    no, not done
    no, 20 cases
    no, $500
    no, call back
    no, 2
    no?
    no, is she in?
    no, why?
    no!?
    no but 😢
    no but thanks
    no 👍
    no 🤔
    no problem
    no rush
    no idea who decides
    no change
    no go
    no show
    no decision yet
    no budget until q3
    no voicemail
    no one answered
    no call thursday
    no longer interested?
    n/a
    n, Smith called
    n monday
    nope, not yet
    nah, later
    not interested yet
    not interested right now
    not interested today
    not interested in Monday, wants Tuesday
    not interested at the moment, maybe later
    no interest rate change
    no sale today
    no sale yet
    no deal yet
    no deal today
    no deal breaker
    lost
    lost her number
    lost: her number changed
    lost today
    lost it
    out of business hours
    out of business cards
    closed lost and found
    went with someone else for now
    went with someone else to lunch
    went with competitor to the fair
    No. 7 Grill
    No. 7 Grill is closed
    No Frills Grocery
    No Name Saloon, call before noon
    N. Smith called
    Lost Lake Lodge
""")

ATTEMPT = lines("""
    x
    x again
    x, again
    x today
    x: they are closed
    x, rang out
    x, office closed
    no answer
    no answer again
    no answer twice
    no answer today
    no answer yesterday
    no answer yet
    no answer this morning
    no answer at the office
    no answer on her cell
    no answer on the landline
    no answer, rang out twice
    no answer, left message
    no answer - left a message
    no answer, left a card
    no answer (gate was locked)
    no answer so far
    no answer from her
    no reply
    no reply yet
    no response
    no pickup
    didn't answer
    didn't answer again
    didn't pick up
    left message
    left message with his wife
    left message with the receptionist
    left message for Jenny
    left message on her cell
    left message at the office
    left message about the quote
    left message again
    left message today
    left message, short one
    left a message with Bob
    lm
    lm with Sue
    vm
    left vm
    left vm again
    left vm for Jenny
    lvm on his cell
    voicemail
    voicemail again
    voicemail full
    voicemail is full
    mailbox full
    straight to voicemail
    not in
    not in today
    not in the office
    not in yet
    not there
    not there today
    not available
    not available today
    unavailable
    wasn't in
    busy
    busy today
    busy, call back
    line busy
    rang out
    missed her
    missed her again
    missed him by 5 minutes
    couldn't reach
    couldn't reach her
    called, no answer
    called twice, no answer
    called her, left vm
    stopped by, not in
    stopped by - nobody there
    emailed, no reply
    done, left message
    done, no answer
    done, busy
    done, didn't answer
    done, couldn't reach her
    nobody home
    no luck
""")

NOT_ATTEMPT = lines("""
    missed her birthday
    missed her call
    missed him at the show
    missed them a lot
    not in stock
    not in the budget
    not in favor
    not in charge
    not in her area
    not in, bought elsewhere
    not there yet
    not there on price
    not available yet
    not available in blue
    not available anymore
    not available until Monday
    unavailable in blue
    wasn't in the mood
    wasn't in favor
    couldn't reach an agreement
    couldn't reach the top shelf
    couldn't reach her boss
    could not reach a deal
    busy season
    busy, but interested
    busy place
    busy, she bought already
    no luck with the boiler
    no luck, she said no
    no reply to the proposal
    no reply needed
    no response to our price
    no answer needed
    no answer on price
    no answer from legal on the terms
    no answer to the question
    no answer?
    no answer, did I call?
    no answer, then she called back
    no answer, she texted back
    no answer but she emailed back
    no answer, then he picked up
    no answer, he said yes
    no answer, she wants a quote
    no answer, she is out until Friday
    no answer, signed
    no answer, not interested
    no answer i think
    no answer, I guess
    no answer last year
    left message, said yes
    left message, she called back
    left message, spoke to her boss
    left message, she is back Monday
    left message, not interested
    left message saying yes
    left message, maybe
    left message?
    left message board at home
    left message, met Bob
    left word of mouth
    left msg, she replied
    voicemail systems are down
    voicemail, she called back
    voicemail, answered by Bob
    voicemail?
    vm ware
    lm studio
    mailbox full of flyers
    rang out the old year
    nobody home improvement
    x friday
    x, she called back
    x, talked to Bob
    x, ordered lunch
    x, signed
    x, sold
    x, yes
    x ✓
    x?
    x, maybe
    x - signed for by Bob
    x, interested
    x, she paid
    x, he agreed
    x sold
    x left card with Bob
    x-ray came back
    x 2
    xmas party
    X-ray clinic
    called, not in stock
    called, not there yet on price
    called, missed her birthday
    emailed, no reply needed
    No Answer Records
    Voicemail Systems Inc
    Left Bank Café
    Busy Bee Cleaners
""")

DONE = lines("""
    done
    done!
    all done
    completed
    finished
    done today
    done yesterday
    done this morning
    done last Friday
    done 2 days ago
    done: talked to Bob
    done: talked to Bob, he likes it
    done, he likes the email
    done. Sent the brochure.
    done - dropped off the samples
    done: she liked the blue one
    done she liked it
    done he was nice
    done met the owner
    done sent the quote
    done talked to Bob
    done spoke with her
    done great talk
    done: met her husband
    done: Bob took the samples
    done (sat with the owner, he may buy)
    done, nice chat
    done: gave him the price list
    done, quote sent
    done: brochure sent
    done, sent the quote yesterday
    done: handed over the card
    done, he owns two shops
    done - her kid plays golf
    done, she runs the place
    done: saw the warehouse
    done, walked the site
    done: 3 locations
    done, 12 employees
    done; gate code 4417
    done, took photos
    done: measured the windows
    done, he knows Bob
    done, she has the samples
    done: demo went fine
    done, letter is out
    done, flowers delivered
    done: wrote the card
    done, thanked her
    done, thanks
    done, good
    done, all fine
    done 👍
    done 🎉
    done ✓
    finished: walked the site
    completed, report is in the file
    done, he doesn't like blue
    done: no complaints
    done, the price is ok
    done, she has a dog
""")

NOT_DONE = lines("""
    done, no—too expensive
    done, yes—signed today
    done - no--went with Acme
    done?
    done, right?
    done: who called?
    done, is she back?
    done yet
    done, not yet
    done, not really
    done: not interested
    done, no
    done, yes
    done, signed
    done: she bought
    done, bought stamps
    done, she said no
    done, he said yes
    done: they went with Acme
    done, she declined
    done, refused
    done, sold
    done, no sale
    done, deal is off
    done, he turned us down
    done, she accepted
    done: closed the deal
    done, lost
    done, coffee with Sue
    done, almost
    done, nearly
    done, half of it
    done, partly
    done, mostly
    done, except the quote
    done, nobody was there
    done, no one answered
    done, she wasn't there
    done, he was not in
    done, they weren't open
    done, she did not pick up
    done, could not find the place
    done, cancelled
    done, she canceled
    done, rescheduled
    done, postponed
    done, stood me up
    done, he hung up
    done, wrong number
    done: wrong person
    done, no show
    done, I think
    done, i guess
    done i guess
    done, maybe
    done, probably
    done, perhaps
    done, sort of
    done, not sure
    done, supposedly
    done: will send the quote
    done, call him
    done, call back
    done, follow up
    done, she wants me to call
    done, promised a quote
    done, needs to ask her boss
    done, try again
    done thursday
    done, Thursday
    done, next week
    done, she is back Monday
    done, he decides in March
    done, until June
    done, when she pays
    done, if he agrees
    done, but she was angry
    done, unless he calls
    done last year
    done with them
    done for
    done for today
    done by Friday
    done by Bob
    done deal
    done in
    done's
    undone
    not done
    half done
    done no
    done yes
    done 👎?
    done ❌
    all done?
    all done with them
    finished lunch
    finished basement
    completed half
    completed, almost
    Done Deal Autos
    Done Deal Autos, ask for Mike
    Done Right Plumbing
    Finished Basements Inc
""")

NEXT = lines("""
    > thu 2pm
    > thu pm send quote
    > thu 2pm call about the quote
    > call thu 2pm
    > tomorrow 9am visit
    > fri call
    > 1/20 email the contract
    > in 2 weeks call
    > mon 10:30 visit to walk the site
    > coffee fri 3pm
    > thu 2pm call to see if she wants it
    > thu 2pm call about the invoice they didn't pay
    > thu call, bring the samples if ready
    > thu 2pm call her, not him
    -> thu 2pm
    → thu 2pm
    next: call thu 2pm
    next: coffee Friday 3pm to review the quote
    next: lunch 1/16 noon
    next step: visit fri 9am
    next call thu 2pm
    next - call thu 2pm
    next visit friday
    next: email the quote tomorrow
    done > thu 2pm
    done, talked to Bob > thu 2pm
    done, next: call thu 2pm
    done, call her tomorrow
    done thu 2pm call
    x > fri 10am try again
    x, try again friday
    no answer, try friday
    no answer, call again tomorrow
    left message, try again friday 10am
    left message > fri 10am
    vm, call tomorrow
    busy, call thu 2pm
    not in, stop by friday
    called, no answer, try friday
    yes > thu 2pm sign
    yes, call thu 2pm
    yes, Thursday 2pm
    yes, meet friday 9am
    no, call back in March
    no but call me in two weeks
    no, try friday
""")

NOT_NEXT = lines("""
    >
    > sometime
    > later
    > march
    > soon
    > whenever she's ready
    > no
    > done
    > maybe thu 2pm
    > perhaps friday
    > probably thu 2pm
    > thu 2pm maybe
    > thu 2pm probably
    > thu 2pm i think
    > thu 2pm tentative
    > call maybe thu 2pm
    > might call thu 2pm
    > not thu 2pm
    > no call thu 2pm
    > don't call thu 2pm
    > never on friday
    > won't call thu
    > can't do thu 2pm
    > thu 2pm cancelled
    > thu 2pm canceled
    > thu 2pm was cancelled
    > thu 2pm called off
    > thu 2pm is off
    > thu 2pm postponed
    > thu 2pm?
    > call thu 2pm?
    > thu or fri?
    > thu or fri
    > 1/2 or 1/3 call
    > if she pays thu
    > unless thu 2pm
    > called thu 2pm
    > she called last Friday
    > call last Friday 3pm
    > yesterday 2pm
    > Feb 30
    > friday the 14th
    > when they are back
    > once they hire
    next: nothing
    next: no call thu 2pm
    next: she called Friday
    next: call unless Friday works
    next: see if Thursday works
    next: tbd
    next: ?
    next: maybe fri
    next: ask Bob
    next call was thu 2pm
    next call maybe thu 2pm
    next call thu 2pm?
    next call thu 2pm cancelled
    next call thu or fri
    next call if she pays thu
    next call Thursday is not needed
    next visit thursday is off
    next visit sometime
    next meeting is of their board thu 2pm
    next to call center thu 2pm
    next meeting fri 10am
    next to the bank, thu 2pm is delivery
    next Thursday
    next week maybe
    next time ask for Bob
    next year perhaps
    next door is a bakery
    next-gen quote thu 2pm
    done > maybe thu
    done, call her thursday maybe
    done, don't call thursday
    done, no call thursday
    done, she called thursday
    x, try friday maybe
    x, don't try friday
    x > not friday
    x, friday?
    no answer, never call on friday
    no answer, friday is a holiday
    no answer, she is out until Friday
    yes but call thu 2pm
    yes, call thu 2pm?
    yes, thursday 2pm maybe
    yes > thu 2pm?
    no call thursday
    no call thu 2pm
    no meeting friday 2pm
    no, call back
    Next Apparel
    Nextdoor Realty
    Next Level Gym, closed thu 2pm
    Friday Harbor Seafood
""")

WAITING = lines("""
    waiting until Friday
    waiting until friday for her boss
    waiting till monday
    waiting til monday for the board
    waiting until Jan 15
    waiting until tomorrow
    waiting until next week
    waiting until the 20th
    waiting until 1/20
    waiting for Friday
    wait until Friday
    wait till monday
    still waiting until Friday
    waiting on their lawyer til Friday
    waiting on legal until Jan 20
    waiting for the board until friday
    - waiting until Friday
    done, waiting until Friday
    x, waiting until Friday
    left message, waiting until Friday
    WAITING UNTIL FRIDAY
    waiting until Friday, then call
    waiting until Friday 2pm
""")

NOT_WAITING = lines("""
    waiting
    waiting for her boss
    waiting on legal
    waiting for Godot
    waiting on tables
    waiting on 2 quotes
    waiting on the 3rd floor
    waiting for 5
    waiting until 5
    waiting until march
    waiting for an hour
    waiting for 2 days
    waiting for 3 weeks now
    waiting for a week already
    waiting for a couple of weeks
    waiting for two months so far
    waiting for 10 days now
    waiting since Friday
    waiting for Bob since Friday
    waiting for her since 1/2
    waiting for May to call
    waiting on April
    waiting for June to sign
    waiting for Monday Motors
    waiting on Friday Harbor Seafood
    waiting for Friday's game
    waiting for the Friday report
    waiting for January numbers
    waiting for Q1 numbers
    waiting until she is back
    waiting until hell freezes over
    waiting until further notice
    waiting until they hire
    waiting until yesterday
    waiting until last Friday
    waiting until maybe Friday
    waiting until Friday maybe
    waiting until Friday probably
    waiting until Friday i think
    waiting until Friday?
    waiting until when?
    waiting until Friday or Monday
    waiting for Friday or Monday
    waiting until Friday is pointless
    waiting until Friday was a mistake
    waiting until Friday would be silly
    waiting until Friday but she said no
    waiting until friday, she bought elsewhere
    waiting until friday, they signed
    waiting until friday, not interested
    waiting until Friday cancelled
    waiting until Feb 30
    waiting until friday the 14th
    not waiting until Friday
    no waiting until Friday
    waited until Friday
    was waiting until Friday
    she is waiting until Friday
    Bob is waiting until Friday
    they wait until Friday
    wait for it
    wait for Bob
    wait, what?
    waiting?
    waiting room is full
    waiting room opens friday
    waiting list until full
    waiting tables on Friday
    waiting on Bob, he is back Friday
    waiting on Sue and Friday traffic
    done waiting
    done waiting until Friday
    tired of waiting until Friday
    no longer waiting until friday
    no, waiting
    yes, waiting
    still waiting
    still waiting for Bob
    still waiting since Jan 5
    still waiting, 3 weeks now
    Waiting Room Films
    Waiting to Exhale Spa
""")

NAMES = lines("""
    Yes Café
    Yes! Fitness
    Yes Man Movers
    Yep Yoga
    Y Combinator
    Y Not Bar
    No. 7 Grill
    No 7 Grill
    No. 5 Perfume
    No Frills Grocery
    No Name Saloon
    No Limits Gym
    No Problem Plumbing
    No Deal Pawn
    N. Smith & Sons
    Nope Pest Control
    Done Deal Autos
    Done Right Plumbing
    Finished Basements Inc
    Completed Concepts
    Sold on Main
    Sold Realty
    Signed Sealed Delivered
    Won Ton House
    Won Lee Imports
    Lost Lake Lodge
    Lost & Found Antiques
    X-ray Clinic
    X Marks Coffee
    Xtreme Tires
    No Answer Records
    Left Bank Café
    Busy Bee Cleaners
    Voicemail Systems
    Not There Yet Tours
    Next Apparel
    Next Level Gym
    Waiting Room Films
    Out of Business Signs
""")
