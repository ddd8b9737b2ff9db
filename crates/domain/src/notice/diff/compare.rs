//! The comparison, section by section.
//!
//! What makes a change material: people get a new purpose, basis, recipient, source, kind or company, data is kept
//! longer or goes further, or a way to reach someone or to refuse is another (WP 260 rev.01, point 29). What only
//! narrows the processing is not material.

use super::super::model::{
    Company, Contact, KindDeclaration, Location, OwnTexts, Provider, PurposeDeclaration, Recipient, Retention, Text,
};
use super::super::standard::{Heading, Words, heading, terms};
use super::super::words::{PeriodUnit, Requirement, TransferRule};
use super::super::{Notice, Publication};
use super::{Act, Change, Subject, phrases};
use crate::kind::Kind;
use crate::language::Language;

pub(super) fn compare(old: &Notice, new: &Notice) -> Vec<Change> {
    let mut changes = Changes { old, new, list: Vec::new() };
    changes.controller();
    changes.companies();
    changes.purposes();
    changes.groups();
    changes.kinds();
    changes.sources();
    changes.disclosure();
    changes.transfers();
    changes.keeping();
    changes.publication();
    changes.web();
    changes.texts();
    changes.list
}

struct Changes<'n> {
    old: &'n Notice,
    new: &'n Notice,
    list: Vec<Change>,
}

/// A text made anew for each language.
fn each(make: impl Fn(Language) -> String) -> Text {
    Text { fi: make(Language::Fi), sv: Some(make(Language::Sv)), en: Some(make(Language::En)) }
}

fn words(words: Words) -> Text {
    each(|language| words.get(language).to_owned())
}

fn plain(text: &str) -> Text {
    each(|_| text.to_owned())
}

fn joined<V: Copy>(values: &[V], name: impl Fn(V) -> Words) -> Text {
    if values.is_empty() {
        return words(phrases::NONE);
    }
    each(|language| values.iter().map(|value| name(*value).get(language)).collect::<Vec<_>>().join(", "))
}

/// The kinds of a group; a group that names none has all.
fn all_or(kinds: &[Kind]) -> Text {
    if kinds.is_empty() { words(phrases::ALL) } else { joined(kinds, terms::kind) }
}

fn with_business_id(company: &Company) -> Text {
    let id = company.business_id.as_ref().map(|id| format!(" ({})", id.as_str())).unwrap_or_default();
    plain(&format!("{}{id}", company.name))
}

/// The sources of a kind; a kind that names none may come from any.
fn from_sources(notice: &Notice, kind: &KindDeclaration) -> Text {
    if kind.sources.is_empty() {
        return words(phrases::ALL);
    }
    let names: Vec<&Text> = kind.sources.iter().filter_map(|id| notice.source(id)).map(|source| &source.name).collect();
    each(|language| names.iter().map(|name| name.get(language)).collect::<Vec<_>>().join(", "))
}

fn or_none(text: Option<&Text>) -> Text {
    text.map_or_else(|| words(phrases::NONE), |text| each(|language| text.paragraphs(language).join(" ")))
}

/// Each thing of either version with its counterpart in the other.
fn pairs<'t, T, K: PartialEq>(
    old: &'t [T],
    new: &'t [T],
    key: impl Fn(&T) -> K,
) -> Vec<(Option<&'t T>, Option<&'t T>)> {
    let before = |thing: &T| old.iter().find(|other| key(other) == key(thing));
    let gone = old.iter().filter(|thing| !new.iter().any(|other| key(other) == key(thing)));
    new.iter().map(|thing| (before(thing), Some(thing))).chain(gone.map(|thing| (Some(thing), None))).collect()
}

fn contact_text(contact: Option<&Contact>) -> Text {
    contact.map_or_else(
        || words(phrases::NONE),
        |contact| {
            let ways = [&contact.address, &contact.phone, &contact.email, &contact.website];
            let parts: Vec<&str> = std::iter::once(contact.name.as_str())
                .chain(ways.into_iter().flatten().map(String::as_str))
                .filter(|part| !part.is_empty())
                .collect();
            plain(&parts.join(", "))
        },
    )
}

/// A length to compare by, in hundredths of a day; a month is taken as 30.44 days.
fn length(retention: Retention) -> u32 {
    let count = u32::from(retention.count);
    match retention.unit {
        PeriodUnit::Days => count * 100,
        PeriodUnit::Months => count * 3_044,
        PeriodUnit::Years => count * 36_525,
    }
}

const fn requirement(requirement: Requirement) -> Words {
    match requirement {
        Requirement::Voluntary => phrases::VOLUNTARY,
        Requirement::Contract => phrases::FOR_CONTRACT,
        Requirement::Law => phrases::BY_LAW,
    }
}

const fn yes_no(yes: bool) -> Words {
    if yes { phrases::YES } else { phrases::NO }
}

