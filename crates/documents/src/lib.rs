//! Files in and out: tables in CSV and XLSX are read with bounded memory, and errors of an import are written.

pub mod formula;
pub mod table;
