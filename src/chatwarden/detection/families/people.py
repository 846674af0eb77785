"""Names, addresses and dates of birth: what the words around them say (`names`, `addresses`, `births`).

The patterns only say where to look; most messages have none of them and end there.
"""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.classes import DataClass
from chatwarden.detection import addresses, births, names
from chatwarden.detection.pattern import Pattern


def _name(regex: str, find: Callable[[str, int, int], list[tuple[int, int, float]]]) -> Pattern:
    return Pattern(DataClass.PERSON_NAME, regex, 0.9, find=find)


_INTRODUCED = (
    # English
    r"my (?:\p{L}+ )?(?:name|surname) ?(?:is|'s|was|=|:)|the name(?:'s| is)|name's|(?:his|her|their|husband's|wife's|son's|daughter's"
    r"|mother's|father's|partner's|full|first|last|middle|legal|maiden|birth|holder's?|cardholder|customer) (?:sur)?name (?:is|was)"
    r"|(?:call|calls) me|i(?:'m| am) (?:called|named)|known as|under the name(?: of)?|in the name of|née"
    # German, French, Spanish, Italian, Dutch
    r"|name ist|name lautet|namen? ist|ich hei(?:ß|ss)e|auf den namen|geborene[rn]?"
    r"|je m['’]appelle|je me nomme|mon (?:nom|prénom)(?: de famille| complet)? (?:est|c'est)|au nom de"
    r"|me llamo|mi (?:nombre|apellido)(?: completo)? es|mis apellidos son|a nombre de"
    r"|mi chiamo|(?:mio )?(?:nome|cognome) (?:è|e')|a nome di|intestat[oa] a"
    r"|(?:naam|achternaam|voornaam) is|ik heet|op naam van"
    # Portuguese, Polish, Swedish, Danish and Norwegian, Turkish
    r"|meu nome é|chamo-me|me chamo|nazywam się|mam na imię|jag heter|mitt namn är|jeg he(?:dd|t)er|mi(?:t|tt) navn er|benim adım|adım"
)
_MENTIONED = (
    r"i am|i'm|im|i m|this is|it's|its|it is|you are|speaking (?:with|to)|spoke (?:with|to)|talk(?:ed)? (?:with|to)|named|called"
    r"|on behalf of|behalf|regarding|attention of|attn|c/o|beneficiary|recipient|payee|contact person|sen[dt] (?:it )?to|transfer(?:red)? to"
    r"|(?:my|meine?r?|ma|mon|mi|mia|mio|mijn|our|unsere?|notre|nuestr[oa]|onze|his|her) (?:wife|husband|spouse|partner|son|daughter|mother|mom|mum|father|dad|brother|sister"
    r"|friend|boyfriend|girlfriend|colleague|boss|neighbou?r|uncle|aunt|cousin|nephew|niece|grand(?:mother|father|son|daughter)|flatmate|landlord"
    r"|frau|mann|ehemann|ehefrau|sohn|tochter|mutter|vater|bruder|schwester|freundin|freund|kollegin|kollege|chef|nachbarin|nachbar|oma|opa"
    r"|femme|mari|époux|épouse|fils|fille|mère|père|frère|sœur|amie?|collègue|copine|copain|voisine?"
    r"|esposa|esposo|mujer|marido|hij[oa]|madre|padre|herman[oa]|amig[oa]|novi[oa]|jefe|vecin[oa]"
    r"|moglie|marito|figli[oa]|fratello|sorella|amic[oa]|fidanzat[oa]|collega"
    r"|vrouw|man|zoon|dochter|moeder|vader|broer|zus|vriendin|vriend|buurman|buurvrouw)"
    r"|hi|hello|hey|dear|hiya|hallo|liebe[rs]?|lieber|bonjour|salut|chère?|hola|querid[oa]|estimad[oa]|ciao|car[oa]|gentile|beste|geachte"
    r"|ich bin|bin|bin der|bin die|hier ist|hier spricht|hier|c['’]est|je suis|ici|s['’]appelle|soy|habla|llama|sono|parla|qui è|chiama|ik ben|met|heet|spreek met|namens|sou|jestem|jag är|jeg er"
)
_TITLES = (
    r"(?:mr|mrs|ms|mx|dr|prof|sr|sra|srta|mme|mlle|mgr|dott|dott\.ssa|sig|sig\.ra|sig\.na|dhr|mevr|mw|hr|fr|ing|dipl\.-ing)\.?"
    r"|miss|professor|doctor|herrn?|frau|m\.|monsieur|madame|mademoiselle|señor(?:a|ita)?|don|doña|signor[ae]?|signorina|dottor(?:essa)?|meneer|mevrouw|de heer|senhor[a]?|pan|pani|sir|lady"
)
_SIGN_OFFS = (
    r"regards|sincerely|faithfully|truly|cheers|thanks?(?: (?:you|a lot|so much|again|in advance))?|thx|best wishes|best|yours|warmly|love"
    r"|gr(?:ü|ue)(?:ß|ss)en?|gr(?:ü|ue)(?:ß|ss)e|gru(?:ß|ss)|mfg|vg|lg|danke(?: schön| im voraus)?|dank|hochachtungsvoll"
    r"|cordialement|salutations|bien à vous|bien à toi|merci(?: d'avance)?|bises|amicalement"
    r"|saludos?|atentamente|un saludo|gracias|cordialmente|saluti|grazie(?: mille)?|distinti saluti"
    r"|groet(?:en|jes)?|hoogachtend|bedankt|alvast bedankt|mvg|dank u wel|cumprimentos|pozdrawiam|hälsningar|hilsen|signed|gez\."
)
_LABELS = (
    r"(?:\p{L}{0,12}name|account ?holder|card ?holder|(?:kontoinhaber|karteninhaber|inhaber|kunde|kundin|patient|patientin|empfänger|ansprechpartner|versicherte[r]?)"
    r"|customer|client|beneficiary|recipient|payee|passenger|guest|contact|employee|applicant|insured"
    r"|nom(?: de famille| complet| et prénom)?|prénoms?|titulaire|bénéficiaire|nombre(?: completo| y apellidos)?|apellidos?|titular|nome(?: e cognome| completo)?|cognome|intestatario"
    r"|naam|voornaam|achternaam|rekeninghouder|klant|begunstigde|apelido|imię(?: i nazwisko)?|nazwisko|navn|namn)"
)

