"""National, tax and social numbers that are mere digits or close to it: found behind the words that announce them.

Check digits by python-stdnum; what it lacks is in `national_checks`. A number with no check digit is worth least.
"""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import national_checks as own
from chatwarden.detection.announced import MOST, Announced, Form
from chatwarden.detection.pattern import Pattern
from chatwarden.detection.validators import stdnum

_ID = "national id|id number|id no|identity number|identity card|id card|identification number|national identification number|personal id|citizen id|national insurance|social security|social security number"
_TAX = "tax id|tax number|tax identification number|taxpayer number|tin|tax no|tax file number|taxpayer id"

NATIONAL_NUMBERS = Announced(
    (
        Form("US", "Social Security number", "ssn|social security number|social security|social|ss number|sozialversicherungsnummer", "###~##~####", 0.1, stdnum("us.ssn"), "national id|taxpayer id"),
        Form("US", "individual taxpayer number (ITIN)", "itin|individual taxpayer identification number", "9##~##~####", 0.15, stdnum("us.itin"), _TAX),
        Form("US", "adoption taxpayer number (ATIN)", "atin", "9##~93~####", 0.15, stdnum("us.atin")),
        Form("US", "employer identification number (EIN)", "ein|fein|employer identification number|employer id", "##-#######", 0.15, stdnum("us.ein"), _TAX),
        Form("CA", "social insurance number", "sin|sin number|sin no|social insurance number|social insurance|num[eé]ro d'assurance sociale|nas", "###~###~###", 0.2, stdnum("ca.sin"), _ID),
        Form("CA", "British Columbia health number", "phn|personal health number|bc health number|health card", "9###~###~###", 0.2, stdnum("ca.bc_phn")),
        Form("GB", "NHS number", "nhs|nhs number|nhs no|national health number", "###~###~####", 0.2, stdnum("gb.nhs")),
        Form("GB", "taxpayer reference (UTR)", "utr|unique taxpayer reference|self assessment", "#####~#####", 0.15, stdnum("gb.utr"), _TAX),
        Form("IE", "PPS number", "pps|ppsn|pps number|personal public service number", "#######@[A-IW]?", 0.25, stdnum("ie.pps"), _ID),
        Form("DE", "tax identification number", "idnr|steuer-id|steuerid|steueridentifikationsnummer|steuer-idnr|steuer-identifikationsnummer|identifikationsnummer|steuerliche identifikationsnummer|german tax id", "##~###~###~###", 0.2, stdnum("de.idnr"), _TAX),
        Form("DE", "tax number (Steuernummer)", "steuernummer|steuer-nr|st-nr|stnr", "##[#/]~?#{2,3}[/ ]?#{3,4}[/ ]?#{4,5}", 0.15, stdnum("de.stnr")),
        Form("DE", "pension insurance number", "rvnr|rentenversicherungsnummer|sozialversicherungsnummer|sv-nummer|versicherungsnummer|rentenversicherung|svnr|sv nummer", "##~######~@~###", 0.3, own.de_pension),
        Form("DE", "identity card number", "personalausweis|personalausweisnummer|ausweisnummer|ausweis|perso|ausweis-nr", "[LMNPRTVWXY][0-9CFGHJKLMNPRTVWXYZ]{8}#?", 0.15, own.icao_or_bare),
        Form("AT", "social insurance number", "svnr|sozialversicherungsnummer|sv-nummer|versicherungsnummer|sv nummer", "####~######", 0.2, stdnum("at.vnr"), _ID),
        Form("AT", "tax number", "abgabenkontonummer|steuernummer", "##[ \\-/]?###[ \\-/]?####", 0.15, stdnum("at.tin"), _TAX),
        Form("NL", "BSN", "bsn|burgerservicenummer|sofinummer|sofi-nummer|bsn-nummer|citizen service number", "####~##~###|###~###~###", 0.2, stdnum("nl.bsn"), _ID),
        Form("BE", "national register number", "rijksregisternummer|rijksregister|insz|niss|num[eé]ro national|num[eé]ro de registre national|national register number|national number|registre national", "##~##~##~###~##", 0.35, stdnum("be.nn"), _ID),
        Form("FR", "social security number (NIR)", "nir|s[eé]curit[eé] sociale|num[eé]ro de s[eé]cu|num[eé]ro de s[eé]curit[eé] sociale|carte vitale|insee|num secu", "[12]~##~##~(?:##|2[AB])~###~###~?##", 0.35, stdnum("fr.nir"), _ID),
        Form("FR", "tax number", "num[eé]ro fiscal|spi|num[eé]ro fiscal de r[eé]f[eé]rence|identifiant fiscal", "[0-3]#~##~###~###~###", 0.3, stdnum("fr.nif"), _TAX),
        Form("ES", "social security number", "seguridad social|n[uú]mero de la seguridad social|nuss|naf|numero de afiliacion", "##~########~##|##~##########", 0.35, own.es_nuss),
        Form("PT", "tax number (NIF)", "nif|contribuinte|n[uú]mero de contribuinte|numero fiscal", "[1-3]##~###~###|45#~###~###", 0.2, stdnum("pt.nif"), _TAX),
        Form("PT", "citizen card", "cart[aã]o de cidad[aã]o|cc|bilhete de identidade|cart[aã]o cidad[aã]o", "########[ \\-]?#[ \\-]?[A-Z0-9]{2}#", 0.3, stdnum("pt.cc"), _ID),
        Form("CH", "AHV number", "ahv|avs|ahv-nummer|ahv-nr|ahvnr|num[eé]ro avs|sozialversicherungsnummer|oasi", "756~####~####~##", 0.35, stdnum("ch.ssn"), _ID),
        Form("SE", "personal identity number", "personnummer|pers-nr|personal number|samordningsnummer|personnr", "(?:19|20)?######[\\-+ ]?####", 0.2, stdnum("se.personnummer"), _ID),
        Form("NO", "birth number", "f[oø]dselsnummer|fnr|personnummer|d-nummer|fodselsnr|birth number", "######~#####", 0.35, stdnum("no.fodselsnummer"), _ID),
        Form("DK", "CPR number", "cpr|cpr-nummer|cpr nr|cprnr|personnummer", "######[\\- ]?####", 0.15, stdnum("dk.cpr"), _ID),
        Form("FI", "personal identity code", "hetu|henkil[oö]tunnus|sosiaaliturvatunnus|personal identity code", "######[\\-+A-FU-Y]###[0-9A-Y]", 0.35, stdnum("fi.hetu"), _ID),
        Form("IS", "kennitala", "kennitala|kt", "######~####", 0.25, stdnum("is_.kennitala"), _ID),
        Form("EE", "personal code", "isikukood|personal code", "###########", 0.25, stdnum("ee.ik"), _ID),
        Form("LT", "personal code", "asmens kodas|personal code", "###########", 0.25, stdnum("lt.asmens"), _ID),
        Form("LV", "personal code", "personas kods|personal code", "######[\\- ]?#####", 0.2, stdnum("lv.pvn"), _ID),
        Form("PL", "PESEL", "pesel|numer pesel|nr pesel", "###########", 0.25, stdnum("pl.pesel"), _ID),
        Form("PL", "tax number (NIP)", "nip|numer nip|nr nip", "###~###~##~##|###~##~##~###", 0.15, stdnum("pl.nip"), _TAX),
        Form("CZ", "birth number", "rodn[eé] [cč][ií]slo|rodne cislo|birth number", "######/?###[0-9]?", 0.25, stdnum("cz.rc"), _ID),
        Form("SK", "birth number", "rodn[eé] [cč][ií]slo|rodne cislo", "######/?###[0-9]?", 0.25, stdnum("sk.rc")),
        Form("HU", "tax number", "ad[oó]azonos[ií]t[oó]|adoazonosito jel|adosz[aá]m", "8#########", 0.15, own.hu_tax, _TAX),
        Form("RO", "CNP", "cnp|cod numeric personal", "#############", 0.3, stdnum("ro.cnp"), _ID),
        Form("BG", "EGN", "egn|егн|edinen grazhdanski nomer", "##########", 0.25, stdnum("bg.egn"), _ID),
        Form("SI", "EMSO", "em[sš]o", "#############", 0.3, stdnum("si.emso"), _ID),
        Form("RS", "JMBG", "jmbg", "#############", 0.3, stdnum("si.emso"), _ID),
        Form("HR", "OIB", "oib|osobni identifikacijski broj", "###########", 0.2, stdnum("hr.oib"), _ID),
        Form("GR", "AMKA", "amka", "###########", 0.25, stdnum("gr.amka"), _ID),
        Form("GR", "tax number (AFM)", "afm|vat number", "#########", 0.15, stdnum("gr.vat"), _TAX),
        Form("UA", "tax number", "rntrc|rnokpp|ipn|рнокпп|іпн", "##########", 0.2, stdnum("ua.rntrc"), _TAX),
        Form("RU", "tax number (INN)", "inn|инн", "############|##########", 0.2, stdnum("ru.inn"), _TAX),
        Form("RU", "pension number (SNILS)", "snils|снилс", "###~###~###[ \\-]?##", 0.3, own.ru_snils),
        Form("TR", "identity number", "kimlik|tckn|tc kimlik|tc kimlik no|t.c. kimlik|kimlik no", "[1-9]##########", 0.35, stdnum("tr.tckimlik"), _ID),
        Form("IL", "identity number", "teudat zehut|tz|mispar zehut|israeli id", "########~#", 0.15, stdnum("il.idnr"), _ID),
        Form("IT", "tax code", "codice fiscale|cf|cod fiscale", "@@@@@@##@##@###@", 0.4, stdnum("it.codicefiscale")),
        Form("IN", "Aadhaar", "aadhaar|aadhar|adhaar|aadhaar card|uid|uidai", "[2-9]###~####~####", 0.2, stdnum("in_.aadhaar"), _ID),
        Form("IN", "PAN", "pan card|pan number|pan no|permanent account number|pan", "@@@[ABCFGHJLPT]@####@", 0.3, stdnum("in_.pan"), _TAX),
        Form("IN", "voter card (EPIC)", "voter id|epic|voter card", "@@@#######", 0.25, stdnum("in_.epic")),
        Form("PK", "CNIC", "cnic|nadra|nic number", "#####-?#######-?#", 0.2, stdnum("pk.cnic"), _ID),
        Form("CN", "resident identity number", "身份证|身份证号|身份证号码|shenfenzheng|resident id|chinese id", "#################[0-9X]", 0.45, stdnum("cn.ric"), _ID),
        Form("TW", "identity number", "身分證|身分證字號|taiwan id", "@[12]########", 0.3, own.tw_id, _ID),
        Form("HK", "identity card", "hkid|hong kong id|hkid card|hong kong identity card", "@{1,2}######~?\\(?[0-9A]\\)?", 0.3, own.hk_id, _ID),
        Form("JP", "My Number", "my number|マイナンバー|個人番号|individual number|kojin bango", "####~####~####", 0.3, own.jp_my_number, _ID),
        Form("KR", "resident number", "rrn|jumin|resident registration number|주민등록번호|주민번호", "######-?[1-8]######", 0.2, own.kr_rrn, _ID),
        Form("SG", "NRIC and FIN", "nric|fin|fin number|nric number|singapore id", "[STFGM]#######@", 0.35, own.sg_nric, _ID),
        Form("MY", "MyKad", "nric|mykad|ic number|ic no|kad pengenalan", "######-?##-?####", 0.2, stdnum("my.nric"), _ID),
        Form("ID", "NIK", "nik|ktp|nomor induk kependudukan|no ktp", "################", 0.15, stdnum("id.nik"), _ID),
        Form("TH", "citizen number", "บัตรประชาชน|thai id|pin|citizen id|thai national id", "#[ \\-]?####[ \\-]?#####[ \\-]?##[ \\-]?#", 0.2, stdnum("th.pin"), _ID),
        Form("PH", "PhilSys, TIN, SSS and UMID", "philsys|philid|pcn|umid|crn|sss|sss number|philhealth|pag-ibig", "####~####~####(?:~####)?|##-?#######-?#|####-?#######-?#|###~###~###(?:~###)?", 0.1, None),
        Form("PH", "tax number", "tin|tin number|bir tin", "###-###-###(?:-###|-#####)?", 0.1, None, "tax id|tax number"),
        Form("VN", "citizen card", "cccd|cmnd|can cuoc cong dan|c[aă]n c[uư][oớ]c", "0###########|#########", 0.1, None),
        Form("AU", "tax file number", "tfn|tax file number|tfn number", "###~###~###|########", 0.2, stdnum("au.tfn"), "tax number|tax id"),
        Form("AU", "Medicare number", "medicare|medicare card|medicare number|medicare no", "[2-6]###~#####~#(?:[ /\\-]?#)?", 0.2, own.au_medicare),
        Form("NZ", "tax number (IRD)", "ird|ird number|inland revenue number", "##~?###~###|#########|##-###-###", 0.15, stdnum("nz.ird"), _TAX),
        Form("NZ", "health index", "nhi|nhi number", "[A-HJ-NP-Z]{3}(?:####|##@[A-Z])", 0.2, own.nz_nhi),
        Form("ZA", "identity number", "sa id|south african id|rsa id", "######~####~###|#############", 0.25, stdnum("za.idnr"), _ID),
        Form("ZA", "tax number", "sars|sars number", "[0-39]#########", 0.15, stdnum("za.tin"), _TAX),
        Form("NG", "NIN", "nin|national identification number|nin number", "###########|####~###~####", 0.15, None, "national id"),
        Form("NG", "bank verification number", "bvn|bank verification number", "###########", 0.15, None),
        Form("KE", "tax number (PIN)", "kra|kra pin|kra pin number", "[AP]#########@", 0.3, stdnum("ke.pin")),
        Form("EG", "national number", "raqam qawmi|الرقم القومي|egyptian id", "[23]#############", 0.3, own.eg_national, _ID),
        Form("AE", "Emirates ID", "emirates id|eid|emirates id number", "784-?####-?#######-?#", 0.35, own.luhn_of, _ID),
        Form("SA", "national ID and iqama", "iqama|saudi id|absher", "[12]#########", 0.2, own.luhn_of, _ID),
        Form("BR", "CPF", "cpf|cadastro de pessoas f[ií]sicas|n[uú]mero do cpf", "###~###~###~##", 0.35, stdnum("br.cpf"), _TAX),
        Form("BR", "CNPJ", "cnpj", "##~###~###~?/?####~##", 0.3, stdnum("br.cnpj"), _TAX),
        Form("BR", "identity card (RG)", "rg|registro geral|carteira de identidade", "##~###~###[ \\-]?[0-9X]", 0.1, None),
        Form("AR", "CUIT and CUIL", "cuit|cuil", "##~########~#", 0.25, stdnum("ar.cuit"), _TAX),
        Form("AR", "DNI", "dni|documento nacional de identidad", "##~?###~###", 0.1, stdnum("ar.dni")),
        Form("CL", "RUT", "rut|rol [uú]nico tributario", "#{1,2}~###~###[ \\-]?[0-9K]", 0.2, stdnum("cl.rut"), _ID),
        Form("MX", "CURP", "curp", "@{4}######@{6}[A-Z0-9]#", 0.4, stdnum("mx.curp")),
        Form("MX", "RFC", "rfc|registro federal de contribuyentes", "[A-ZÑ&]{3,4}######[A-Z0-9]{3}", 0.3, stdnum("mx.rfc")),
        Form("CO", "cédula and NIT", "c[eé]dula|cedula de ciudadan[ií]a|cc", "#{1,2}[.]###[.]###|1[.]###[.]###[.]###|#{8,10}", 0.1, None),
        Form("CO", "tax number (NIT)", "nit", "###~###~###[ \\-]?#", 0.2, stdnum("co.nit")),
        Form("PE", "DNI (CUI)", "cui|dni", "########-?[0-9K]", 0.15, stdnum("pe.cui")),
        Form("EC", "cédula", "c[eé]dula|ci", "##########", 0.2, stdnum("ec.ci"), _ID),
        Form("UY", "RUT", "rut", "############", 0.2, stdnum("uy.rut")),
        Form("DO", "cédula", "c[eé]dula", "###-?#######-?#", 0.2, stdnum("do.cedula")),
        Form("VE", "RIF", "rif", "[VEJPG]-?########-?#", 0.3, stdnum("ve.rif")),
        Form("MD", "IDNP", "idnp|idno", "#############", 0.25, stdnum("md.idno")),
        Form("CU", "identity number", "carn[eé] de identidad", "###########", 0.2, stdnum("cu.ni")),
        Form("MU", "identity number", "nid number|mauritian id|nid", "@#############|@#{12}[0-9A-Z]", 0.3, stdnum("mu.nid")),
        Form("*", "numbers of identity cards", "dni|dnie|carta d'identit[aà]|carta identit[aà]|cni|carte d'identit[eé]|num[eé]ro de carte d'identit[eé]|identiteitskaart|identiteitskaartnummer|dow[oó]d osobisty|id kaart|id card number|identity card number|national id number|national id card|ci number", "@{1,3}[ \\-]?#{5,9}@{0,2}|#{9,12}|#{5,9}[ \\-]?@{1,3}|(?=[A-Z0-9]*#[A-Z0-9]*#[A-Z0-9]*#)[A-Z0-9]{9}", 0.1, None),
    )
)  # fmt: skip

NATIONALS: tuple[Pattern, ...] = (
    Pattern(
        DataClass.NATIONAL_ID, NATIONAL_NUMBERS.regex, 0.95, keywords=NATIONAL_NUMBERS.keywords, find=NATIONAL_NUMBERS.find, digit=True, most=MOST,
    ),
)  # fmt: skip
