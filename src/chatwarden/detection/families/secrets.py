"""Passwords, one-time codes, keys and tokens: vendors' documentation of their prefixes, RFC 7468, RFC 7519, BIP-39."""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.classes import DataClass
from chatwarden.detection import secrets_checks as checks
from chatwarden.detection import seeds, wallets
from chatwarden.detection.pattern import Pattern


def _key(
    what: str, regex: str, group: int = 0, check: Callable[[str], bool] | None = None, score: float = 0.95
) -> Pattern:
    return Pattern(DataClass.CREDENTIAL, regex, score, check, group, counter=False, what=what)


_PASSWORDS = r"password|passwd|passphrase|passcode|passwort|kennwort|pwd|pw|contraseña|clave|mot de passe|mdp|wachtwoord|parola d'ordine|password's|senha|hasło|haslo|lösenord|adgangskode|salasana"
_IS = r" is| was| war| ist| lautet| est| es| era| è|:|=| =| :| --?>?| –"
_FOR = r"for|to|of|für|zu|von|pour|para|per|voor"
_CODES = (
    r"one[ \-]?time (?:code|password|pin)|otp|verification code|login code|sms code|2fa code|mfa code|auth(?:entication)? code|confirmation code|tan|mtan|"
    r"authenticator code|einmal(?:code|passwort|kennwort)|best(?:ä|ae)tigungscode|sms-code|sicherheits-tan|code de v[eé]rification|code de confirmation|code sms|"
    r"c[oó]digo de verificaci[oó]n|c[oó]digo sms|codice di verifica|codice otp|verificatiecode|kod weryfikacyjny|c[oó]digo de verifica[cç][aã]o"
)
_KEY_WORDS = (
    r"api[ _\-]?key|api[ _\-]?token|secret[ _\-]?key|client[ _\-]?secret|access[ _\-]?key|access[ _\-]?token|auth[ _\-]?token|private[ _\-]?key|secret|token|"
    r"refresh[ _\-]?token|webhook[ _\-]?secret|encryption[ _\-]?key|license[ _\-]?key|schl(?:ü|u)ssel|clé (?:api|secrète)|clave (?:api|secreta)"
)

