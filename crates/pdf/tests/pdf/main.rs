//! What readers of the PDF files get: text, order, places, structure.

#[path = "../../examples/samples/documents.rs"]
mod documents;
mod layout;
mod samples;
mod scripts;
mod templates;
mod tools;
