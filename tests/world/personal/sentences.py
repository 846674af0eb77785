"""Sentences as people write to a help desk, with a place for a value, and those that only look as if they had one.

``{v}`` is the value, ``{w}`` the word that announces it. In the sentences without personal data, ``{9}`` stands for so many
digits, ``{h32}`` for so many hexadecimal ones.
"""

from __future__ import annotations

WITH_WORD = (
    "My {w} is {v}.", "my {w} is {v} thanks", "{w}: {v}", "{w} {v}", "{v} is my {w}.", "Here is my {w}: {v}", "You asked for the {w}, it's {v}", "The {w} ({v}) was refused by your form.",
    "Hi, I need to correct my {w} to {v}, please.", "Meine {w} ist {v}.", "{w} lautet: {v}", "Mon {w} est le {v}, merci.", "Mi {w} es {v}", "Il mio {w} è {v}", "Mijn {w} is {v}", "{w}\n{v}", "My {w} number is {v}", "I lost the card but my {w} was still {v}, as far as I know", "On the letter stands {v} where the {w} belongs", "In my profile the {w} has a typo, should be {v}", "Bei der {w} steht noch {v}, das stimmt nicht mehr", "Votre formulaire refuse mon {w} qui est pourtant {v}", "what happens with {w} {v}?",
)  # fmt: skip
ALONE = (
    "{v}",
    "It is {v}.",
    "Please use {v} for this",
    "{v} does not work, why?",
    "here you go: {v}",
    "Ist {v} richtig?",
    "Voici : {v}",
    "Es {v}, gracias",
    "Sent from {v}",
    "I typed {v} and got an error.",
    "can you check {v} please",
)
CARDS = (
    "My card number is {v}.", "charge {v} please", "Karte {v} wurde abgelehnt", "ma carte {v} ne marche pas", "mi tarjeta es {v}", "la mia carta: {v}", "the visa {v} was declined twice", "{v}", "pay with {v} exp 09/27",
    "I was charged on {v}, why?", "mastercard: {v}\nexp 12/28", "card no {v} belongs to my mother",
)  # fmt: skip
CODES = (
    "cvv {v3}", "CVC: {v3}", "the security code is {v3}", "Prüfziffer {v3}", "the cvv from the back side reads {v3}", "my old pin was always {v4}", "Prüfziffer hinten drauf ist {v3}", "le code secret de la carte est {v4}", "el pin de la tarjeta era {v4}", "PIN: {v4}", "security code on the back: {v3}", "cvv2={v3}", "der PIN lautet {v4}", "mi pin es {v4}",
    "código de seguridad {v3}", "code de sécurité : {v3}", "Geheimzahl {v4}", "pincode is {v4}", "csc {v3}", "cryptogramme {v3}",
)  # fmt: skip
NAMES = (
    "My name is {v}.", "I'm {v} and I have a question.", "this is {v} speaking", "Mein Name ist {v}", "ich heiße {v}", "Je m'appelle {v}.", "Me llamo {v}", "Mi chiamo {v}.", "Mijn naam is {v}", "Name: {v}",
    "Please send it to my husband {v}.", "Kind regards,\n{v}", "Mit freundlichen Grüßen\n{v}", "the account is in the name of {v}", "Mr {v} told me to write here", "Hello {v}, thank you.", "customer {v} called yesterday", "Cardholder: {v}",
)  # fmt: skip
BIRTHS = (
    "I was born on {v}.", "DOB: {v}", "date of birth {v}", "geboren am {v}", "Geburtsdatum: {v}", "né le {v}", "fecha de nacimiento {v}", "nato il {v}", "geboortedatum {v}", "my birthday is {v}", "d.o.b. {v}", "{v} is my date of birth", "the date of birth on file should be {v}", "Geburtsdatum, {v}, bitte ändern", "I was actually born in London on {v}", "date de naissance : c'est le {v}", "mi fecha de nacimiento correcta es {v}", "data urodzenia to {v}", "son birthday {v}",
)  # fmt: skip
ADDRESSES = (
    "I live at {v}.", "Please send it to {v}", "my address is {v}", "Meine Adresse ist {v}", "ich wohne in der {v}", "J'habite {v}", "Vivo en {v}", "Abito in {v}", "Ik woon op {v}", "{v}", "We moved to {v} last week", "Delivery address:\n{v}",
)  # fmt: skip
HEALTH = (
    ("I have {v} and need a different chair.", "diabetes|asthma|epilepsy|multiple sclerosis|arthritis|hypertension"), ("I was diagnosed with {v} last year", "breast cancer|depression|Crohn's disease|lupus|Parkinson's"),
    ("Ich habe {v}.", "Diabetes|Asthma|Bluthochdruck|Epilepsie|Depressionen"), ("j'ai du {v}", "diabète|hypertension|asthme"), ("Tengo {v}", "diabetes|asma|epilepsia|hipertensión"), ("Ho il {v}", "diabete"), ("Soffro di {v}", "asma|emicrania|epilessia"),
    ("my son has {v}, is that covered?", "autism|ADHD|leukemia|asthma|diabetes"), ("I take {v} every morning", "insulin|warfarin|metformin|lithium"), ("she is pregnant and has {v}", "anaemia|preeclampsia|diabetes"),
)  # fmt: skip
LOCATIONS = ("I am at {v}", "my house: {v}", "GPS {v}", "location: {v}", "Standort {v}", "meet me at {v}", "{v}")
PASSWORDS = (
    "my password is {v}", "Password: {v}", "Passwort: {v}", "mein Passwort ist {v}", "mot de passe : {v}", "contraseña: {v}", "pwd={v}", "the password was {v} and it stopped working", "wachtwoord: {v}", "login ada password {v}", "username: ada, pw: {v}", "I typed my password {v} three times", "the passphrase for it is {v}", "das Kennwort war {v}", "password -- {v}", "hier mein Passwort {v}",
)  # fmt: skip
ONE_TIME = (
    "the verification code is {v6}",
    "OTP {v6}",
    "mein Bestätigungscode lautet {v6}",
    "SMS code: {v6}",
    "TAN {v6}",
    "code de vérification {v6}",
    "I received the code {v6} by SMS",
    "it says {v6} is the verification code",
    "mein TAN-Code ist {v6}",
    "your security code {v6} is not accepted",
)

