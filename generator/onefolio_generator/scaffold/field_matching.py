"""Which field of a provider is which field of the unified model, by an explicit table of common names.

A name is compared in lower case without `_`, `-` and blanks. What is in no row of the table stays None: it is the
reviewer who knows, and the docs page lists it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from .normalize import Published, Schema

What: TypeAlias = Literal["accounts", "balances", "positions"]
Kind: TypeAlias = Literal["text", "figure", "date", "status", "kind", "type", "side"]

# The surest name first. Behind `|` are names that mean it as a rule and not always: the docs page says "check".
_ACCOUNT: Mapping[str, tuple[Kind, str]] = {
    "id": ("text", "id accountid accountuuid uuid accountref accountnumber accountno accountkey number key ref"),
    "name": (
        "text",
        "name accountname displayname fullname legalname businesslegalname nickname alias | "
        "title label ownername holdername description",
    ),
    "number": ("text", "accountnumber accountno acctnumber number shortname | iban mask"),
    "status": ("status", "status accountstatus state accountstate"),
    "kind": ("kind", "accounttype margintype type kind subtype accountkind"),
    "currency": ("text", "currency currencycode accountcurrency basecurrency ccy"),
    "opened": (
        "date",
        "opened openedat openedon opendate openeddate dateopened createdat created createdon creationdate "
        "createddate | inceptiondate starteddate",
    ),
    "closed": ("date", "closed closedat closedon closedate closeddate dateclosed"),
    "holder_id": ("text", "holderid ownerid customerid clientid userid accountholderid accountholderentityid entityid"),
}
_BALANCE: Mapping[str, tuple[Kind, str]] = {
    "asset": ("text", "currency currencycode asset assetcode ccy | token coin symbol"),
    "network": ("text", "network blockchain chain"),
    "country": ("text", "country countrycode"),
    "available": (
        "figure",
        "available availablebalance availablecash withdrawable withdrawablecash availablefunds "
        "availabletowithdraw cashavailableforwithdrawal withdrawableamount | availableamount free",
    ),
    "cash": (
        "figure",
        "cash cashbalance totalcash tradecash tradedatecash cashamount | balance currentbalance "
        "ledgerbalance amount total",
    ),
    "settled_cash": ("figure", "settledcash settledbalance cashsettled settled"),
    "equity": (
        "figure",
        "equity totalequity accountequity netliquidationvalue netliquidation netliq netassetvalue nav "
        "| accountvalue totalaccountvalue portfoliovalue totalvalue networth",
    ),
    "buying_power": ("figure", "buyingpower purchasingpower"),
    "long_market_value": ("figure", "longmarketvalue longvalue marketvaluelong | longstockvalue"),
    "short_market_value": ("figure", "shortmarketvalue shortvalue marketvalueshort | shortstockvalue"),
    "initial_margin": (
        "figure",
        "initialmargin initialmarginrequirement initialrequirement initialmarginreq margininitial",
    ),
    "maintenance_margin": (
        "figure",
        "maintenancemargin maintenancemarginrequirement maintenancerequirement maintmargin maintenancemarginreq "
        "marginmaintenance",
    ),
}
_POSITION: Mapping[str, tuple[Kind, str]] = {
    "symbol": (
        "text",
        "symbol ticker tickersymbol instrumentsymbol securitysymbol assetsymbol displaysymbol | "
        "instrument security asset product code coin",
    ),
    "instrument_id": ("text", "instrumentid assetid securityid isin figi cusip sedol conid contractid productid"),
    "instrument_type": (
        "type",
        "instrumenttype assetclass assettype securitytype producttype instrumentclass | type kind class category",
    ),
    "side": ("side", "side positionside positiontype direction longshort"),
    "quantity": (
        "figure",
        "quantity qty units shares netquantity positionquantity positionqty positionsize size "
        "heldquantity quantityheld | contracts amount balance position holding holdings total",
    ),
    "available_quantity": (
        "figure",
        "availablequantity quantityavailable qtyavailable availableqty sellablequantity "
        "freequantity | available free availableunits availableshares",
    ),
    "average_price": (
        "figure",
        "averageprice avgprice avgentryprice averageentryprice averagecost avgcost entryprice "
        "costprice averagebuyprice unitcost costpershare averagepurchaseprice avgpurchaseprice | openprice "
        "purchaseprice",
    ),
    "price": (
        "figure",
        "price currentprice lastprice marketprice markprice instrumentprice unitprice | mark last "
        "closeprice closingprice",
    ),
    "cost_basis": ("figure", "costbasis totalcost bookvalue bookcost costvalue acquisitioncost totalcostbasis | cost"),
    "market_value": (
        "figure",
        "marketvalue mktvalue currentvalue positionvalue currentmarketvalue valuation | value "
        "totalvalue notional notionalvalue",
    ),
    "unrealized_pnl": (
        "figure",
        "unrealizedpnl unrealizedpl unrealizedprofitloss unrealizedgain unrealizedgainloss "
        "unrealizedprofit unrealisedpnl unrealisedpl unrealisedprofitloss unrealisedgain upl upnl openpnl "
        "openpl | gainloss",
    ),
    "unrealized_pnl_ratio": ("figure", "unrealizedpnlratio unrealizedplpc unrealisedpnlratio"),
    "currency": (
        "text",
        "currency currencycode ccy pricecurrency quotecurrency | marketvaluecurrency "
        "currentvaluecurrency valuecurrency pricecurrency lastpricecurrency",
    ),
}
TABLE: Mapping[What, Mapping[str, tuple[Kind, str]]] = {
    "accounts": _ACCOUNT,
    "balances": _BALANCE,
    "positions": _POSITION,
}

_WRAPPERS = frozenset(
    [
        "account",
        "accountdetails",
        "asset",
        "attributes",
        "balance",
        "balances",
        "cash",
        "currency",
        "details",
        "figures",
        "instrument",
        "money",
        "position",
        "product",
        "profile",
        "security",
        "summary",
        "totals",
        "values",
        "valuation",
        "cost",
        "pnl",
    ]
)
"""Objects in a row whose fields are the row's."""
_PERSONS = frozenset(["owner", "holder"])
"""Objects of which only the identifiers are of use: what else is in them is the person's and not the account's."""
_AMOUNT = ("amount", "value")
_CURRENCY = ("currency", "currencycode", "ccy")
_MINOR = re.compile(
    r"\b(cents?|pennies|pence|minor units?|smallest units?|base units?|satoshis?|wei|basis points?)\b", re.I
)
_RESTRICTION = re.compile(r"(blocked|suspended|restricted|frozen|locked)$")
_DEPTH = 3


