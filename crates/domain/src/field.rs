//! What is wrong with a field of a form or with a cell of an import: a code to translate, and its arguments.

use std::fmt;

use serde::Serialize;

/// Codes of [`FieldError`]: each is a key of the Fluent files in all languages.
pub mod code {
    macro_rules! codes {
        ($($(#[$doc:meta])* $name:ident = $key:literal;)*) => {
            $($(#[$doc])* pub const $name: &str = $key;)*
            /// Every code, so that a test can find the ones that lack a translation.
            pub const ALL: &[&str] = &[$($name),*];
        };
    }
    codes! {
        /// The field must not be empty.
        REQUIRED = "error-required";
        /// The notice in force does not declare this kind of data (promise P10).
        UNDECLARED = "error-undeclared";
        /// Longer than `max` characters.
        TOO_LONG = "error-too-long";
        /// More than `max` entries.
        TOO_MANY = "error-too-many";
        /// Not a whole number from 1 to `max`.
        QUOTA_INVALID = "error-quota-invalid";
        /// A file of more than `max` megabytes.
        FILE_TOO_LARGE = "error-file-too-large";
        /// A file that is no PDF.
        NOT_PDF = "error-not-pdf";
        /// Holds a control character.
        CONTROL_CHARACTER = "error-control-character";
        /// A name without a letter.
        NAME_INVALID = "error-name-invalid";
        /// Nothing says who this is: no name, no e-mail, no telephone, no customer number.
        NOTHING_IDENTIFIES = "error-nothing-identifies";
        /// Not an e-mail address.
        EMAIL_INVALID = "error-email-invalid";
        /// Not a telephone number.
        TELEPHONE_INVALID = "error-telephone-invalid";
        /// Digits that are no number of the country; kept as given (a warning).
        TELEPHONE_UNVERIFIED = "error-telephone-unverified";
        /// A Finnish postal code is not five digits.
        POSTAL_CODE_INVALID = "error-postal-code-invalid";
        /// Five digits, but no Finnish postal code: an error without a town, a warning with one.
        POSTAL_CODE_UNKNOWN = "error-postal-code-unknown";
        /// Not a country.
        COUNTRY_UNKNOWN = "error-country-unknown";
        /// Five digits and a town that do not belong together; the address is kept as given (a warning).
        POSTAL_CODE_TOWN = "error-postal-code-town";
        /// An address without street, town and postal code.
        ADDRESS_EMPTY = "error-address-empty";
        /// Not a label that the kind of value has.
        LABEL_UNKNOWN = "error-label-unknown";
        /// Not a language of the program.
        LANGUAGE_UNKNOWN = "error-language-unknown";
        /// Not a customer number.
        CUSTOMER_NUMBER_INVALID = "error-customer-number-invalid";
        /// Not a company of the group.
        COMPANY_UNKNOWN = "error-company-unknown";
        /// Not a business id, or its check digit is wrong.
        BUSINESS_ID_INVALID = "error-business-id-invalid";
        /// Not a date.
        DATE_INVALID = "error-date-invalid";
        /// Day and month could be either way round.
        DATE_AMBIGUOUS = "error-date-ambiguous";
        /// The end is before the beginning.
        DATE_ORDER = "error-date-order";
        /// Too far from today.
        DATE_FAR = "error-date-far";
        /// Not an amount of money.
        AMOUNT_INVALID = "error-amount-invalid";
        /// Could be thousands or decimals.
        AMOUNT_AMBIGUOUS = "error-amount-ambiguous";
        /// Too large to be counted.
        AMOUNT_TOO_LARGE = "error-amount-too-large";
        /// Not a quantity, or more than three decimals.
        QUANTITY_INVALID = "error-quantity-invalid";
        /// Not a share between 0 and 100 per cent.
        PERCENTAGE_INVALID = "error-percentage-invalid";
        /// `1` could be one per cent or the whole.
        PERCENTAGE_AMBIGUOUS = "error-percentage-ambiguous";
        /// Not an order number.
        ORDER_NUMBER_INVALID = "error-order-number-invalid";
        /// Another order of the company has this number.
        ORDER_NUMBER_TAKEN = "error-order-number-taken";
        /// No address to write to, or none that may be seen.
        ADDRESS_MISSING = "error-address-missing";
        /// Another product of the company has this code.
        PRODUCT_CODE_TAKEN = "error-product-code-taken";
        /// Another saved mapping of the source has this name.
        MAPPING_NAME_TAKEN = "error-mapping-name-taken";
        /// There is no such saved mapping for the source and what the rows are.
        MAPPING_UNKNOWN = "error-mapping-unknown";
        /// Another feed has this name.
        FEED_NAME_TAKEN = "error-feed-name-taken";
        /// Not between `min` and `max` minutes.
        EVERY_INVALID = "error-every-invalid";
        /// A secret that can not stand in a header, or is longer than `max` characters.
        SECRET_INVALID = "error-secret-invalid";
        /// The folder is not below one that the operator allows.
        FOLDER_NOT_ALLOWED = "error-folder-not-allowed";
        /// Not an address that can be fetched from.
        URL_INVALID = "error-url-invalid";
        /// An address without TLS, of a host that the operator has not named.
        URL_PLAIN = "error-url-plain";
        /// No company register is set.
        COMPANY_REGISTER_OFF = "error-company-register-off";
        /// The company register was set to have another source, `source`.
        COMPANY_REGISTER_SOURCE = "error-company-register-source";
        /// Not a state of an order.
        ORDER_STATE_UNKNOWN = "error-order-state-unknown";
        /// An order without a customer.
        ORDER_CUSTOMER_MISSING = "error-order-customer-missing";
        /// An order line with neither product nor description.
        ORDER_LINE_EMPTY = "error-order-line-empty";
        /// None of the choices of a list.
        CHOICE_UNKNOWN = "error-choice-unknown";
        /// Not an IBAN, or its check digits are wrong.
        IBAN_INVALID = "error-iban-invalid";
        /// Not a BIC.
        BIC_INVALID = "error-bic-invalid";
        /// Not a number of days between 0 and `max`.
        DAYS_INVALID = "error-days-invalid";
        /// The form was shown too long ago, or sent too quickly.
        FORM_OLD = "error-form-old";
        /// The portal is not served, so that nobody could be led to it.
        PORTAL_OFF = "error-portal-off";
        /// Not a number of days between `min` and `max`.
        DAYS_BETWEEN = "error-days-between";
        /// Not a day in the three years to come.
        REVIEW_DAY = "error-review-day";
        /// Somebody who was reached so was erased at their request.
        SUPPRESSED = "error-suppressed";
        /// Not a list of networks.
        NETWORK_INVALID = "error-network-invalid";
        /// More tokens in use than the `max` of one owner.
        TOKENS_TOO_MANY = "error-tokens-too-many";
        /// Not an address for electronic invoices.
        ELECTRONIC_ADDRESS_INVALID = "error-electronic-address-invalid";
        /// Not a VAT number.
        VAT_NUMBER_INVALID = "error-vat-number-invalid";
        /// The treatment of the tax asks for the buyer's VAT number.
        VAT_NUMBER_MISSING = "error-vat-number-missing";
        /// A rate where the treatment has none.
        VAT_RATE_UNTAXED = "error-vat-rate-untaxed";
        /// The rate was not in force on the day of delivery.
        VAT_RATE_NOT_IN_FORCE = "error-vat-rate-not-in-force";
        /// Tax by a company that is not entered in the register of VAT payers.
        SELLER_NOT_REGISTERED = "error-seller-not-registered";
        /// An invoice without lines.
        INVOICE_WITHOUT_LINES = "error-invoice-without-lines";
        /// The sum of an invoice is negative: a credit note is wanted.
        INVOICE_NEGATIVE = "error-invoice-negative";
        /// The sum of a credit note is positive.
        CREDIT_NOTE_POSITIVE = "error-credit-note-positive";
        /// A credit note takes back more than is left of its invoice.
        CREDIT_TOO_LARGE = "error-credit-too-large";
        /// Fewer than `min` characters where reasons are asked for.
        TOO_SHORT = "error-too-short";
        /// Entries are counted, though the finding says that there are none.
        CREDIT_ENTRIES = "error-credit-entries";
        /// What was granted is not less than was applied for, or nothing.
        CREDIT_REDUCED = "error-credit-reduced";
        /// The partner may not receive credit applications.
        CREDIT_PARTNER = "error-credit-partner";
        /// Enquiries between the last review and this one would be left out.
        CREDIT_REVIEW_GAP = "error-credit-review-gap";
        /// Another credit service has this name.
        CREDIT_NAME_TAKEN = "error-credit-name-taken";
        /// A list for marketing or directories is not taken out as a file.
        LIST_STAYS = "error-list-stays";
        /// The person has forbidden it, and a consent that others enter does not lift that.
        CONSENT_FORBIDDEN = "error-consent-forbidden";
        /// The person has withdrawn a consent after that day.
        CONSENT_WITHDRAWN_SINCE = "error-consent-withdrawn-since";
        /// The person has no address by the channel.
        CONSENT_NO_ADDRESS = "error-consent-no-address";
        /// The notice in force declares no such recipient or provider.
        PARTNER_UNDECLARED = "error-partner-undeclared";
        /// A value-added service is provided by a processor.
        PARTNER_ROLE = "error-partner-role";
        /// Another partner has this name.
        PARTNER_NAME_TAKEN = "error-partner-name-taken";
        /// The notice says that nothing goes outside the EU and the EEA.
        TRANSFER_FORBIDDEN = "error-transfer-forbidden";
        /// Outside the EU and the EEA without a recorded necessity.
        NECESSITY_MISSING = "error-necessity-missing";
        /// Outside the EU and the EEA without a safeguard.
        SAFEGUARD_MISSING = "error-safeguard-missing";
        /// The notice does not name the safeguard.
        SAFEGUARD_UNDECLARED = "error-safeguard-undeclared";
        /// No adequacy decision is in force on `country`.
        ADEQUACY_NONE = "error-adequacy-none";
        /// The safeguard's document is not recorded.
        SAFEGUARD_DETAIL_MISSING = "error-safeguard-detail-missing";
        /// Not a filter of this list.
        LIST_FILTER_UNKNOWN = "error-list-filter-unknown";
        /// A filter that was given twice.
        LIST_REPEATED = "error-list-repeated";
        /// The greatest sum is less than the least.
        LIST_SUM_ORDER = "error-list-sum-order";
        /// The same kind of data is asked for and ruled out.
        LIST_CONTRADICTION = "error-list-contradiction";
        /// There are `max` views already.
        VIEWS_FULL = "error-views-full";
        /// What is to be done was not chosen.
        BULK_NO_ACT = "error-bulk-no-act";
        /// There is nothing to act on.
        BULK_NOTHING = "error-bulk-nothing";
        /// More than `max` rows to act on.
        BULK_TOO_MANY = "error-bulk-too-many";
        /// The time in which an act can be undone is over.
        BULK_UNDO_LATE = "error-bulk-undo-late";
        /// There are `max` tags already.
        TAGS_FULL = "error-tags-full";
        /// Another tag has this name.
        TAG_TAKEN = "error-tag-taken";
        /// No visitor has this number.
        VISITOR_UNKNOWN = "error-visitor-unknown";
        /// Not an origin of a web service: `https://` and a host.
        ORIGIN_INVALID = "error-origin-invalid";
        /// Not a path of a page: it begins with `/` and has no query.
        PATH_INVALID = "error-path-invalid";
        /// Not a number of months from 1 to `max`.
        MONTHS_INVALID = "error-months-invalid";
        /// Somebody has the tag.
        TAG_USED = "error-tag-used";
        /// Not a reference number, or its check digit is wrong.
        REFERENCE_INVALID = "error-reference-invalid";
        /// The company has no account set.
        ACCOUNT_MISSING = "error-account-missing";
        /// There is no such invoice to be paid to the account.
        INVOICE_UNKNOWN = "error-invoice-unknown";
        /// More than is left of the payment.
        MORE_THAN_PAYMENT = "error-more-than-payment";
        /// More than is open of the invoice.
        MORE_THAN_OPEN = "error-more-than-open";
        /// More is taken back than was paid.
        MORE_THAN_PAID = "error-more-than-paid";
        /// Net and tax of an invoice do not make its sum.
        INVOICE_SUMS_DIFFER = "error-invoice-sums-differ";
        /// Not a word for the state of an invoice.
        INVOICE_STATE_UNKNOWN = "error-invoice-state-unknown";
        /// An invoice that was made here, or mirrored from another source, has this number.
        INVOICE_NUMBER_TAKEN = "error-invoice-number-taken";
        /// A personal identity code, which is not written down.
        IDENTITY_NUMBER = "error-identity-number";
        /// What is to be corrected is not in the register as it was told.
        CORRECTION_NOT_FOUND = "error-correction-not-found";
        /// What is to be corrected is corrected where it stands.
        CORRECTION_ELSEWHERE = "error-correction-elsewhere";
        /// Not a file that this program made for portability.
        PORTABLE_INVALID = "error-portable-invalid";
        /// This person was brought in from the same file before.
        PORTABLE_KNOWN = "error-portable-known";
        /// Not an address for receiving what a person gave (Art. 20(2)).
        RECEPTION_ADDRESS_INVALID = "error-reception-address-invalid";
        /// The person has given nothing that could be sent.
        NOTHING_GIVEN = "error-nothing-given";
        /// The other controller did not take it: its address is used, over, or not its.
        RECEPTION_REFUSED = "error-reception-refused";
        /// The other controller could not take it now.
        RECEPTION_NOT_TAKEN = "error-reception-not-taken";
        /// The other controller could not be reached.
        RECEPTION_NOT_REACHED = "error-reception-not-reached";
        /// Shorter than `min` characters.
        PASSWORD_SHORT = "error-password-short";
        /// Longer than `max` characters.
        PASSWORD_LONG = "error-password-long";
        /// In the list of common passwords, or made of one.
        PASSWORD_COMMON = "error-password-common";
        /// A repetition or a sequence.
        PASSWORD_PATTERN = "error-password-pattern";
        /// Made of the login, the register's name or the program's.
        PASSWORD_CONTEXT = "error-password-context";
    }
}

/// One thing that is wrong. It never holds the value that was given: error texts end in logs and error files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FieldError {
    /// The field's name in the form: `given`, `emails.0.text`, `addresses.1.postal_code`, `lines.3.quantity`.
    pub field: String,
    /// One of [`code::ALL`].
    pub code: &'static str,
    /// Technical limits for the message, such as `max`.
    pub args: Vec<(&'static str, String)>,
}

impl FieldError {
    /// An error without arguments.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self { field: field.into(), code, args: Vec::new() }
    }

    /// The same error with one more argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.code)?;
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl std::error::Error for FieldError {}

/// All that is wrong with a form or a row, in the order of its fields.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Adds one.
    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// Keeps the value, or notes the error and goes on with the next field.
    pub fn keep<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors of one field, for the message beside it.
    pub fn of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a FieldError> {
        self.0.iter().filter(move |error| error.field == field)
    }

    /// The value, unless something was wrong.
    ///
    /// # Errors
    /// The errors that were noted.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for FieldErrors {}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self(vec![error])
    }
}

/// Text of one line as it is kept: Unicode NFC, runs of white space as one space, ends trimmed, direction overrides
/// and other invisible marks (U+00AD, U+061C, U+200B, U+200E-200F, U+202A-202E, U+2060, U+2066-2069, U+FEFF) taken
/// out, because they only change what is seen. Zero-width joiner and non-joiner stay: scripts and emoji need them.
///
/// # Errors
/// [`code::CONTROL_CHARACTER`] for other control characters, [`code::TOO_LONG`] past `max` characters.
pub fn one_line(field: &str, text: &str, max: usize) -> Result<String, FieldError> {
    use unicode_normalization::UnicodeNormalization as _;
    let mut line = String::with_capacity(text.len().min(4 * max));
    let mut length = 0;
    let mut gap = false;
    // NFC comes after the filter: what stood apart may compose. A hostile field of megabytes is left at `max`.
    for c in text.chars().filter(|c| !is_invisible(*c)).nfc() {
        if c.is_whitespace() {
            gap = !line.is_empty();
            continue;
        }
        if c.is_control() {
            return Err(FieldError::new(field, code::CONTROL_CHARACTER));
        }
        length += 1 + usize::from(gap);
        if length > max {
            return Err(FieldError::new(field, code::TOO_LONG).with("max", max));
        }
        if std::mem::take(&mut gap) {
            line.push(' ');
        }
        line.push(c);
    }
    Ok(line)
}

fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0xAD | 0x61C | 0x200B | 0x200E | 0x200F | 0x202A..=0x202E | 0x2060 | 0x2066..=0x2069 | 0xFEFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_keys() {
        let mut seen = std::collections::BTreeSet::new();
        for key in code::ALL {
            assert!(key.starts_with("error-") && seen.insert(key), "{key}");
        }
    }

    #[test]
    fn a_line_is_cleaned() {
        for (given, kept) in [
            ("  Åsa\t von  Bär ", "Åsa von Bär"),
            ("A\u{30A}sa", "Åsa"),
            ("a\u{202E}b\u{2069}c\u{FEFF}", "abc"),
            ("A\u{200B}\u{30A}sa", "Åsa"),
            ("\u{1F469}\u{200D}\u{1F33E}", "\u{1F469}\u{200D}\u{1F33E}"),
            ("a\r\nb", "a b"),
        ] {
            assert_eq!(one_line("f", given, 20).as_deref(), Ok(kept), "{given:?}");
        }
        assert_eq!(one_line("f", "a\0b", 20).unwrap_err().code, code::CONTROL_CHARACTER);
        assert_eq!(one_line("f", &"ä".repeat(21), 20).unwrap_err().code, code::TOO_LONG);
        assert_eq!(one_line("f", &"ä".repeat(20), 20).unwrap().chars().count(), 20);
    }
}
