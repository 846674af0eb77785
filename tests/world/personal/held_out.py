"""Sentences that nobody looked at while the rules were made: the page's figures are of these.

Harder than the others on purpose: the word stands far away, is misspelled, is of another language or is missing. Who
improves the rules looks at `sentences`, never at what of these is missed.
"""

from __future__ import annotations

WITH_WORD = (
    "Could you please change the {w} in my profile, the right one would be {v}.", "I think there is a mistake in my {w}. It should say {v} instead.", "for the form: {w} = {v}, everything else stays", "btw {w} {v} in case you need it",
    "They wrote {v} into the field for the {w}, is that ok?", "so my {w} (renewed last year) is now {v}", "{w}....{v}", "re: {w}\n\n{v}\n\nbest", "Habe die {w} vergessen anzugeben: {v}", "Die {w} von meiner Mutter lautet {v}, bitte ergänzen.",
    "J'ai oublié de donner mon {w} : {v}", "Le {w} de mon fils, c'est {v}", "Perdone, mi {w} correcto sería {v}", "Ecco il {w} richiesto: {v}", "Hierbij mijn {w}, {v}", "Moj {w} to {v}", "O meu {w} é o {v}", "Mitt {w} är {v}", "- name ok\n- {w}: {v}\n- rest later", "what do you want, my {w}? fine: {v}",
)  # fmt: skip
ALONE = (
    "hm {v} maybe",
    "it was {v} all the time",
    "copy from the screen: {v} end",
    "I wrote down {v}, no idea if that is right",
    "Das hier: {v}",
    "c'est bien {v} ?",
    "{v} (old one)",
    "use ({v})",
    "to: {v}; cc: nobody",
    'reads "{v}"',
    "1) {v}",
    "=> {v}",
)
CARDS = (
    "could you book it from {v} this time", "the plastic says {v}", "old one {v}, new one comes by post", "kreditkarte abgelaufen ({v})", "débitez {v} svp", "cobrar en {v} por favor", "numero sulla carta {v}", "betalen met {v} lukt niet", "{v} 08/29", "AMEX/VISA {v}, name as above", '"{v}"', "try {v} again",
)  # fmt: skip
CODES = (
    "the three numbers on the back are {v3}", "cvc {v3} exp 03/28", "cvv is not accepted: {v3}", "my new PIN should be {v4}", "the pin for it was {v4} i think", "card verification value = {v3}", "Prüfziffer auf der Rückseite: {v3}", "mon code secret c'est {v4}", "el cvv es el {v3}", "il pin {v4} non va", "Kartenprüfnummer {v3}",
)  # fmt: skip
NAMES = (
    "You can call me {v}.", "Who I am? {v}.", "Signed, {v}", "For the attention of {v}", "My wife {v} ordered it.", "Guten Tag, hier spricht {v}.", "Der Vertrag läuft auf {v}", "C'est {v} à l'appareil", "Le contrat est au nom de {v}", "Soy {v}, quería preguntar algo", "Sono {v}, avrei una domanda",
    "met vriendelijke groet,\n{v}", "I spoke to {v} on Friday", "please forward this to {v}", "{v} here again", "passenger: {v}", "my boss {v} wants to know", "Thanks,\n{v}",
)  # fmt: skip
BIRTHS = (
    "my date of birth should read {v}", "birthdate: {v}", "I'm old, born {v}", "geb. {v}", "Mein Geburtsdatum, {v}, ist falsch gespeichert", "ma date de naissance est le {v}", "nací el {v}", "sono nata il {v}", "geboren op {v}", "DOB={v}", "she was born on {v}", "nascimento: {v}",
)  # fmt: skip
ADDRESSES = (
    "New address from May on: {v}", "deliver to {v} please", "you have the wrong house, it is {v}", "Lieferadresse {v}", "Ich bin umgezogen, jetzt {v}", "Nouvelle adresse : {v}", "Mi dirección: {v}", "Spedire a {v}", "bezorgen op {v}", "the flat at {v} has no lift", "pick it up from {v}",
)  # fmt: skip
HEALTH = (
    ("because of my {v} I cannot come to the branch", "arthritis|asthma|epilepsy|depression|multiple sclerosis"), ("My mother suffers from {v}.", "dementia|diabetes|Parkinson's|COPD"), ("I was treated for {v} in spring", "breast cancer|pneumonia|anxiety"), ("Meine Tochter leidet an {v}", "Asthma|Epilepsie|Diabetes"),
    ("wegen {v} bin ich krankgeschrieben", "Depressionen|Rheuma|Migräne"), ("je souffre de {v}", "migraine|diabète|dépression"), ("padezco {v} desde hace años", "asma|diabetes|artritis"), ("I am HIV {v}", "positive"), ("my blood pressure pills, {v}, were lost", "lisinopril|amlodipine"),
)  # fmt: skip
LOCATIONS = (
    "pin is dropped at {v}",
    "the car stands at {v}",
    "here: {v}",
    "Treffpunkt {v}",
    "come to {v} at nine",
    "on est ici {v}",
)
PASSWORDS = (
    "I used the password {v} and it was refused", "user ada / pass {v}", "Kennwort lautet {v}", "mein PW: {v}", "le mot de passe est {v}", "la contraseña es {v}", "password -> {v}", "the pass is {v} by the way", "passwd {v}", "hasło: {v}",
)  # fmt: skip
ONE_TIME = (
    "I got {v6} as verification code",
    "login code was {v6}, expired?",
    "Die TAN {v6} geht nicht",
    "votre code de confirmation {v6} ?",
    "your code {v6} does not work",
    "authenticator code: {v6}",
)

