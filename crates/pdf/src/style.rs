//! How documents look.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::Kind;

/// How a company's documents look. Templates get it as JSON, beside the document.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Style {
    /// The logo.
    pub logo: Option<Logo>,
    /// The colour of headings and rules. Text that must be read is never set in it alone.
    pub accent: Colour,
    /// Sizes of type.
    pub sizes: Sizes,
    /// The foot of each page: blocks of lines, side by side.
    pub footer: Vec<Vec<String>>,
    /// Where the envelope's window is.
    pub window: Window,
    /// Typst sources that take the place of our templates.
    #[serde(skip)]
    pub templates: BTreeMap<Kind, String>,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            logo: None,
            accent: Colour { red: 0x1f, green: 0x4e, blue: 0x5f },
            sizes: Sizes::default(),
            footer: Vec::new(),
            window: Window::default(),
            templates: BTreeMap::new(),
        }
    }
}

/// A logo, for the top left corner.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Logo {
    /// What its bytes are.
    pub format: LogoFormat,
    /// The file's bytes.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// What is read out in its place; never empty.
    pub alternative_text: String,
}

/// A format of pictures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogoFormat {
    /// Scalable Vector Graphics.
    Svg,
    /// Portable Network Graphics.
    Png,
}

/// A colour in sRGB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Serialize for Colour {
    /// As `#1f4e5f`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue))
    }
}

/// Sizes of type, in points (1/72 inch).
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Sizes {
    /// Running text.
    pub text: f64,
    /// Footers, labels and tables' heads.
    pub small: f64,
    /// Headings.
    pub heading: f64,
    /// The title.
    pub title: f64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { text: 10.0, small: 8.0, heading: 11.5, title: 16.0 }
    }
}

/// The window of an envelope, in millimetres on the A4 sheet that is folded into it.
///
/// The default lies in the left windows of E65, C65, C5 and EC4 envelopes at once (15 mm from the left, from 44 to 70
/// mm from the top), so that one letter fits any of them.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Window {
    /// From the sheet's left edge.
    pub left: f64,
    /// From its top.
    pub top: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

impl Default for Window {
    fn default() -> Self {
        Self { left: 15.0, top: 44.0, width: 95.0, height: 26.0 }
    }
}
