//! Signatures of Standard Webhooks 1.0: HMAC-SHA256 of the id, the moment and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use seloste_store::Env;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The secret of a webhook.
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    pub(crate) fn new(env: &Env) -> Self {
        Self(Zeroizing::new(env.bytes()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &*self.0
    }

    /// As it is given to the partner.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.bytes()))
    }
}

/// The signature of a message under a secret (`v1,...`).
#[must_use]
pub fn signature(secret: &[u8], signed: &str) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(signed.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn a_known_message_has_the_known_signature() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        assert_eq!(signature(&secret, signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
