from chatwarden.notify.model import NOBODY, Account, Notice, NotSent, Receiver, Way
from chatwarden.principal import STAFF, Role


def test_each_receiver_has_a_row_of_its_own_under_the_same_id() -> None:
    keys = {Notice("ntc_1", receiver, "password-changed", "usr_1", 0, 0).key for receiver in Receiver}
    assert keys == {"person:ntc_1", "administrators:ntc_1", "webhook:ntc_1"}


def test_people_are_reached_by_mail() -> None:
    assert {receiver.way for receiver in (Receiver.PERSON, Receiver.ADMINISTRATORS)} == {Way.MAIL}
    assert Receiver.WEBHOOK.way is Way.WEBHOOK


def test_staff_are_staff_and_nobody_is_not() -> None:
    assert {role for role in Role if Account("a", role).is_staff} == STAFF
    assert not NOBODY.is_staff


def test_what_a_server_answered_is_a_number_for_the_log() -> None:
    assert NotSent("recipient", "550 5.1.1").number == 550
    assert NotSent("unreachable").number is None


def test_what_is_refused_for_good_says_nothing_of_the_way() -> None:
    assert NotSent("gone", for_good=True).alone
    assert not NotSent("unreachable").alone