@frozen
class Native:
    """A field of a provider's row.

    Attributes:
        path: names from the row down.
        schema: its curated schema.
        required: whether each name on the way is required and not null.
        keys: what it is called, for the table, the surest first.
    """

    path: tuple[str, ...]
    schema: Schema
    required: tuple[bool, ...]
    keys: tuple[str, ...]

    @property
    def pointer(self) -> str:
        """Where it is in a row, as a JSON pointer."""
        return "".join(f"/{name}" for name in self.path)

    @property
    def label(self) -> str:
        """What the docs call it."""
        return ".".join(self.path)


@frozen
class Match:
    """A field of the unified model and the provider's that it is read from.

    Attributes:
        field: the unified one.
        kind: how it is read.
        native: the provider's.
        sure: whether the name means it everywhere.
    """

    field: str
    kind: Kind
    native: Native
    sure: bool


def plain(name: str) -> str:
    """Return a name as the table has it."""
    return re.sub(r"[^0-9a-z]", "", name.lower())


def natives(published: Published, row: Schema) -> list[Native]:
    """Return the fields of a row, those of objects in it included."""
    return list(_natives(published, [published.target(row)], (), ()))


def _natives(
    published: Published, way: list[Schema], path: tuple[str, ...], needed: tuple[bool, ...]
) -> Iterator[Native]:
    """Yield the fields of the last of the objects on a way down; one that holds itself is not gone into again."""
    row = way[-1]
    above = tuple(map(plain, path))
    for name, stated in row.get("properties", {}).items():
        schema = published.target(stated)
        required = (*needed, name in row.get("required", []) and not may_be_null(published, stated))
        key = plain(name)
        if "properties" in schema and len(path) < _DEPTH and not any(schema is each for each in way):
            yield from _natives(published, [*way, schema], (*path, name), required)
            continue
        of_person = bool(above) and above[-1] in _PERSONS and key in _ACCOUNT["holder_id"][1].split()
        keys = [key] if of_person or all(each in _WRAPPERS for each in above) else []
        for last in above[-1:]:
            keys += ["".join((*above, key)), last + key]
            keys += [last, "".join(above)] if key in _AMOUNT else []
        yield Native((*path, name), schema, required, tuple(keys))


