//! One way to run a statement on either database. Statements are written once, with placeholders `?1`, `?2`, ...;
//! `?1` is always the register.

use postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use rusqlite::types::{ToSqlOutput, ValueRef};
use seloste_domain::id::RegisterId;
use uuid::Uuid;

use crate::dialect;
use crate::error::{Result, StoreError};

/// A value bound to a placeholder.
#[derive(Clone, Debug)]
pub(crate) enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Id(Uuid),
}

macro_rules! from_id {
    ($($name:ident),*) => {$(
        impl From<seloste_domain::id::$name> for Param<'_> {
            fn from(id: seloste_domain::id::$name) -> Self {
                Param::Id(id.0)
            }
        }
        impl From<Option<seloste_domain::id::$name>> for Param<'_> {
            fn from(id: Option<seloste_domain::id::$name>) -> Self {
                id.map_or(Param::Null, |id| Param::Id(id.0))
            }
        }
    )*};
}
from_id!(
    RegisterId,
    PartyId,
    PersonId,
    OrganisationId,
    ValueId,
    RepresentationId,
    OrderId,
    ProductId,
    ProposalId,
    ImportId,
    MappingId,
    FeedId,
    FeedRunId,
    InvoiceId,
    PaymentId,
    PaymentFileId,
    AllocationId,
    ReminderId,
    DebtEventId,
    MailId,
    CollectionId,
    CreditApplicationId,
    CreditEnquiryId,
    CreditServiceId,
    EntryId,
    InvitationId,
    RegistrationId,
    CookieChoiceId,
    CreditReviewId,
    ProhibitionId,
    ConsentId,
    PasskeyId,
    TransmissionId,
    ReceptionId,
    ExistingCustomerId,
    RestrictionId,
    ExceptionId,
    ErasureId,
    ClaimHoldId,
    CanaryRunId,
    ViewId,
    BulkId,
    LegalRequestId,
    PackageId,
    PartnerDocumentId,
    RequestEventId,
    RequestId,
    PartnerId,
    DisclosureId,
    RecallId,
    UserId,
    AssignmentId,
    TokenId
);

macro_rules! from_name {
    ($($name:ident),*) => {$(
        impl<'a> From<&'a seloste_domain::id::$name> for Param<'a> {
            fn from(id: &'a seloste_domain::id::$name) -> Self {
                Param::Text(id.as_str())
            }
        }
        impl<'a> From<Option<&'a seloste_domain::id::$name>> for Param<'a> {
            fn from(id: Option<&'a seloste_domain::id::$name>) -> Self {
                id.map_or(Param::Null, |id| Param::Text(id.as_str()))
            }
        }
    )*};
}
from_name!(CompanyId, SourceId, PurposeId, TagId);

impl From<Uuid> for Param<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}
impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl From<Option<i64>> for Param<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Int)
    }
}
impl From<bool> for Param<'_> {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}
impl From<jiff::Timestamp> for Param<'_> {
    fn from(at: jiff::Timestamp) -> Self {
        Self::Int(at.as_microsecond())
    }
}
impl From<Option<jiff::Timestamp>> for Param<'_> {
    fn from(at: Option<jiff::Timestamp>) -> Self {
        at.map_or(Self::Null, Self::from)
    }
}
impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<Option<&'a str>> for Param<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}
impl<'a> From<&'a Option<String>> for Param<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Self::from(text.as_deref())
    }
}
impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}
impl<'a> From<Option<&'a [u8]>> for Param<'a> {
    fn from(bytes: Option<&'a [u8]>) -> Self {
        bytes.map_or(Self::Null, Self::Bytes)
    }
}
impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
            Param::Id(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Int(number) => number.to_sql(ty, out),
            Param::Text(text) => text.to_sql(ty, out),
            Param::Bytes(bytes) => bytes.to_sql(ty, out),
            Param::Id(id) => id.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// Binds values to `?2`, `?3`, ... of a statement.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Param::from($value)),*] };
}
pub(crate) use params;

/// One row of an answer, of either database.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

