//! What readers of the PDF files get: text, order, places, structure.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../examples/samples/documents.rs"]
mod documents;
mod invoice;
mod layout;
mod samples;
mod scripts;
mod templates;
mod tools;
