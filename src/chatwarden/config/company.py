"""``[company.NAME]``: what a company login needs, and what would be unsafe or meaningless."""

from __future__ import annotations

from urllib.parse import urlsplit

from chatwarden.config.model import CompanyConfig, is_loopback
from chatwarden.config.written import Written
from chatwarden.principal import Role


def companies(written: Written) -> dict[str, CompanyConfig]:
    """Every company login. Raises ConfigurationError."""
    found: dict[str, CompanyConfig] = {}
    # People are found by issuer and subject: whoever else had this issuer would reach these people.
    taken = {
        value: f"sites.{path[1]}"
        for path, value in written.values.items()
        if path[0] == "sites" and path[2:] == ("issuer",)
    }
    for name in written.names("company"):
        company = _company(written, name)
        if company.issuer in taken:
            raise written.error(
                ("company", name, "issuer"), f"company.{name}.issuer is the issuer of {taken[company.issuer]} already",
                "each issuer has its own people",
            )  # fmt: skip
        taken[company.issuer] = f"company.{name}"
        found[name] = company
    return found


def _company(written: Written, name: str) -> CompanyConfig:
    table = written.table("company", name)
    if "default_role" in table:
        table["default_role"] = Role(table["default_role"])
    company = CompanyConfig(
        name,
        roles={value: Role(role) for value, role in written.table("company", name, "roles").items()},
        rights=written.table("company", name, "rights"),
        **table,
    )
    for field in ("issuer", "client"):
        if not getattr(company, field):
            raise written.error(("company", name), f"company.{name} needs {field}")
    if (company.secret_file is None) == (company.key_file is None):
        raise written.error(("company", name), f"company.{name} needs either secret_file or key_file")
    _way(written, company)
    _people(written, company)
    return company


def _way(written: Written, company: CompanyConfig) -> None:
    if company.issuer.startswith("https://"):
        return
    near = is_loopback(urlsplit(company.issuer).hostname or "")
    if not near or not written.values.get(("server", "lab"), False):
        raise written.error(
            ("company", company.name, "issuer"), f"company.{company.name}.issuer is plain http",
            "use https; plain http is for tests only, on loopback with server.lab = true",
        )  # fmt: skip


def _people(written: Written, company: CompanyConfig) -> None:
    name = company.name
    if not company.roles and company.default_role is None:
        raise written.error(
            ("company", name), f"company.{name} lets nobody in: it has neither roles nor default_role",
            'for example default_role = "customer"',
        )  # fmt: skip
    for field in ("roles", "rights"):
        if getattr(company, field) and not company.role_claim:
            raise written.error(
                ("company", name, field), f"company.{name}.{field} means nothing without role_claim",
                'for example role_claim = "groups"',
            )  # fmt: skip
