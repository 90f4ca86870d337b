use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd};

use super::revised_word;
use crate::model::{Policy, WordsBlock};
use crate::syntax::markdown_options;

/// The policy as the body of a page: headings with anchors, and no markup but what Markdown itself makes.
pub fn html(policy: &Policy, language: &str) -> String {
    let words = policy.words_in(language);
    let revised =
        format!("<p class=\"revised\">{} <time datetime=\"{date}\">{date}</time></p>\n", revised_word(words), date = policy.revised);
    let mut anchors = words.blocks.iter().filter_map(|block| match block {
        WordsBlock::Heading { anchor, .. } => Some(anchor.as_str()),
        WordsBlock::Text { .. } => None,
    });
    let mut events = Vec::new();
    let mut revised = Some(revised);
    if title_end(&words.markdown).is_none() {
        let heading = Tag::Heading { level: pulldown_cmark::HeadingLevel::H1, id: None, classes: Vec::new(), attrs: Vec::new() };
        let end = Event::End(heading.to_end());
        events.extend([Event::Start(heading), Event::Text(words.title.as_str().into()), end]);
        events.extend(revised.take().map(|revised| Event::Html(revised.into())));
    }
    for event in Parser::new_ext(&words.markdown, markdown_options()) {
        let is_heading_end = matches!(event, Event::End(TagEnd::Heading(_)));
        events.extend(safe(event, &mut anchors));
        if is_heading_end {
            events.extend(revised.take().map(|revised| Event::Html(revised.into())));
        }
    }
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, events.into_iter());
    page
}

/// The same as a page of its own, which needs nothing else.
pub fn html_document(policy: &Policy, language: &str) -> String {
    let words = policy.words_in(language);
    let mut title = String::new();
    pulldown_cmark::html::push_html(&mut title, std::iter::once(Event::Text(words.title.as_str().into())));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        words.language,
        html(policy, language),
    )
}

/// What is shown of one piece of Markdown. Raw HTML is text, a picture is its description, and a link leads where links may lead.
fn safe<'e>(event: Event<'e>, anchors: &mut impl Iterator<Item = &'e str>) -> Option<Event<'e>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => None,
        Event::Start(Tag::Heading { level, .. }) => {
            let id = anchors.next().map(CowStr::from);
            Some(Event::Start(Tag::Heading { level, id, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::Start(Tag::CodeBlock(_)) => Some(Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Indented))),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = if is_safe(&dest_url) { dest_url } else { CowStr::from("#") };
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        other => Some(other),
    }
}

/// Links lead to the web, to an e-mail address, or to another place of this site.
pub(super) fn is_safe(url: &str) -> bool {
    let before_path = url.split(['/', '?', '#']).next().unwrap_or("");
    if url.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return false;
    }
    match before_path.split_once(':') {
        None => true,
        Some((scheme, _)) => ["http", "https", "mailto"].iter().any(|safe| scheme.eq_ignore_ascii_case(safe)),
    }
}

/// Where the first heading ends, if the words begin with one.
pub(super) fn title_end(markdown: &str) -> Option<usize> {
    let mut events = Parser::new_ext(markdown, markdown_options()).into_offset_iter();
    match events.next() {
        Some((Event::Start(Tag::Heading { .. }), range)) => Some(range.end),
        _ => None,
    }
}