SECRETS: tuple[Pattern, ...] = (
    Pattern(DataClass.CREDENTIAL, rf"(?i)\b(?:{_PASSWORDS})(?:{_IS})+", 0.95, counter=False, find=checks.behind, what="passwords behind a word for them"),
    Pattern(DataClass.CREDENTIAL, rf"(?i)\b(?:{_PASSWORDS}) (?:{_FOR}) [^\n.!?:]{{1,24}}(?:{_IS})+", 0.95, counter=False, find=checks.passphrase, what="passwords behind a word for them"),
    _key("passwords behind a word for them", rf"(?i)\b(?:{_PASSWORDS}) ([^\s\"'`»\[\]]{{6,64}})", 1, checks.mixed, 0.7),
    # As programs write it: "password": "…", {"password": {"value": "…"}}, ["…"].
    _key("passwords behind a word for them", rf"(?i)(?:\b|_)(?:{_PASSWORDS})(?:_?(?:value|hash|plain|text))?[\"'`]? ?(?::|=>?) ?(?:[\[{{] ?(?:[\"'`][a-z_\-]{{1,24}}[\"'`] ?: ?)?){{0,2}}[\"'`]([^\"'`\n]{{4,64}})[\"'`]", 1, checks.secret_word),
    _key("passwords behind a word for them", rf"(?i)\b(?:{_PASSWORDS}) (?:{_FOR}) [^\n.!?:]{{1,24}} (?:is|was|ist|war|est|es|è) ([^\s\"'`»\[\]]{{6,64}})", 1, checks.mixed, 0.8),
    _key("one-time codes before or beside one", rf"(?i)\b(\d{{4,8}}) (?:is|was|ist|war|est|es|as)? ?(?:the |my |your |a |der |die |mein |meine |le |el |mon )?(?:{_CODES})\b", 1),
    _key("one-time codes before or beside one", r"(?i)\bcode (\d{4,8}) (?:by|per|via|from|par|por|from the|in the) (?:sms|text|e-?mail|app)\b", 1),
    _key("one-time codes before or beside one", r"(?i)\b(?:your|my|security|dein|ihr|mein|votre|mon|tu|su|mi|il mio|mijn|je) (?:[a-zà-ÿ]{1,12} )?[ck][oó]de?(?: is| was| ist| war| est| es| è|:)* (\d{6})\b", 1, score=0.7),
    _key("one-time codes behind a word for them", rf"(?i)\b(?:{_CODES})\b[^0-9\n]{{0,16}}(\d{{4,8}})\b", 1),
    _key("one-time codes behind a word for them", rf"(?i)\b(?:{_CODES})\b[^0-9\n]{{0,16}}(\d{{3}}[ \-]\d{{3}})\b", 1),
    _key("API keys: Stripe, OpenAI, Anthropic", r"\b(?:sk|pk|rk)[_\-](?:live|test|proj|ant|or|svcacct)?[_\-]?[A-Za-z0-9_\-]{16,200}"),
    _key("AWS access keys", r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b"),
    _key("GitHub and GitLab tokens", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|gl(?:pat|ptt|dt|rt|soat|cbt)-[A-Za-z0-9_\-]{20,64})"),
    _key("Slack tokens and webhooks", r"\b(?:xox[abeprs]-|xapp-)[A-Za-z0-9\-]{10,250}|hooks\.slack\.com/services/[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]{16,40}"),
    _key("Google API keys, OAuth tokens and secrets", r"\bAIza[0-9A-Za-z_\-]{35}|\bya29\.[0-9A-Za-z_\-]{20,300}|\bGOCSPX-[0-9A-Za-z_\-]{20,40}"),
    _key("credentials of Chatwarden itself", r"\bcw[sbtk]_[0-9a-f]{64}\b"),
    _key(
        "tokens of npm, PyPI, Docker, Hugging Face, SendGrid, Shopify, DigitalOcean, Databricks, Vault, Grafana, Linear, Notion, Postman, Doppler, Supabase, Atlassian, Square, Mailgun, New Relic, Fly, Age",
        r"\b(?:npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_\-]{50,300}|dckr_pat_[A-Za-z0-9_\-]{20,40}|hf_[A-Za-z0-9]{30,40}|SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{16,64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|do[oprt]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}|hv[sbr]\.[A-Za-z0-9_\-]{20,300}|gl(?:sa|c)_[A-Za-z0-9_=\-]{20,200}|lin_api_[A-Za-z0-9]{32,48}|(?:secret|ntn)_[A-Za-z0-9]{40,50}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9.]{30,80}|sbp_[0-9a-f]{40}|AT(?:ATT|CTT)3[A-Za-z0-9_\-=]{40,250}|sq0(?:atp|csp)-[A-Za-z0-9_\-]{22,43}|key-[0-9a-f]{32}|NRAK-[A-Z0-9]{27}|fo1_[A-Za-z0-9_\-]{30,80}|AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58})",
    ),
    _key("Telegram bot tokens", r"\b\d{8,10}:AA[A-Za-z0-9_\-]{33}"),
    _key("JSON web tokens", r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),
    _key("bearer and basic credentials of HTTP", r"(?i)\bbearer +([A-Z0-9._~+/\-]{20,}=*)", 1),
    _key("bearer and basic credentials of HTTP", r"(?i)\bbasic +([A-Z0-9+/]{12,}={0,2})(?:[^A-Z0-9+/]|$)", 1, checks.basic),
    _key("user and password within an address", r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://[^\s/:@\"']{0,64}:([^\s/@\"']{3,128})@[a-z0-9\[]", 1),
    _key('values behind words like "API key"', rf"(?i)(?:{_KEY_WORDS})[\"']?(?: is| was| ist| est| es|:|=>|=| =| :){{1,2}} ?[\"'`]?([A-Z0-9_\-+/.~]{{12,200}}={{0,2}})", 1, checks.looks_random),
    _key('values behind words like "API key"', r"(?i)\b(?:AccountKey|SharedAccessKey|aws_secret_access_key|sig)=([A-Za-z0-9+/%]{30,100}={0,2})", 1),
    _key("private keys (PEM, OpenPGP, PuTTY)", r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)"),
    _key("private keys (PEM, OpenPGP, PuTTY)", r"(?s)PuTTY-User-Key-File-\d: .*\z"),
    _key("private keys of wallets (WIF, BIP-32)", r"\b(?:[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}|[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107})\b", 0, wallets.base58_key),
    Pattern(
        DataClass.CREDENTIAL, r"(?i)(?:\b[a-z]{3,8}\b[\s,;|]{1,3}(?:\d{1,2}[.):]? )?){11}[a-z]{3,8}\b", 0.95, find=seeds.phrase,
        what="recovery phrases of wallets (BIP-39, English), by their words and check",
    ),
)  # fmt: skip
