use std::path::Path;

use anyhow::Result;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

pub(crate) const POSTS_A_PAGE: u32 = 8;

/// The board's tables. Times are the database's own, in seconds.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    pool: SqlitePool,
}

/// A post as the list shows it.
#[derive(Debug)]
pub(crate) struct PostLine {
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) author_name: String,
    pub(crate) opening: String,
    pub(crate) replies: u32,
    pub(crate) written: String,
}

#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) posts: Vec<PostLine>,
    pub(crate) total: u32,
}

#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) author_name: String,
    pub(crate) written: String,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) body: String,
    pub(crate) author_name: String,
    pub(crate) written: String,
}

#[derive(Debug)]
pub(crate) enum Found {
    Post(Post),
    Hidden,
    Nothing,
}

/// What somebody wants to say, and how many seconds ago it was said; a visitor says it at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) author: &'a str,
    pub(crate) author_name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) body: &'a str,
    pub(crate) age_seconds: i64,
}

impl PostLine {
    pub(crate) fn replies_in_words(&self) -> String {
        match self.replies {
            0 => "no replies yet".to_owned(),
            1 => "1 reply".to_owned(),
            replies => format!("{replies} replies"),
        }
    }
}

impl Board {
    pub(crate) async fn open(file: &Path) -> Result<Self> {
        // Whoever erases a row here means it: deleted content is overwritten.
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("secure_delete", "ON");
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await?;
        Ok(Self { pool })
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) async fn is_empty(&self) -> Result<bool> {
        let (posts,): (i64,) = sqlx::query_as("SELECT count(*) FROM posts").fetch_one(&self.pool).await?;
        Ok(posts == 0)
    }

    /// One page of what anybody may read, the newest first; `search` finds parts of titles and texts.
    pub(crate) async fn list(&self, search: &str, page: u32) -> Result<Listing> {
        let pattern = like_pattern(search);
        let (total,): (u32,) =
            sqlx::query_as("SELECT count(*) FROM posts WHERE hidden = 0 AND (title LIKE $1 ESCAPE '\\' OR body LIKE $1 ESCAPE '\\')")
                .bind(&pattern)
                .fetch_one(&self.pool)
                .await?;
        let rows: Vec<(String, String, String, String, u32, i64)> = sqlx::query_as(
            "SELECT slug, title, author_name, body,
                    (SELECT count(*) FROM replies WHERE post_id = posts.id AND replies.hidden = 0),
                    unixepoch() - created_at
             FROM posts
             WHERE hidden = 0 AND (title LIKE $1 ESCAPE '\\' OR body LIKE $1 ESCAPE '\\')
             ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3",
        )
        .bind(&pattern)
        .bind(POSTS_A_PAGE)
        .bind(i64::from(page.saturating_sub(1)) * i64::from(POSTS_A_PAGE))
        .fetch_all(&self.pool)
        .await?;
        let posts = rows
            .into_iter()
            .map(|(slug, title, author_name, body, replies, age)| PostLine {
                slug,
                title,
                author_name,
                opening: opening(&body),
                replies,
                written: ago(age),
            })
            .collect();
        Ok(Listing { posts, total })
    }

    pub(crate) async fn find(&self, slug: &str) -> Result<Found> {
        let row: Option<(i64, String, String, String, String, bool, i64)> =
            sqlx::query_as("SELECT id, slug, title, body, author_name, hidden <> 0, unixepoch() - created_at FROM posts WHERE slug = $1")
                .bind(slug)
                .fetch_optional(&self.pool)
                .await?;
        Ok(match row {
            None => Found::Nothing,
            Some((.., true, _)) => Found::Hidden,
            Some((id, slug, title, body, author_name, false, age)) => {
                Found::Post(Post { id, slug, title, body, author_name, written: ago(age) })
            }
        })
    }

    pub(crate) async fn replies(&self, post: i64) -> Result<Vec<Reply>> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT body, author_name, unixepoch() - created_at FROM replies
             WHERE post_id = $1 AND hidden = 0 ORDER BY created_at, id",
        )
        .bind(post)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(body, author_name, age)| Reply { body, author_name, written: ago(age) }).collect())
    }

    /// Publishes a post and hands back its slug: the title, and a number that keeps it apart from others of that title.
    pub(crate) async fn publish(&self, draft: Draft<'_>) -> Result<(i64, String)> {
        let row = sqlx::query_as(
            "INSERT INTO posts (slug, author, author_name, title, body, created_at)
             SELECT $1 || '-' || (coalesce(max(id), 0) + 1), $2, $3, $4, $5, unixepoch() - $6 FROM posts
             RETURNING id, slug",
        )
        .bind(slug(draft.title))
        .bind(draft.author)
        .bind(draft.author_name)
        .bind(draft.title)
        .bind(draft.body)
        .bind(draft.age_seconds)
        .fetch_one(&self.pool)
        .await?;
        Ok(row)
    }

    pub(crate) async fn reply(&self, post: i64, draft: Draft<'_>) -> Result<()> {
        sqlx::query("INSERT INTO replies (post_id, author, author_name, body, created_at) VALUES ($1, $2, $3, $4, unixepoch() - $5)")
            .bind(post)
            .bind(draft.author)
            .bind(draft.author_name)
            .bind(draft.body)
            .bind(draft.age_seconds)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// How much this person has written in the last minute.
    pub(crate) async fn written_last_minute(&self, author: &str) -> Result<u32> {
        let (count,): (u32,) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM posts WHERE author = $1 AND created_at > unixepoch() - 60)
                  + (SELECT count(*) FROM replies WHERE author = $1 AND created_at > unixepoch() - 60)",
        )
        .bind(author)
        .fetch_one(&self.pool)
        .await?;
        Ok(count)
    }
}

/// Anything that contains the text, read literally.
fn like_pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in search.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn slug(title: &str) -> String {
    const LENGTH_MAX: usize = 60;
    let mut slug = String::new();
    for character in title.chars() {
        if slug.len() >= LENGTH_MAX {
            break;
        }
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') && character != '\'' {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "post".to_owned() } else { slug.to_owned() }
}

/// The first words of a text.
fn opening(body: &str) -> String {
    const CHARACTERS_MAX: usize = 160;
    let words: Vec<&str> = body.split_whitespace().collect();
    let text = words.join(" ");
    match text.char_indices().nth(CHARACTERS_MAX) {
        None => text,
        Some((end, _)) => {
            let cut = text[..end].rfind(' ').unwrap_or(end);
            format!("{}…", &text[..cut])
        }
    }
}

fn ago(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        86_400..1_209_600 => (seconds / 86_400, "day"),
        1_209_600..5_184_000 => (seconds / 604_800, "week"),
        5_184_000.. => (seconds / 2_592_000, "month"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}