macro_rules! get {
    ($($(#[$doc:meta])* $name:ident -> $type:ty;)*) => {
        $($(#[$doc])* pub(crate) fn $name(&self, column: usize) -> Result<$type> {
            match self {
                Row::Sqlite(row) => row.get(column).map_err(|e| dialect::from_sqlite(&e)),
                Row::Postgres(row) => row.try_get(column).map_err(|e| dialect::from_postgres(&e)),
            }
        })*
    };
}

impl Row<'_> {
    get! {
        int -> i64;
        opt_int -> Option<i64>;
        text -> String;
        opt_text -> Option<String>;
        bytes -> Vec<u8>;
        opt_bytes -> Option<Vec<u8>>;
    }

    pub(crate) fn id(&self, column: usize) -> Result<Uuid> {
        self.opt_id(column)?.ok_or_else(|| StoreError::Corrupt(format!("no id in column {column}")))
    }

    pub(crate) fn opt_id(&self, column: usize) -> Result<Option<Uuid>> {
        match self {
            Row::Sqlite(row) => {
                let bytes: Option<[u8; 16]> = row.get(column).map_err(|e| dialect::from_sqlite(&e))?;
                Ok(bytes.map(Uuid::from_bytes))
            }
            Row::Postgres(row) => row.try_get(column).map_err(|e| dialect::from_postgres(&e)),
        }
    }

    /// A name that must parse, such as a company's.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T> {
        let text = self.text(column)?;
        text.parse().map_err(|_| StoreError::Corrupt(format!("column {column} can not be read")))
    }

    /// The same for a column that may be empty.
    pub(crate) fn opt_parsed<T: std::str::FromStr>(&self, column: usize) -> Result<Option<T>> {
        let text = self.opt_text(column)?;
        text.map(|t| t.parse().map_err(|_| StoreError::Corrupt(format!("column {column} can not be read")))).transpose()
    }

    /// Microseconds UTC.
    pub(crate) fn time(&self, column: usize) -> Result<jiff::Timestamp> {
        time_from(self.int(column)?)
    }

    /// The same for a column that may be empty.
    pub(crate) fn opt_time(&self, column: usize) -> Result<Option<jiff::Timestamp>> {
        self.opt_int(column)?.map(time_from).transpose()
    }

    pub(crate) fn flag(&self, column: usize) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }
}

fn time_from(micros: i64) -> Result<jiff::Timestamp> {
    jiff::Timestamp::from_microsecond(micros).map_err(|_| StoreError::Corrupt("a time out of range".into()))
}

/// A connection to either database.
pub(crate) enum Conn {
    Sqlite(rusqlite::Connection),
    Postgres(Box<dialect::PostgresConn>),
}

/// A connection inside a transaction (or a read snapshot), bound to one register.
pub struct Tx<'c> {
    pub(crate) conn: &'c mut Conn,
    pub(crate) register: RegisterId,
}

impl Tx<'_> {
    /// Runs a statement and gives each row to `read`.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        debug_assert!(sql.contains("register_id"), "every statement is bound to a register: {sql}");
        match &mut *self.conn {
            Conn::Sqlite(conn) => {
                let mut statement = conn.prepare_cached(sql).map_err(|e| dialect::from_sqlite(&e))?;
                bind(&mut statement, self.register, params)?;
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next().map_err(|e| dialect::from_sqlite(&e))? {
                    read(&Row::Sqlite(row))?;
                }
                Ok(())
            }
            Conn::Postgres(conn) => conn.each(self.register, sql, params, &mut read),
        }
    }

    /// All rows.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.each(sql, params, |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The first row, if there is one.
    pub(crate) fn query_opt<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(sql, params, read)?.into_iter().next())
    }

    /// Runs a statement that answers no rows; the number of rows it touched.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        debug_assert!(sql.contains("register_id"), "every statement is bound to a register: {sql}");
        match &mut *self.conn {
            Conn::Sqlite(conn) => {
                let mut statement = conn.prepare_cached(sql).map_err(|e| dialect::from_sqlite(&e))?;
                bind(&mut statement, self.register, params)?;
                statement.raw_execute().map(|rows| rows as u64).map_err(|e| dialect::from_sqlite(&e))
            }
            Conn::Postgres(conn) => conn.execute(self.register, sql, params),
        }
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, register: RegisterId, params: &[Param<'_>]) -> Result<()> {
    statement.raw_bind_parameter(1, Param::Id(register.0)).map_err(|e| dialect::from_sqlite(&e))?;
    for (place, param) in params.iter().enumerate() {
        statement.raw_bind_parameter(place + 2, param).map_err(|e| dialect::from_sqlite(&e))?;
    }
    Ok(())
}

/// `?a, ?b, ...` for a list of `count` values whose first placeholder is `first`.
pub(crate) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ")
}
