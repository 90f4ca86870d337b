use crate::{Request, Response};

/// The form of a page, as a browser without script would fill it in.
#[derive(Clone, Debug)]
pub struct Form {
    action: String,
    hidden: Vec<(String, String)>,
    chosen: Vec<(String, String)>,
    /// What came with the page and goes back with the form.
    cookies: Option<String>,
}

impl Form {
    /// The form of this page in which something is chosen.
    pub fn of(page: &Response) -> Self {
        let html = page.text();
        let forms = html.split("<form").skip(1).filter_map(|form| form.split("</form>").next());
        let form = forms.into_iter().find(|form| form.contains("type=\"radio\"")).unwrap_or_else(|| panic!("nothing to choose in {html}"));
        let action = attribute(form.split('>').next().unwrap_or_default(), "action").expect("the form says where it goes");
        let inputs = form.split("<input").skip(1).map(|input| input.split('>').next().unwrap_or_default());
        let hidden = inputs
            .filter(|input| attribute(input, "type").as_deref() == Some("hidden"))
            .map(|input| (attribute(input, "name").expect("a hidden field has a name"), attribute(input, "value").unwrap_or_default()))
            .collect();
        Self { action, hidden, chosen: Vec::new(), cookies: page.cookies() }
    }

    #[must_use]
    pub fn choose(mut self, purpose: &str, answer: &str) -> Self {
        self.chosen.push((purpose.to_owned(), answer.to_owned()));
        self
    }

    #[must_use]
    pub fn without_hidden(mut self, name: &str) -> Self {
        self.hidden.retain(|(own, _)| own != name);
        self
    }

    pub fn hidden(&self, name: &str) -> Option<&str> {
        self.hidden.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn fields(&self) -> Vec<(String, String)> {
        [self.hidden.clone(), self.chosen.clone()].concat()
    }

    /// As a browser posts it that says where its posts come from.
    pub fn post(&self, cookies: Option<&str>) -> Request {
        Request::form(&self.action, &self.fields()).cookie(cookies)
    }

    /// As an old browser posts it that says nothing; the cookies that came with the page go along.
    pub fn post_silently(&self, cookies: Option<&str>) -> Request {
        let all: Vec<&str> = [cookies, self.cookies.as_deref()].into_iter().flatten().collect();
        let all = all.join("; ");
        Request::bare_form(&self.action, &self.fields()).cookie((!all.is_empty()).then_some(all.as_str()))
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split('"').next()?;
    Some(value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}