OPENINGS = (
    "",
    "",
    "Dear team, ",
    "hey ",
    "Servus, ",
    "Salut, ",
    "Buenas! ",
    "As said on the phone: ",
    "URGENT!! ",
    "ok so ",
    "1. ",
    "Sorry, wrong window. ",
)
CLOSINGS = (
    "",
    "",
    " cheers",
    " Best",
    "\n--\nsent with one hand",
    " !!",
    " (see above)",
    " Gruß",
    " 😀",
    " and that is it",
    ", right?",
)

WITHOUT = (
    "The parcel with number {12} went to the wrong town.", "I wait since two weeks for {9}, what is going on?", "order id: {7}-{3}", "Auftrag {8} bitte stornieren", "numéro de commande {9}", "mi pedido es el {10}", "ordine numero {8}", "ordernummer {9}", "zamówienie {8}", "beställning {9}", "Please look at {6} and {6}, both are late", "confirmation {h8}",
    "shipment {14} was scanned at 14:{m}", "UPS says 1Z{h6}{10}", "DHL {20}", "tracking no {13}", "FedEx {12} exception", "Paketnummer {14}", "colis {h2}{11}", "the label reads {8} {8}", "barcode {12}", "ISSN {4}-{4}", "ISBN {10}", "GTIN {14}", "lot {6}, use by 05/2027", "VIN WVWZZZ1KZ{h2}{6}",
    "on 2026-{m}-{d} I called twice", "from 08:{m} to 17:{m}", "the {d}th of May 2026", "Termin am {d}.05.2026 um 11 Uhr", "le {d}/06/2026 à 9h", "unix time 16{8}", "ts=17{11}", "started {d}-Nov-2026 10:{m}:{m}", "Q{1} 2026 and Q{1} 2025", "week {d}/2026", "it takes {2}-{2} days", "2025/26 season",
    "app {2}.{1}.{2} crashes on start", "node v{2}.{2}.{1}", "kernel 6.{2}.0-{2}-generic", "driver {3}.{2}.{2}", "Firefox/{3}.0", "openssl 3.{1}.{2}", "API v{1}", "sha1 {h40}", "digest {h64}", "blob {h32}.jpg", "file_{8}_{6}.pdf", "img-{h12}.png", "session {h8}-{h4}-4{h3}-9{h3}-{h12} ended", "span {h16}", "color #{h6}", "0x{h4}", "git revert {h8}",
    "total {4}.{2}", "Summe {2}.{3},{2}", "{3} zł", "{2},{2} kr", "{5} JPY", "CHF {3}.{2}", "discount {2} %", "rate {1}.{2} p.a.", "{3}.{2} + {2}.{2} = {3}.{2}", "a limit of {5}.{2}", "{4} points on my loyalty card", "amount {6}", "budget {7}", "population {8}", "{9} views on the video", "{10} is a big number", "pi is 3.14159265{6}", "e=2.71828{6}",
    "Am I allowed to send a copy of my passport?", "Is the sort code the same for every branch?", "Wie ändere ich die PIN meiner Karte?", "Wofür braucht ihr die Steuer-ID?", "Faut-il un permis de conduire pour louer ?", "¿Necesito pasaporte para abrir la cuenta?", "Che cos'è il codice fiscale?", "Waar vind ik mijn rekeningnummer?", "What does CVV mean?", "My social life suffers",
    "passport control took {2} minutes", "account manager for {4} customers", "license plate frame {2} cm", "we have {3} accounts with {4} users", "routing table has {5} entries", "the bank at gate {2}", "PIN pad {2} is broken", "the 2FA code never arrives", "I lost the token", "password must have {1} characters", "Passwort vergessen", "mot de passe oublié", "the key is under the mat",
    "extension {4}", "hotline option {1}", "line {2} towards the airport", "bus {3} every {2} minutes", "hall {1}, booth {3}", "platform {1}", "size {2} / {2}", "{2} inch screen, {4} x {4}", "{3} GB RAM", "{4} mAh", "{2}°C", "{1}:{1} draw", "best of {1}", "top {2}", "article {2}.{1} of the terms", "clause {1}.{1}.{1}", "form {4}-{1}", "DIN {5}", "EN {3}-{1}", "ISO {5}:2022",
    "Is there parking near the office?", "The colour is wrong.", "Das passt mir nicht.", "C'est trop cher.", "No funciona el botón.", "Non trovo la pagina.", "De bestelling is dubbel.", "Dziękuję, to wszystko.", "Tack så mycket.", "How are you today?", "are you a robot", "speak to a human", "can I change the date of my booking", "my package was wet", "the mirror arrived broken", "it never rings",
    "gateway 172.16.{2}.{1} does not answer", "host 192.168.1.{2}", "localhost:{4}", "port {5}", "VLAN {2}", "DNS 127.0.0.53", "subnet 10.0.0.0/{2}", "latency {2}.{1} ms", "bluetooth {1}.{1}", "serial no {h12}", "S/N {8}{h4}", "model {4}-{3}", "part {5}-{2}", "meter {8} shows {6}", "contract {9}", "Vertrag {8}", "policy {10}", "membership {7}", "customer number {8}", "Kundennummer {7}",
)  # fmt: skip