OPENINGS = (
    "",
    "",
    "",
    "Hello! ",
    "Hi there, ",
    "Guten Tag, ",
    "Bonjour, ",
    "Hola, ",
    "Good morning 🙂 ",
    "I have a problem since yesterday. ",
    "Sorry to bother you again.\n",
    "Question: ",
)
CLOSINGS = (
    "",
    "",
    "",
    " Thanks!",
    " Thank you 🙏",
    "\nCan you help?",
    " Danke",
    " Merci beaucoup",
    " please answer soon",
    " ok?",
    "\n\nSent from my phone",
)

WITHOUT = (
    "Where is order {9}?", "My order {10} has not arrived yet.", "order #{8}-{4} was cut in two parcels", "Bestellung {9} ist nicht angekommen", "Commande n° {10}, toujours rien.", "pedido {8} sin novedades", "L'ordine {9} è in ritardo", "Bestelling {10} is niet geleverd",
    "tracking 1Z{h6}{10} says delivered", "Sendungsnummer {12} zeigt nichts", "Track {20} please", "parcel JJD{18} is stuck", "AWB {3}-{8} is at the airport", "RR{9}DE was returned", "waybill {11}", "the tracking code is LX{9}US",
    "invoice {8} is wrong", "Rechnung {10} stimmt nicht", "facture {7}", "invoice INV-2026-{5} was paid twice", "Factura F{2}/{6}", "ticket {6} is still open", "case {8}: any news?", "reference {10}", "my booking {h6} is for two", "RMA {7}",
    "it happened at 2026-11-{d} 14:{m}:{m}", "log line 2026-03-{d}T09:{m}:{m}.{3}Z error", "epoch 17{8}", "timestamp 17{11}", "Since {d}.11.2026 nothing works", "the meeting is on {d}/05/2026 at 10:{m}", "{d}-03-2026 to {d}-04-2026", "between 2019 and 2024",
    "version {1}.{2}.{1}", "build 10.0.{5}.{4}", "firmware v{1}.{1}.{2}.{3}", "upgrade from {1}.{1} to {1}.{2}.{1}-rc.{1}", "python 3.{2}.{1} on windows 11", "release {4}.{2}.{1}",
    "commit {h40} broke it", "md5 {h32}", "sha256 {h64}", "see commit {h7}", "the hash is {h64}", "uuid {h8}-{h4}-4{h3}-a{h3}-{h12}", "request id {h16}", "trace {h32}-{h16}", 'etag "{h20}"', "fingerprint {h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}:{h2}",
    "I paid {2},{3}.{2} EUR", "it costs {3}.{2} and not {3}.{2}", "{1}.{3}.{3},{2} €", "fees of {1}.{2}% on {5} USD", "a transfer of {6} yen", "limit is {4} per day, can I have {5}?", "balance {1},{3},{3}", "{3}€ + {2}€ = {3}€",
    "isbn 978-{1}-{4}-{4}-{1}", "EAN {13}", "article {8} in blue", "model XR-{4}B", "serial {10}", "SKU {5}-{3}", "part number A{3} {3} {2} {2}", "the code is {3}", "error {4} on page {2}", "error 0x{h8}", "press {1} then {1}", "room {3}, floor {1}",
    "flight LH{3} seat {2}C", "train ICE {3} at 07:{m}", "{2}:{2} in the second half", "it weighs {2}.{1} kg and is {3} cm", "{3}x{4} pixels", "{4}x{4}x{2}", "{2} of {3} done", "chapter {2}.{1}.{1}", "x << {1} | y >> {2}", "for (i = 0; i < {4}; i++) sum += a[i]", "{1}+{2}={2}", "phi is 1.6180339887{5}",
    "How do I change my PIN?", "What is a routing number and where do I find mine?", "Can I open an account without a passport?", "my account is locked since 2 days", "Which documents do I need, driver's licence or passport?", "Do you need my social security number?", "My card was swallowed by the machine on level {1}",
    "Is my card insured abroad?", "how long is an IBAN?", "I forgot my password, it is not working", "The password is wrong again", "Is there a fee of {2} for a second account?", "Wo finde ich meine Steuernummer?", "Brauche ich die Kontonummer noch?", "Où trouver mon numéro de compte ?", "¿Dónde está el número de cuenta?",
    "account ending in {4}", "my card ending {4} is blocked", "Konto mit {1} % Zinsen", "savings account with {1}.{2}% for {2} months", "The token expired", "my API key does not work any more", "What does a license cost, {3} or {4}?", "license for {2} users", "permit {1} is enough", "Führerschein Klasse B seit 2019",
    "passport photo 35x45 mm", "visa for 90 days", "ID {5} in your list", "id={7}", "customer since 2011", "user {6} from the list of {d}.11.", "question {3} of the form", "page {3} says {4}", "row {5}: value {6}", "see § {3} BGB", "RFC {4} section {1}.{1}",
    "Can we meet on Monday at 9:{m}?", "The weather was great, {2} degrees", "I need help with the washing machine.", "Please cancel everything.", "Thank you, that is all.", "Das Gerät ist laut und warm.", "Je voudrais annuler ma commande.", "Quiero devolver los zapatos.", "Vorrei cambiare la taglia.", "Ik wil graag mijn abonnement opzeggen.",
    "I told you on the phone: contract {9}", "as agreed by phone, customer number {9} gets {2} %", "call the shop about {9}", "Vertrag {10} kündigen", "policy {9} ends", "Kundennummer {10}", "member {9}", "Am Telefon sagten Sie {8}", "the shop in {5} opens at 9", "call me maybe", "Tell me more about diabetes care products", "is there a street parking near the branch?", "Does the Berlin branch open on Saturday?", "the router is at 192.168.{d}.{2}", "server 10.{2}.{2}.{1} is down", "ping 127.0.0.1 works", "netmask 255.255.255.0", "wifi channel {2}, {3} MHz",
    "The answer is 42, or {6}.", "lottery numbers {2} {2} {2} {2} {2} {2}", "{4} {4} {4} steps each day", "score {3}-{3}-{3}", "dial *{3}#", "code {2}{1} in the menu", "batch {6} from {m}/2026", "meter reading {6} kWh", "Zählerstand {5},{1}", "gift card of {2} EUR", "voucher SAVE{2}", "coupon {h8}", "iOS 18.{1}.{1}, model A{4}",
)  # fmt: skip
