//! Files in and out: tables in CSV and XLSX are read and written with bounded memory.

pub mod export;
pub mod formula;
pub mod table;
pub mod zip;
