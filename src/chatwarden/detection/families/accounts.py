"""Bank accounts that are no IBAN: routing and account numbers, sort codes, and the national forms with their checks."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import banks
from chatwarden.detection.announced import MOST, Announced, Form
from chatwarden.detection.pattern import Pattern
from chatwarden.detection.validators import stdnum

_ACCOUNT = (
    "account number|account no|account nr|account #|acct|acct number|acct no|acc|acc no|acc number|a/c|a/c no|a/c number|bank account|bank account number|checking account|savings account|current account|checking|savings|account|"
    "kontonummer|konto-nr|konto nr|ktonr|kto|kto-nr|konto|bankkonto|num[eé]ro de compte|compte|compte bancaire|n[uú]mero de cuenta|cuenta|cuenta bancaria|numero di conto|conto|conto corrente|"
    "rekeningnummer|rekening|bankrekening|conta|conta corrente|n[uú]mero da conta|numer konta|nr konta|numer rachunku|rachunek|nr rachunku|kontonr|tilinumero|[cč][ií]slo [uú][cč]tu|sz[aá]mlasz[aá]m|cont bancar|hesap no|hesap numaras[iı]|口座番号|账号|银行卡号|계좌번호"
)

ACCOUNT_NUMBERS = Announced(
    (
        Form("US", "ABA routing number", "routing|routing number|routing no|routing #|aba|aba number|rtn|aba routing|routing transit number|transit number", "[0-36-8]########", 0.2, stdnum("us.rtn")),
        Form("GB", "sort code", "sort code|sort-code|sortcode|s/c", "##[ \\-]?##[ \\-]?##", 0.15),
        Form("GB", "sort code and account number together", _ACCOUNT + "|sort code|sortcode", "##-##-##[ ,/]{1,2}########|######[ ,/]{1,2}########", 0.25),
        Form("CA", "transit, institution and account", _ACCOUNT + "|transit|transit number|institution number", "#####-###(?:[ \\-]#{7,12})?", 0.15),
        Form("AU", "BSB and account", "bsb|bsb number|bsb no", "###[ \\-]?###(?:[ ,/\\-]{1,2}#{5,9})?", 0.15),
        Form("NZ", "account", _ACCOUNT, "##[ \\-]####[ \\-]#######[ \\-]#{2,3}", 0.25, stdnum("nz.bankaccount")),
        Form("IN", "IFSC", "ifsc|ifsc code", "@{4}0[A-Z0-9]{6}", 0.15),
        Form("DE", "bank code (Bankleitzahl)", "blz|bankleitzahl", "[1-8]##~?###~?##", 0.15),
        Form("ES", "account (CCC)", _ACCOUNT + "|ccc", "####[ \\-]?####[ \\-]?##[ \\-]?##########", 0.35, stdnum("es.ccc")),
        Form("FR", "account (RIB)", _ACCOUNT + "|rib", "#####[ \\-]?#####[ \\-]?[A-Z0-9]{11}[ \\-]?##", 0.35, banks.rib),
        Form("IT", "account (BBAN)", _ACCOUNT + "|bban|coordinate bancarie", "@[ \\-]?#####[ \\-]?#####[ \\-]?[A-Z0-9]{12}", 0.3, banks.cin),
        Form("BE", "account before IBAN", _ACCOUNT, "###-#######-##", 0.35, banks.belgian),
        Form("PL", "account (NRB)", _ACCOUNT + "|nrb", "##~####~####~####~####~####~####", 0.4, banks.nrb),
        Form("CZ", "account", _ACCOUNT, "(?:#{2,6}-)?#{2,10}/####", 0.25, stdnum("cz.bankaccount")),
        Form("NO", "account", _ACCOUNT, "####[. ]?##[. ]?#####", 0.2, stdnum("no.kontonr")),
        Form("SE", "bankgiro and plusgiro", "bankgiro|plusgiro|bg|pg|clearingnummer", "#{3,4}-####|#{1,7}-#|####-?#{7,10}", 0.1),
        Form("DK", "registration and account number", _ACCOUNT + "|reg|reg nr|regnr", "####[ \\-]#{6,10}", 0.12),
        Form("HU", "account", _ACCOUNT, "########-########(?:-########)?", 0.3),
        Form("MX", "CLABE", "clabe|clabe interbancaria|" + _ACCOUNT, "###~?###~?###########~?#", 0.2, banks.clabe),
        Form("AR", "CBU", "cbu|cvu", "########~##############", 0.35, stdnum("ar.cbu")),
        Form("BR", "agency and account", "ag[eê]ncia|ag", "####(?:-#)?[ ,/]{1,3}(?:conta|cc|c/c)?[ :]{0,2}#{4,10}-?[0-9X]", 0.15),
        Form("*", "others: an account number of six to eighteen digits, grouped or not", _ACCOUNT, "#{6,18}|#{4,12}-[0-9X]|#{2,6}(?:[ \\-]#{2,6}){1,4}", 0.1, banks.account),
    )
)  # fmt: skip

ACCOUNTS: tuple[Pattern, ...] = (
    Pattern(DataClass.BANK_ACCOUNT, ACCOUNT_NUMBERS.regex, 0.95, keywords=ACCOUNT_NUMBERS.keywords, find=ACCOUNT_NUMBERS.find, digit=True, most=MOST),
)  # fmt: skip
