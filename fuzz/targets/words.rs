//! `policy.md`: any text is read to its end, every finding has a place in it, and what is published holds nothing that runs.
#![no_main]

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use policy::check::check;
use policy::render;
use policy::syntax::SiteSources;

const RULES: &str = include_str!("../../crates/candor/assets/init/policy.toml");
const WORDS: &str = include_str!("../../crates/candor/assets/init/policy.md");

/// What Markdown is made into, and nothing else.
const ELEMENTS: [&str; 28] = [
    "a",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sup",
    "table",
    "tbody",
    "time",
    "ul",
];
const CELLS: [&str; 6] = ["td", "th", "thead", "tr", "input", "section"];

fuzz_target!(|text: &str| {
    let words = format!("{WORDS}\n\n{text}");
    let report = check(&SiteSources::new(RULES, words.clone()), date(2026, 3, 1));
    for finding in &report.findings {
        let source = if finding.file == "policy.md" { words.as_str() } else { RULES };
        let line = source.split('\n').nth(finding.line - 1).unwrap_or_else(|| panic!("no such line: {finding:?}"));
        assert!(finding.column - 1 <= line.chars().count(), "no such column: {finding:?}");
    }
    let Some(policy) = report.policy else { return };
    let _ = (render::text(&policy, "en"), render::markdown(&policy, "en"), render::contents(&policy, "en"));
    let tokenizer = Tokenizer::new(Harmless, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(render::html(&policy, "en")));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
});

/// Refuses every element and attribute that could do anything.
struct Harmless;

impl TokenSink for Harmless {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(Tag { kind: TagKind::StartTag, name, attrs, .. }) = token {
            assert!(ELEMENTS.contains(&&*name) || CELLS.contains(&&*name), "<{name}>");
            for attribute in attrs {
                let name = &*attribute.name.local;
                assert!(!name.starts_with("on") && name != "style" && name != "srcdoc", "{name}");
                let value: String = attribute.value.chars().filter(|letter| !letter.is_control()).collect();
                let value = value.trim().to_ascii_lowercase();
                assert!(!value.starts_with("javascript:") && !value.starts_with("vbscript:"), "{name}={value}");
            }
        }
        TokenSinkResult::Continue
    }
}