impl Changes<'_> {
    fn push(&mut self, subject: Subject, name: Text, act: Act, material: bool) {
        self.list.push(Change { subject, name, act, material, groups: Vec::new() });
    }

    fn added(&mut self, subject: Subject, name: Text) {
        self.push(subject, name, Act::Added, true);
    }

    fn removed(&mut self, subject: Subject, name: Text) {
        self.push(subject, name, Act::Removed, false);
    }

    /// Reports a change when the two differ in any language; a change of a translation alone is not material.
    fn changed(&mut self, subject: Subject, name: &Text, before: Text, after: Text, material: bool) {
        if before != after {
            let material = material && before.fi != after.fi;
            self.push(subject, name.clone(), Act::Changed { before, after }, material);
        }
    }

    fn controller(&mut self) {
        let (old, new) = (self.old, self.new);
        let name = |notice: &Notice| each(|language| notice.register_name(language).to_owned());
        let group = |notice: &Notice| each(|language| notice.group_name(language).to_owned());
        let controller = plain(&new.controller().name);
        self.changed(Subject::Controller, &controller, plain(&old.controller().name), controller.clone(), true);
        let contact = plain(&new.contact().name);
        let (before, after) = (contact_text(Some(old.contact())), contact_text(Some(new.contact())));
        self.changed(Subject::Contact, &contact, before, after, true);
        let officer = new.data_protection_officer().map_or_else(|| words(phrases::NONE), |dpo| plain(&dpo.name));
        let before = contact_text(old.data_protection_officer());
        let after = contact_text(new.data_protection_officer());
        self.changed(Subject::DataProtectionOfficer, &officer, before, after, true);
        self.changed(Subject::Register, &name(new), name(old), name(new), false);
        self.changed(Subject::Register, &group(new), group(old), group(new), false);
        let authority = each(|language| new.authority_name(language).to_owned());
        let (before, after) = (contact_text(Some(old.authority())), contact_text(Some(new.authority())));
        self.changed(Subject::Authority, &authority, before, after, false);
    }

    fn companies(&mut self) {
        for (before, after) in pairs(self.old.companies(), self.new.companies(), |company| company.id.clone()) {
            match (before, after) {
                (None, Some(after)) => self.added(Subject::Company, plain(&after.name)),
                // People must know who is responsible for their data from now on.
                (Some(before), None) => self.push(Subject::Company, plain(&before.name), Act::Removed, true),
                (Some(before), Some(after)) => {
                    let name = plain(&after.name);
                    self.changed(Subject::Company, &name, with_business_id(before), with_business_id(after), true);
                }
                (None, None) => {}
            }
        }
    }

    fn purposes(&mut self) {
        for (before, after) in pairs(self.old.purposes(), self.new.purposes(), |purpose| purpose.id.clone()) {
            match (before, after) {
                (None, Some(after)) => self.added(Subject::Purpose, after.name.clone()),
                (Some(before), None) => self.removed(Subject::Purpose, before.name.clone()),
                (Some(before), Some(after)) => self.purpose(before, after),
                (None, None) => {}
            }
        }
    }

    fn purpose(&mut self, before: &PurposeDeclaration, after: &PurposeDeclaration) {
        let name = &after.name;
        self.changed(Subject::Purpose, name, before.name.clone(), name.clone(), true);
        let (old, new) = (before.text.as_ref(), after.text.as_ref());
        self.changed(Subject::Purpose, name, or_none(old), or_none(new), true);
        let (old, new) = (words(terms::basis(before.basis)), words(terms::basis(after.basis)));
        self.changed(Subject::LegalBasis, name, old, new, true);
        let (old, new) = (before.interest.as_ref(), after.interest.as_ref());
        self.changed(Subject::Interest, name, or_none(old), or_none(new), true);
        let wider = after.activities.iter().any(|activity| !before.activities.contains(activity));
        let sorted = |purpose: &PurposeDeclaration| {
            let mut activities = purpose.activities.clone();
            activities.sort();
            joined(&activities, phrases::activity)
        };
        self.changed(Subject::Activities, name, sorted(before), sorted(after), wider);
    }

    fn groups(&mut self) {
        for (before, after) in pairs(self.old.groups(), self.new.groups(), |group| group.id.clone()) {
            match (before, after) {
                (None, Some(after)) => self.added(Subject::Group, after.name.clone()),
                (Some(before), None) => self.removed(Subject::Group, before.name.clone()),
                (Some(before), Some(after)) => {
                    self.changed(Subject::Group, &after.name, before.name.clone(), after.name.clone(), false);
                    let wider = Kind::ALL.into_iter().any(|kind| after.has(kind) && !before.has(kind));
                    let (old, new) = (all_or(&before.kinds), all_or(&after.kinds));
                    self.changed(Subject::Group, &after.name, old, new, wider);
                }
                (None, None) => {}
            }
        }
    }

    fn kinds(&mut self) {
        for (before, after) in pairs(self.old.kind_declarations(), self.new.kind_declarations(), |kind| kind.kind) {
            let first = self.list.len();
            let Some(kind) = after.or(before).map(|declaration| declaration.kind) else { continue };
            let name = words(terms::kind(kind));
            match (before, after) {
                (None, Some(_)) => self.added(Subject::Kind, name),
                (Some(_), None) => self.removed(Subject::Kind, name),
                (Some(before), Some(after)) => {
                    let (old, new) = (words(requirement(before.requirement)), words(requirement(after.requirement)));
                    self.changed(Subject::Requirement, &name, old, new, true);
                    let longer = before.retention.from != after.retention.from
                        || length(before.retention) < length(after.retention);
                    let text = |retention| each(|language| terms::retention(retention, language));
                    self.changed(Subject::Retention, &name, text(before.retention), text(after.retention), longer);
                    let (old, new) = (from_sources(self.old, before), from_sources(self.new, after));
                    self.changed(Subject::Source, &name, old, new, true);
                }
                (None, None) => {}
            }
            self.concerns(first, kind);
        }
    }

    /// Says of the changes from `first` on that they concern the groups about whom the kind is kept.
    fn concerns(&mut self, first: usize, kind: Kind) {
        let all = self.old.groups().iter().chain(self.new.groups()).all(|group| group.has(kind));
        if all {
            return;
        }
        let with_kind = pairs(self.old.groups(), self.new.groups(), |group| group.id.clone()).into_iter();
        let groups: Vec<Text> = with_kind
            .filter(|(before, after)| before.iter().chain(after).any(|group| group.has(kind)))
            .filter_map(|(before, after)| after.or(before).map(|group| group.name.clone()))
            .collect();
        for change in self.list.iter_mut().skip(first) {
            change.groups.clone_from(&groups);
        }
    }

    fn sources(&mut self) {
        let public = |public| words(if public { phrases::PUBLIC } else { phrases::CLOSED });
        for (before, after) in pairs(self.old.sources(), self.new.sources(), |source| source.id.clone()) {
            match (before, after) {
                (None, Some(after)) => self.added(Subject::Source, after.name.clone()),
                (Some(before), None) => self.removed(Subject::Source, before.name.clone()),
                (Some(before), Some(after)) => {
                    let name = &after.name;
                    self.changed(Subject::Source, name, before.name.clone(), name.clone(), true);
                    let (old, new) = (public(before.publicly_available), public(after.publicly_available));
                    self.changed(Subject::Source, name, old, new, true);
                    let rank = |rank: u16| plain(&rank.to_string());
                    self.changed(Subject::Source, name, rank(before.rank), rank(after.rank), false);
                }
                (None, None) => {}
            }
        }
    }

    fn disclosure(&mut self) {
        for (before, after) in pairs(self.old.grounds(), self.new.grounds(), |ground| *ground) {
            match (before, after) {
                (None, Some(ground)) => self.added(Subject::Ground, words(terms::ground(*ground))),
                (Some(ground), None) => self.removed(Subject::Ground, words(terms::ground(*ground))),
                _ => {}
            }
        }
        for (before, after) in pairs(self.old.recipients(), self.new.recipients(), |recipient| recipient.id.clone()) {
            let parts = |x: &Recipient| (x.name.clone(), words(terms::ground(x.ground)), x.location.clone());
            self.outsider(Subject::Recipient, before.map(parts), after.map(parts));
        }
        for (before, after) in pairs(self.old.providers(), self.new.providers(), |provider| provider.id.clone()) {
            let parts = |x: &Provider| (x.name.clone(), words(terms::service(x.service)), x.location.clone());
            self.outsider(Subject::Provider, before.map(parts), after.map(parts));
        }
    }

    fn outsider(
        &mut self,
        subject: Subject,
        before: Option<(Text, Text, Location)>,
        after: Option<(Text, Text, Location)>,
    ) {
        match (before, after) {
            (None, Some((name, ..))) => self.added(subject, name),
            (Some((name, ..)), None) => self.removed(subject, name),
            (Some((old_name, old_role, old_place)), Some((name, role, place))) => {
                self.changed(subject, &name, old_name, name.clone(), true);
                self.changed(subject, &name, old_role, role, true);
                let further = !place.is_in_eea();
                let text = |place: &Location| {
                    let safeguard = place.safeguard.map(terms::safeguard);
                    each(|language| match safeguard {
                        Some(safeguard) => format!("{} – {}", place.country, safeguard.get(language)),
                        None => place.country.clone(),
                    })
                };
                self.changed(subject, &name, text(&old_place), text(&place), further);
            }
            (None, None) => {}
        }
    }

    fn transfers(&mut self) {
        let text = |notice: &Notice| {
            let never = words(phrases::TRANSFERS_NEVER);
            notice.transfers().map_or(never.clone(), |transfers| match transfers.rule {
                TransferRule::Never => never,
                TransferRule::TechnicalNecessity => {
                    let safeguards = joined(&transfers.safeguards, terms::safeguard);
                    each(|language| {
                        format!("{}: {}", phrases::TRANSFERS_BY_NECESSITY.get(language), safeguards.get(language))
                    })
                }
            })
        };
        let allowed = self.new.transfers().is_some_and(|transfers| transfers.rule != TransferRule::Never);
        self.section(Subject::Transfers, heading::TRANSFERS, text(self.old), text(self.new), allowed);
    }

    fn section(&mut self, subject: Subject, heading: Heading, before: Text, after: Text, material: bool) {
        self.changed(subject, &words(heading.words), before, after, material);
    }

    fn keeping(&mut self) {
        let text = |notice: &Notice| {
            notice.archive_rule().map_or_else(
                || words(phrases::NONE),
                |rule| {
                    each(|language| {
                        let time = terms::period(rule.months, PeriodUnit::Months, language);
                        format!("{time} ({})", terms::archive_event(rule.after).get(language))
                    })
                },
            )
        };
        self.section(Subject::Archive, heading::RETENTION, text(self.old), text(self.new), false);
        for (before, after) in pairs(self.old.erasure_obstacles(), self.new.erasure_obstacles(), |obstacle| *obstacle) {
            match (before, after) {
                (None, Some(obstacle)) => self.added(Subject::Erasure, words(terms::obstacle(*obstacle))),
                (Some(obstacle), None) => self.removed(Subject::Erasure, words(terms::obstacle(*obstacle))),
                _ => {}
            }
        }
    }

    fn publication(&mut self) {
        let text = |publication: Option<&Publication>| {
            publication.map_or_else(
                || words(phrases::NONE),
                |publication| {
                    let forms = joined(&publication.forms, terms::directory_form);
                    let ways = joined(&publication.opt_out, terms::opt_out_name);
                    each(|language| format!("{} ({})", forms.get(language), ways.get(language)))
                },
            )
        };
        let (before, after) = (text(self.old.publication()), text(self.new.publication()));
        let published = self.new.publication().is_some();
        self.changed(Subject::Publication, &words(phrases::subject(Subject::Publication)), before, after, published);
    }

    fn web(&mut self) {
        let uses = |notice: &Notice| {
            let cookies = notice.cookies().map(|cookies| cookies.uses.clone()).unwrap_or_default();
            joined(&cookies, terms::cookie)
        };
        let more = self.new.cookies().is_some_and(|new| {
            let old = self.old.cookies();
            new.uses.iter().any(|cookie| old.is_none_or(|old| !old.uses.contains(cookie)))
        });
        self.section(Subject::Cookies, heading::COOKIES, uses(self.old), uses(self.new), more);
        let used = |notice: &Notice| words(yes_no(notice.automated_decisions().used));
        self.section(Subject::AutomatedDecisions, heading::AUTOMATED, used(self.old), used(self.new), true);
        let logic = |notice: &Notice| or_none(notice.automated_decisions().logic.as_ref());
        self.section(Subject::AutomatedDecisions, heading::AUTOMATED, logic(self.old), logic(self.new), true);
    }

    /// Own words can say anything, so a change of them counts as material, save those on protection and breaches.
    fn texts(&mut self) {
        type Part = (Heading, bool, fn(&OwnTexts) -> Option<&Text>);
        let parts: [Part; 12] = [
            (heading::CONTROLLER, true, |texts| texts.joint_controllers.as_ref()),
            (heading::PURPOSES, true, |texts| texts.purposes.as_ref()),
            (heading::CONTENT, true, |texts| texts.kinds.as_ref()),
            (heading::SOURCES, true, |texts| texts.sources.as_ref()),
            (heading::DISCLOSURE, true, |texts| texts.disclosure.as_ref()),
            (heading::RETENTION, true, |texts| texts.retention.as_ref()),
            (heading::PAPER, false, |texts| texts.paper.as_ref()),
            (heading::ELECTRONIC, false, |texts| texts.electronic.as_ref()),
            (heading::COOKIES, true, |texts| texts.cookies.as_ref()),
            (heading::RIGHTS, true, |texts| texts.rights.as_ref()),
            (heading::WITHDRAWAL, true, |texts| texts.withdrawal.as_ref()),
            (heading::BREACH, false, |texts| texts.breach.as_ref()),
        ];
        for (heading, material, text) in parts {
            let (before, after) = (text(self.old.texts()), text(self.new.texts()));
            self.section(Subject::Text, heading, or_none(before), or_none(after), material);
        }
    }
}
