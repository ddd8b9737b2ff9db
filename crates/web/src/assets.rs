//! Style, script and fonts, inside the binary. Their addresses carry a hash of their content, so that a browser may
//! keep them for ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "assets/"]
#[include = "*.css"]
#[include = "*.js"]
#[include = "*.svg"]
#[include = "*.woff2"]
struct Files;

/// The pictures of the guide, by language.
#[derive(RustEmbed)]
#[folder = "guide/"]
#[include = "*.webp"]
struct Pictures;

struct Asset {
    url: String,
    content: Cow<'static, [u8]>,
}

static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let mut fonts = HashMap::new();
    let mut all = HashMap::new();
    // Fonts first: the style sheet names them by their hashed addresses.
    let mut names: Vec<_> = Files::iter().collect();
    names.sort_by_key(|name| !name.ends_with(".woff2"));
    for name in names {
        let Some(file) = Files::get(&name) else { continue };
        let mut content = file.data;
        if name.ends_with(".css") {
            content = with_fonts(content.into_owned(), &fonts).into();
        }
        let url = address(&name, &content);
        if name.ends_with(".woff2") {
            fonts.insert(name.to_string(), url.clone());
        }
        all.insert(name.to_string(), Asset { url, content });
    }
    for name in Pictures::iter() {
        let Some(file) = Pictures::get(&name) else { continue };
        let name = format!("guide/{name}");
        all.insert(name.clone(), Asset { url: address(&name, &file.data), content: file.data });
    }
    all
});

fn address(name: &str, content: &[u8]) -> String {
    format!("/assets/{}/{name}", hex::encode(&Sha256::digest(content)[..8]))
}

fn with_fonts(css: Vec<u8>, fonts: &HashMap<String, String>) -> Vec<u8> {
    let Ok(mut text) = String::from_utf8(css) else { return Vec::new() };
    for (name, url) in fonts {
        text = text.replace(&format!("url(\"{name}\")"), &format!("url(\"{url}\")"));
    }
    text.into_bytes()
}

/// The address of an asset.
#[must_use]
pub(crate) fn url(name: &str) -> String {
    ASSETS.get(name).map_or_else(String::new, |asset| asset.url.clone())
}

/// Width and height of a picture of the guide, in pixels.
#[must_use]
pub(crate) fn picture_size(name: &str) -> Option<(usize, usize)> {
    let size = imagesize::blob_size(&ASSETS.get(&format!("guide/{name}"))?.content).ok()?;
    Some((size.width, size.height))
}

pub(crate) async fn get(Path((hash, name)): Path<(String, String)>) -> Response {
    let wanted = format!("/assets/{hash}/{name}");
    let Some(asset) = ASSETS.get(&name).filter(|asset| asset.url == wanted) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mime = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webp") => "image/webp",
        _ => "font/woff2",
    };
    let headers = [(header::CONTENT_TYPE, mime), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, &*asset.content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was taken from others is as it was published: `MANIFEST` names version, licence and SHA-256.
    #[test]
    fn vendored_files_are_those_of_the_manifest() {
        let manifest = include_str!("../assets/vendor/MANIFEST");
        let mut listed = 0;
        for line in manifest.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let fields: Vec<_> = line.split_whitespace().collect();
            let file = std::fs::read(format!("{}/assets/vendor/{}", env!("CARGO_MANIFEST_DIR"), fields[0])).unwrap();
            assert_eq!(hex::encode(Sha256::digest(&file)), fields[3], "{}", fields[0]);
            listed += 1;
        }
        let found = Files::iter().filter(|name| name.starts_with("vendor/")).count();
        assert_eq!(listed, found, "every vendored file is in the manifest");
    }

    #[test]
    fn fonts_are_named_by_their_hashed_address() {
        let css = String::from_utf8(ASSETS["seloste.css"].content.to_vec()).unwrap();
        assert!(css.contains("url(\"/assets/"));
    }
}