def may_be_null(published: Published, schema: Schema) -> bool:
    """Tell whether a curated schema admits null."""
    while "$ref" in schema:
        schema = published.components[schema["$ref"].rpartition("/")[2]]
    return not schema or any(each.get("type") == "null" for each in schema.get("anyOf", []))


def matched(published: Published, what: What, row: Schema) -> list[Match]:
    """Return the unified fields that a row's names say, each from one of its fields, no field for two."""
    fields = natives(published, row)
    found: dict[str, Match] = {}
    taken: set[tuple[str, ...]] = set()
    # What is sure first, so that no doubtful name takes a field from it; then what is nearest to the top of the row.
    for sure in (True, False):
        for unified, (kind, names) in TABLE[what].items():
            certain, _, doubtful = names.partition("|")
            if unified in found:
                continue
            fit = (
                each
                for name in (certain if sure else doubtful).split()
                for each in sorted(fields, key=lambda each: len(each.path))
                if name in each.keys and each.path not in taken and _fits(each, kind)
            )
            chosen = next(fit, None)
            if chosen is not None:
                found[unified] = Match(unified, kind, chosen, sure)
                taken.add(chosen.path)
    return [found[unified] for unified in TABLE[what] if unified in found]


def restrictions(published: Published, row: Schema) -> list[str]:
    """Return the flags of an account that say what it may not do."""
    return [
        name
        for name, schema in published.target(row).get("properties", {}).items()
        if published.target(schema).get("type") == "boolean" and _RESTRICTION.search(plain(name))
    ]


def currencies(published: Published, row: Schema, matches: list[Match]) -> tuple[list[str], str] | None:
    """Return the currencies beside single figures that are not read, and the one that is read for all; None without."""
    read = next((each.native for each in matches if each.field in ("asset", "currency")), None)
    if read is None:
        return None
    own = [
        each.label
        for each in natives(published, row)
        if each.path != read.path
        and any(match.kind == "figure" and _is_currency_of(match.native, each) for match in matches)
    ]
    return (own, read.label) if own else None


def _is_currency_of(figure: Native, each: Native) -> bool:
    """Tell whether a field is the currency of one figure: in an object of an amount, or called after it."""
    *amount, name = figure.path
    *beside, own = each.path
    in_amount = bool(amount) and plain(name) in _AMOUNT
    return amount == beside and plain(own) in (
        _CURRENCY if in_amount else [plain(name) + currency for currency in _CURRENCY]
    )


def in_minor_units(native: Native) -> bool:
    """Tell whether a field says that it counts cents or the like."""
    return bool(_MINOR.search(native.schema.get("description", "")) or _MINOR.search(" ".join(native.path)))


def words(schema: Schema) -> list[str]:
    """Return the words of a curated open enum; none for another schema."""
    match schema:
        case {"anyOf": [{"enum": list(found)}, *_]}:
            return list(found)
    return []


def is_figure(schema: Schema) -> bool:
    """Tell whether a curated schema is of exact numbers: decimal texts, or JSON numbers."""
    match schema:
        case {"type": "number" | "integer"} | {"format": "decimal"}:
            return True
        case {"anyOf": [{"format": "decimal"}, {"type": "number"}]}:
            return True
    return False


def _fits(native: Native, kind: Kind) -> bool:
    schema = native.schema
    is_text = schema.get("type") == "string" and schema.get("format") not in ("date", "date-time")
    match kind:
        case "figure":
            shown = schema.get("examples", ["0"])[0]
            is_digits = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(shown)) is not None
            return is_figure(schema) or (is_text and schema.get("format") != "uuid" and is_digits)
        case "text":
            return (
                (is_text and schema.get("format") != "decimal")
                or bool(words(schema))
                or schema.get("type") == "integer"
            )
        case "date":
            return schema.get("format") in ("date", "date-time")
        case "status":
            return is_text or bool(words(schema))
        case "kind":
            return bool({plain(word) for word in words(schema)} & {"cash", "margin", "cashaccount", "marginaccount"})
        case "side":
            return (
                any(
                    plain(word).startswith(("long", "short")) or plain(word).endswith(("long", "short"))
                    for word in words(schema)
                )
                or is_text
            )
        case "type":
            return is_text or bool(words(schema))
