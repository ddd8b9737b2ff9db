//! Channels: by what a person is reached.

use crate::kind::Kind;
use crate::prohibition::ProhibitionKind;
use crate::word::words;

words! {
    /// By what a person is reached, or where what was allowed is shown.
    Channel {
        /// By e-mail.
        Email = "email",
        /// By text message.
        Sms = "sms",
        /// By telephone, a person calling.
        Telephone = "telephone",
        /// By post.
        Post = "post",
        /// In the company's web services.
        Web = "web",
        /// None: the consent is to the processing as such.
        Processing = "processing",
    }
}

impl Channel {
    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The prohibition that closes it.
    #[must_use]
    pub const fn prohibition(self) -> Option<ProhibitionKind> {
        match self {
            Self::Email => Some(ProhibitionKind::MarketingEmail),
            Self::Sms => Some(ProhibitionKind::MarketingSms),
            Self::Telephone => Some(ProhibitionKind::MarketingTelephone),
            Self::Post => Some(ProhibitionKind::MarketingPost),
            Self::Web => Some(ProhibitionKind::TargetedContent),
            Self::Processing => None,
        }
    }

    /// The kind of data by which it reaches a person.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        match self {
            Self::Email => Some(Kind::Email),
            Self::Sms | Self::Telephone => Some(Kind::Telephone),
            Self::Post => Some(Kind::PostalAddress),
            Self::Web | Self::Processing => None,
        }
    }

    /// Whether the law itself asks natural persons' consent to direct marketing by it, whatever the basis (section 200).
    #[must_use]
    pub const fn is_electronic(self) -> bool {
        matches!(self, Self::Email | Self::Sms)
    }
}

/// A set of channels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Channels(u8);

impl Channels {
    /// None.
    pub const NONE: Self = Self(0);
    /// Those by which direct marketing asks for no consent of its own (section 200(2)): ordinary calls and post.
    pub const UNASKED: Self = Self(Channel::Telephone.bit() | Channel::Post.bit());

    /// The set with one more.
    #[must_use]
    pub const fn with(self, channel: Channel) -> Self {
        Self(self.0 | channel.bit())
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, channel: Channel) -> bool {
        self.0 & channel.bit() != 0
    }

    /// Those that both have.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
