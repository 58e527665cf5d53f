//! Slack, Discord and Telegram: the workspace, bot and user in tokens and addresses of webhooks.

use jiff::Timestamp;

use super::{base64, day};
use crate::identity::{About, Identity};

/// Reads a token of Slack, or the address of a webhook.
pub(super) fn slack(value: &[u8]) -> Identity {
    let mut identity = Identity::default();
    if let Some(at) = memchr::memmem::find(value, b"slack.com/") {
        let mut parts = value[at..].split(|&b| b == b'/').skip(1);
        let is_hook = parts.next() == Some(b"services");
        identity.add(About::Kind, if is_hook { "incoming webhook" } else { "webhook of a workflow" });
        identity.add_bytes(About::Organization, parts.next().unwrap_or_default());
        identity.add_bytes(About::App, parts.next().filter(|part| part.first().is_some_and(u8::is_ascii_uppercase)).unwrap_or_default());
        return identity;
    }
    let parts: Vec<&[u8]> = value.split(|&b| b == b'-').collect();
    let kind = match parts[0] {
        b"xoxb" => "token of a bot",
        b"xoxp" => "token of a user",
        b"xoxc" | b"xoxd" => "session of a user",
        b"xoxa" | b"xoxr" => "token of a workspace",
        b"xoxo" | b"xoxs" => "token of a user (old)",
        b"xapp" => "token of an app",
        _ => return identity,
    };
    identity.add(About::Kind, kind);
    let is_number = |part: &&&[u8]| part.len() >= 8 && part.iter().all(u8::is_ascii_digit);
    let numbers: Vec<&&[u8]> = parts[1..].iter().take_while(|part| is_number(part)).collect();
    match (parts[0], &numbers[..]) {
        (b"xapp", _) => identity.add_bytes(About::App, parts.get(2).copied().unwrap_or_default()),
        (b"xoxb", [team, bot, ..]) => {
            identity.add_bytes(About::Organization, team);
            identity.add_bytes(About::App, bot);
        }
        (b"xoxb", [bot]) => identity.add_bytes(About::App, bot),
        (_, [team, user, ..]) => {
            identity.add_bytes(About::Organization, team);
            identity.add_bytes(About::User, user);
        }
        _ => {}
    }
    identity
}

/// Reads the id of the bot, which is the first part in base64.
pub(super) fn discord_bot(token: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let id = token.split(|&b| b == b'.').next().and_then(base64).unwrap_or_default();
    if !id.is_empty() && id.iter().all(u8::is_ascii_digit) {
        identity.add_bytes(About::App, &id);
    }
    identity
}

/// Reads the id of a webhook, in which the moment of its making is.
pub(super) fn discord_webhook(address: &[u8]) -> Identity {
    let mut identity = Identity::default();
    let mut parts = address.split(|&b| b == b'/').skip_while(|part| *part != b"webhooks");
    let id = parts.nth(1).and_then(|id| std::str::from_utf8(id).ok()).unwrap_or_default();
    identity.add(About::KeyId, id);
    // The first day of 2015 is where ids of Discord begin to count milliseconds, above 22 other bits.
    let made = id.parse::<i64>().ok().and_then(|id| Timestamp::from_millisecond((id >> 22) + 1_420_070_400_000).ok());
    identity.add(About::Issued, made.map(day).unwrap_or_default());
    identity
}

/// Reads the id of the bot before the colon.
pub(super) fn telegram(token: &[u8]) -> Identity {
    let mut identity = Identity::default();
    identity.add_bytes(About::App, token.split(|&b| b == b':').next().unwrap_or_default());
    identity
}

#[cfg(test)]
mod tests {
    use crate::identity::About;

    #[test]
    fn parts_of_slack_and_discord_are_told_apart() {
        let bot = super::slack(["xo", "xb-123456789012-1234567890123-abc"].concat().as_bytes());
        assert_eq!((bot.get(About::Organization), bot.get(About::App)), (Some("123456789012"), Some("1234567890123")));
        let hook = super::slack(["https://hooks.sl", "ack.com/services/T0000/B1111/xyz"].concat().as_bytes());
        assert_eq!((hook.get(About::Organization), hook.get(About::App)), (Some("T0000"), Some("B1111")));
        let discord = super::discord_webhook(b"discord.com/api/webhooks/175928847299117063/x");
        assert_eq!(discord.get(About::Issued), Some("2016-04-30"), "the example of Discord's reference");
    }
}
