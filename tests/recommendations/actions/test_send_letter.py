"""Mail is sent by a real server's rules: never lost, retried when it may help, given up when it does not."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from allauth.account.models import EmailAddress

from recommendations import tasks
from recommendations.actions.announce import announce
from recommendations.actions.bundle import bundle
from recommendations.actions.notify import notify
from recommendations.actions.send_letter import FIRST_WAIT, GIVE_UP, LONGEST_WAIT, send_letter
from recommendations.actions.wish import Mails, stop, try_address_again, wish
from recommendations.models import Letter, Notification, RefusedAddress
from recommendations.models.letter import SEND_LEASE
from recommendations.models.notification import BUNDLE
from recommendations.models.state import Overtaken
from recommendations.models.wish import Wanted
from tests.conftest import MONDAY
from tests.postbox import Killed
from tests.start_services import free_port

Kind = Notification.Kind
DUE = MONDAY + BUNDLE
State = Letter.State


@pytest.fixture
def letter(grace, addressed, community):
    """To Grace, who has an address: a decision was made."""
    addressed(grace)
    notify(user=grace, kind=Kind.DECISION, key="hide:1", community=community, link="/me/", at=MONDAY)
    return bundle(user=grace, at=DUE)


def sent_again(letter, at):
    fresh = Letter.objects.select_related("user", "edition__community").get(pk=letter.pk)
    send_letter(letter=fresh, at=at)
    fresh.refresh_from_db()
    return fresh


def test_a_letter_arrives_with_everything_a_mail_program_asks_for(letter, postbox, settings):
    settings.FF_BASE_URL = "https://ff.example"

    done = sent_again(letter, DUE)

    mail = postbox.mail
    assert (done.state, done.sent_at, done.trouble) == (State.SENT, DUE, "")
    assert postbox.recipients == ["grace@people.example"]
    assert mail["To"] == "grace@people.example"
    assert mail["Subject"] == "A moderator has hidden something you said in Customer Service."
    assert mail["Message-ID"] == f"<{letter.key}@ff.example>"
    assert mail["List-Id"] == "<news.ff.example>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https://ff\.example/mail/stop/[\w:-]+/>", mail["List-Unsubscribe"].strip())
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] is None
    assert abs(parsedate_to_datetime(mail["Date"]) - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (plain, html):
        assert "A moderator has hidden something you said in Customer Service." in body
        assert "https://ff.example/me/" in body
        assert "https://ff.example/me/notifications/settings/" in body
        assert mail["List-Unsubscribe"].strip(" <>") in body


def test_no_header_is_longer_than_a_server_takes(letter, postbox):
    sent_again(letter, DUE)

    assert all(len(line) <= 998 for line in postbox.raw[0].split(b"\r\n"))


def test_what_happens_within_ten_minutes_is_one_mail(grace, addressed, community, postbox):
    addressed(grace)
    for minute in range(4):
        notify(
            user=grace,
            kind=Kind.DECISION,
            key=f"warn:{minute}",
            community=community,
            at=MONDAY + timedelta(minutes=3 * minute),
        )

    tasks.mail_due(at=DUE - timedelta(seconds=1), run=tasks.at_once)
    assert postbox.mails == []
    for minute in range(3):
        tasks.mail_due(at=DUE + timedelta(minutes=minute), run=tasks.at_once)

    assert postbox.mail["Subject"] == "4 things happened"
    assert postbox.mail.get_body(("plain",)).get_content().count("has a word for you") == 4


def test_two_workers_bundle_once(letter, grace):
    assert bundle(user=grace, at=DUE) is None
    assert Letter.objects.count() == 1


def test_what_was_read_meanwhile_is_not_mailed(letter, grace, postbox):
    Notification.objects.filter(user=grace).read(DUE)

    done = sent_again(letter, DUE)

    assert (done.state, postbox.mails) == (State.DROPPED, [])


def test_what_was_read_before_makes_no_letter(grace, addressed, community):
    addressed(grace)
    notify(user=grace, kind=Kind.DECISION, key="hide:1", community=community, at=MONDAY)
    Notification.objects.filter(user=grace).read(MONDAY)

    tasks.mail_due(at=DUE, run=tasks.at_once)

    assert not Letter.objects.exists()


def test_who_switched_mail_off_meanwhile_gets_none(letter, grace, postbox):
    wish(user=grace, wishes={Kind.DECISION: Wanted(in_app=True, by_mail=False)}, digests=[])

    assert sent_again(letter, DUE).state == State.DROPPED
    assert postbox.mails == []


@pytest.mark.parametrize("address", [None, {"verified": False}, {"primary": False}])
def test_without_a_proven_address_nothing_is_sent_and_nothing_breaks(grace, addressed, community, postbox, address):
    if address is not None:
        addressed(grace, **address)
    notify(user=grace, kind=Kind.DECISION, key="hide:1", community=community, at=MONDAY)

    tasks.mail_due(at=DUE, run=tasks.at_once)

    assert Letter.objects.get().state == State.DROPPED
    assert postbox.mails == []
    assert Notification.objects.unread().filter(user=grace).count() == 1


def test_who_may_not_sign_in_any_more_is_not_written_to(letter, grace, postbox):
    grace.is_active = False
    grace.save()

    assert sent_again(letter, DUE).state == State.DROPPED
    assert postbox.mails == []


def test_an_address_that_its_server_refuses_is_written_to_no_more(letter, grace, community, postbox):
    postbox.to_recipient = "550 5.1.1 No such user here"

    done = sent_again(letter, DUE)

    refused = RefusedAddress.objects.get()
    assert (done.state, done.trouble) == (State.DROPPED, "550 5.1.1 No such user here")
    assert (refused.address.email, refused.why, refused.at) == ("grace@people.example", done.trouble, DUE)
    postbox.to_recipient = ""
    notify(user=grace, kind=Kind.DECISION, key="hide:2", community=community, at=DUE)
    assert sent_again(bundle(user=grace, at=DUE), DUE).state == State.DROPPED
    assert postbox.mails == []


def test_who_says_that_the_address_works_is_written_to_again(letter, grace, community, postbox):
    RefusedAddress.objects.create(address=EmailAddress.objects.get(), why="550 No", at=MONDAY)

    try_address_again(user=grace)

    assert sent_again(letter, DUE).state == State.SENT


@pytest.mark.parametrize("answer", ["550 5.7.1 We take no mail from your network", "552 5.2.2 Mailbox full"])
def test_a_refusal_that_is_not_about_the_address_leaves_the_address_alone(letter, postbox, answer):
    postbox.to_recipient = answer

    assert sent_again(letter, DUE).state == State.DROPPED
    assert not RefusedAddress.objects.exists()


def test_a_server_that_refuses_the_words_gets_them_once(letter, postbox):
    postbox.to_data = "554 5.6.0 We do not like it"

    done = sent_again(letter, DUE)

    assert (done.state, done.trouble) == (State.DROPPED, "554 5.6.0 We do not like it")
    assert not RefusedAddress.objects.exists()


@pytest.mark.parametrize("where", ["to_recipient", "to_data", "to_sender"])
def test_a_server_that_says_later_gets_it_later(letter, postbox, where):
    setattr(postbox, where, "451 4.7.1 Greylisted, come back in a while")

    waiting = sent_again(letter, DUE)

    assert (waiting.state, waiting.due_at) == (State.WAITING, DUE + FIRST_WAIT)
    assert "Greylisted" in waiting.trouble
    setattr(postbox, where, "")
    tasks.mail_due(at=DUE + FIRST_WAIT, run=tasks.at_once)
    assert postbox.mail["Message-ID"] == f"<{letter.key}@localhost>"


def test_a_server_that_takes_nothing_from_us_is_tried_again_for_it_can_be_mended(letter, postbox):
    postbox.to_sender = "550 5.7.1 Authenticate first"

    assert sent_again(letter, DUE).state == State.WAITING
    assert not RefusedAddress.objects.exists()


def test_it_waits_longer_each_time_and_is_given_up_in_the_end(letter, postbox):
    postbox.to_data = "451 4.3.0 Not now"
    at, waits = DUE, []
    while True:
        waiting = sent_again(letter, at)
        if waiting.state != State.WAITING:
            break
        waits.append(waiting.due_at - at)
        at = waiting.due_at

    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (FIRST_WAIT, LONGEST_WAIT)
    assert waiting.state == State.DROPPED
    assert waiting.trouble == "Given up: 451 4.3.0 Not now"
    assert at > letter.created_at + GIVE_UP


def test_a_server_that_hangs_up_in_the_middle_is_written_to_again_under_the_same_id(letter, postbox):
    postbox.hang_up = True

    waiting = sent_again(letter, DUE)

    assert waiting.state == State.WAITING
    assert "connection broke" in waiting.trouble
    postbox.hang_up = False
    assert sent_again(letter, waiting.due_at).state == State.SENT
    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_server_that_is_away_holds_up_everybodys_letters(letter, alan, addressed, settings, postbox, community):
    addressed(alan)
    notify(user=alan, kind=Kind.DECISION, key="hide:1", community=community, at=MONDAY)
    other = bundle(user=alan, at=DUE)
    answering, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()

    tasks.mail_due(at=DUE, run=tasks.at_once)

    other.refresh_from_db()
    assert (other.state, other.tries, other.due_at) == (State.WAITING, 0, DUE + FIRST_WAIT)
    settings.EMAIL_PORT = answering
    tasks.mail_due(at=DUE + FIRST_WAIT, run=tasks.at_once)
    assert {mail["To"] for mail in postbox.mails} == {"grace@people.example", "alan@people.example"}


def test_killed_between_the_servers_yes_and_our_mark_it_is_sent_again_under_the_same_id(letter, postbox, settings):
    yes = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.postbox.KilledAfterTheYes"
    with pytest.raises(Killed):
        sent_again(letter, DUE)
    settings.EMAIL_BACKEND = yes

    tasks.mail_due(at=DUE, run=tasks.at_once)
    assert len(postbox.mails) == 1  # its worker may be at it still
    died = Letter.objects.get(pk=letter.pk)
    Letter.objects.update(claimed_at=died.claimed_at - SEND_LEASE - timedelta(seconds=1))
    tasks.mail_due(at=DUE, run=tasks.at_once)

    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert Letter.objects.get().state == State.SENT


def test_of_two_workers_one_sends(letter, postbox):
    one, other = (Letter.objects.get(pk=letter.pk) for _ in range(2))

    send_letter(letter=one, at=DUE)
    with pytest.raises(Overtaken):
        send_letter(letter=other, at=DUE)

    assert len(postbox.mails) == 1


def test_a_worker_that_was_given_up_does_not_undo_the_others_mark(letter, postbox, settings):
    settings.EMAIL_BACKEND = "tests.postbox.KilledAfterTheYes"
    slow = Letter.objects.get(pk=letter.pk)
    with pytest.raises(Killed):
        send_letter(letter=slow, at=DUE)
    Letter.objects.update(tries=slow.tries + 1)

    slow.state = State.SENDING
    with pytest.raises(Overtaken):
        send_letter(letter=slow, at=DUE)

    assert Letter.objects.get().state == State.SENDING


def test_a_letter_that_was_sent_is_sent_no_more(letter, postbox):
    sent_again(letter, DUE)

    tasks.letter_one(letter.pk, DUE.isoformat())
    tasks.bundle_one(letter.user_id, DUE.isoformat())

    assert len(postbox.mails) == 1


@pytest.mark.parametrize("name", ["Eve\r\nBcc: everybody@people.example", "Eve\x00\x0b\u2028Bcc: x", "\ud800Eve"])
def test_names_put_nothing_into_the_headers(grace, addressed, community, postbox, name):
    community.name = name.replace("\ud800", "")[:80]
    addressed(grace)
    wish(user=grace, wishes={Kind.THANKS: Wanted(in_app=True, by_mail=True)}, digests=[])
    notify(user=grace, kind=Kind.THANKS, key="thanks:1", community=community, by=name, at=MONDAY)
    Notification.objects.update(by="Eve\r\nBcc: everybody@people.example")  # as if it had slipped through

    done = sent_again(bundle(user=grace, at=DUE), DUE)

    assert done.state == State.SENT
    assert postbox.recipients == ["grace@people.example"]
    assert postbox.mail["Bcc"] is None
    assert postbox.mail["Subject"].startswith("Eve Bcc: everybody@people.example thanks you")


def test_a_mail_speaks_its_readers_language_and_keeps_their_time(letter, grace, postbox):
    grace.time_zone = "Asia/Tokyo"
    grace.language = "de"
    grace.save()

    sent_again(letter, DUE)

    html = postbox.mail.get_body(("html",)).get_content()
    assert "21:00" in html or "9 p.m." in html  # noon in UTC
    assert '<html lang="de"' in html


def test_a_mail_in_a_language_written_from_right_to_left_is_laid_out_so(letter, settings, postbox):
    settings.LANGUAGE_CODE = "ar"

    sent_again(letter, DUE)

    assert 'dir="rtl"' in postbox.mail.get_body(("html",)).get_content()


def test_stopping_a_mail_by_its_link_stops_what_waits_too(letter, grace, community, postbox):
    notify(user=grace, kind=Kind.DECISION, key="hide:2", community=community, at=MONDAY)

    stop(Mails(grace.pk, kinds=("decision",)))

    assert sent_again(letter, DUE).state == State.DROPPED
    assert bundle(user=grace, at=DUE) is None


def test_announcing_makes_letters_that_are_sent_once(published, grace, addressed, postbox, community):
    addressed(grace)
    community.memberships.filter(user=grace).update(digest=True)
    at = published.published_at

    for _ in range(2):
        announce(edition=published, at=at)
        tasks.mail_due(at=at, run=tasks.at_once)

    assert [mail["To"] for mail in postbox.mails] == ["grace@people.example"]