_BORN = (
    r"\bd\.? ?o\.? ?b\b\.?|\b(?:date|day|year) of birth|\bbirth ?-?date|\bborn\b|\bbirthday|\bb-?day\b"
    r"|\bgeb\.|\bgeb\b|\bgeboren|\bgeburts(?:datum|tag)|\bgeb\.? ?-?datum"
    r"|\bnée?e? le\b|\bn[ée]e? (?:le|en)\b|\b(?:date|jour) de naissance|\banniversaire"
    r"|\bfecha de nac(?:imiento|\.)?|\bnac[ií]\b|\bnacid[oa]\b|\bnacimiento|\bcumplea[ñn]os"
    r"|\bdata di nascita|\bnat[oa]\b|\bcompleanno|\bgeboortedatum|\bverjaardag"
    r"|\bdata de nascimento|\bnascid[oa]|\bnasci\b|\bdata urodzenia|\burodzon[ya]|\bur\.|\bdoğum tarih|\bfödelsedatum|\bfødselsdato|\bfödd\b|\bfødt\b"
)

_ENGLISH_STREETS = (
    r"street|st|road|rd|avenue|ave|av|lane|ln|boulevard|blvd|crescent|cres|terrace|highway|hwy|parkway|pkwy|mews|expressway|drive|dr|court|ct"
    r"|place|pl|square|sq|way|close|park|gardens?|row|hill|green|grove|view|walk|circle|cir|trail|trl|rise|quay|loop|alley|plaza|point"
    r"|gate|heights|broadway|parade|esplanade|wharf|yard|turnpike|pike"
)
_GERMANIC_STREETS = (
    r"stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|pfad|hof|markt|graben|berg|wall|garten|feld|straat|laan|plein|kade"
    r"|dijk|gracht|singel|steeg|dreef|baan|plantsoen|pad"
)
_FRENCH_STREETS = r"rue|avenue|av\.?|boulevard|bd\.?|blvd|place|pl\.|chemin|ch\.|impasse|allée|allee|quai|route|rte|cours|square|passage|faubourg|sentier|villa|résidence|promenade|ruelle"
_ROMANCE_STREETS = (
    r"calle|c/|c\.|cl\.|avenida|avda\.?|av\.|plaza|pza\.?|paseo|pº|carrer|camino|ronda|travesía|glorieta|carretera|ctra\.?|urb\.|via|viale|v\.le|piazza|p\.za|piazzale|corso|c\.so"
    r"|largo|vicolo|strada|contrada|lungo\p{L}+|rua|travessa|rue|avenue|boulevard|chemin|route|quai|laan van|plein"
)
_BOXES = r"(?:g\.?p\.?o\.?|p\.? ?o\.?) ?box|post ?office box|postfach|postbus|boîte postale|bo[iî]te postale|b\.?p\.?|apartado(?: de correos)?|apdo\.?|casella postale|c\.p\.|caixa postal|locked bag|private bag"


def _address(regex: str, find: Callable[[str, int, int], list[tuple[int, int, float]]]) -> Pattern:
    return Pattern(DataClass.POSTAL_ADDRESS, regex, 0.9, find=find)


PEOPLE: tuple[Pattern, ...] = (
    _name(rf"(?i)\b(?:{_INTRODUCED})", names.introduced),
    _name(rf"(?i)\b(?:{_MENTIONED})[ :,]", names.mentioned),
    _name(rf"(?i)\b(?:(?:{_TITLES})[ \t]+){{1,3}}", names.titled),
    _name(rf"(?i)\b(?:{_SIGN_OFFS})[ \t]*[,.!\n\-–]", names.signed),
    _name(rf"(?i)\b{_LABELS}[ \t]*[:=]", names.labelled),
    _name(
        r"\p{Lu}[\p{L}.'’\-]+(?:,? (?:(?:v[oa]n|de|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ter|ten|zu|y) ){0,3}(?:\p{Lu}[\p{L}.'’\-]+|[^\P{Lu}I])){1,7}",
        names.paired,  # an "I" alone is the word: "Can I"
    ),
    _name(r"(?i)\b(?:here|speaking|calling|am apparat|al habla|all'apparecchio|aan de lijn)\b", names.announced),
    Pattern(DataClass.DATE_OF_BIRTH, rf"(?i)(?:{_BORN})", 0.9, find=births.born),
    Pattern(
        DataClass.DATE_OF_BIRTH,
        r"\p{Lu}[\p{L}'’\-]+ (?:\p{Ll}+ ){0,2}\p{Lu}[\p{L}'’\-]+[,;:]? {0,2}[(*]? ?\d{1,4}[./\- ]\d{1,2}[./\- ]\d{2,4}",
        0.4, find=births.beside_a_name,
    ),
    _address(rf"(?i)\b\d{{1,5}}[a-z]?(?:[\-/]\d{{1,4}}[a-z]?)?,? (?:[\p{{L}}\d.'’\-]+ ){{0,4}}(?:{_ENGLISH_STREETS})\b\.?", addresses.numbered),
    _address(rf"(?i)\b[\p{{L}}.'’\-]*(?:{_GERMANIC_STREETS})(?:,? (?:nr\.? ?|nummer )?|\.)\d{{1,4}} ?[a-z]?\b", addresses.suffixed),
    _address(rf"(?i)\b\d{{1,4}}(?: ?(?:bis|ter|quater|[a-d]))?,? ?(?:{_FRENCH_STREETS}) ", addresses.prefixed),
    _address(
        rf"(?i)\b(?:{_ROMANCE_STREETS}) ?(?:[\p{{L}}\d.'’ªº\-]+,? ){{1,6}}?(?:n(?:º|°|o|um|úm|úmero|ro|r)?\.? ?)?\d{{1,4}}\b", addresses.prefixed
    ),
    _address(
        r"(?i)\b(?:am|an der|an den|auf der|auf dem|im|in der|in den|zum|zur|unter den|hinter der|vor dem|beim|op de|aan de) (?:\p{L}+ ){1,2}\d{1,4} ?[a-h]?,?\s{1,2}(?:[a-z]{1,2}-)?\d{4,5} \p{L}",
        addresses.preposed,
    ),
    _address(rf"(?i)\b(?:{_BOXES}):? ?(?:nr\.? |no\.? |n[°º] ?)?\d(?: ?\d){{0,7}}\b", addresses.boxed),
    _address(r"(?i)\b(?:[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}|[a-z]\d[a-z][ \-]?\d[a-z]\d|\d{4} ?[a-z]{2})\b", addresses.coded),
    _address(r"\b(?:[A-Z]{1,2}-)?\d{4,5} \p{Lu}", addresses.coded),
    _address(r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]) \d{5}(?:-\d{4})?\b", addresses.coded),
)  # fmt: skip
