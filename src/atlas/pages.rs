//! Lists, read whole or not at all.

use std::collections::HashSet;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::de::DeserializeOwned;

use super::client::Client;
use super::error::{Error, ErrorKind};
use super::wire;

/// The most that Atlas puts on a page.
const PAGE: usize = 500;

/// How many pages are read at the same time.
const PAGES_AT_ONCE: usize = 8;

impl Client {
    /// Reads a whole list: the first page tells how many there are, the others come at the same time. What doesn't add
    /// up is read once more, since the list may have moved meanwhile, and then an error.
    pub(super) async fn list<W, T>(
        &self,
        segments: &[&str],
        media_type: &'static str,
        key: fn(&T) -> &str,
    ) -> Result<Vec<T>, Error>
    where
        W: DeserializeOwned + Into<T>,
    {
        let (expected, all) = self.pages::<W, T>(segments, media_type).await?;
        if distinct(&all, key) == expected && all.len() == expected {
            return Ok(all);
        }
        drop(all);
        let (expected, all) = self.pages::<W, T>(segments, media_type).await?;
        let found = distinct(&all, key);
        if found == expected && all.len() == expected {
            return Ok(all);
        }
        let call = self.get(segments, "", media_type)?;
        Err(call.error(ErrorKind::Count { expected, found }))
    }

    /// Returns `totalCount` and what all pages hold.
    async fn pages<W, T>(&self, segments: &[&str], media_type: &'static str) -> Result<(usize, Vec<T>), Error>
    where
        W: DeserializeOwned + Into<T>,
    {
        let (total, first) = self.page::<W, T>(segments, media_type, 1).await?;
        let Some(total) = total else {
            return self.pages_uncounted::<W, T>(segments, media_type, first).await;
        };
        let rest = stream::iter(2..=total.div_ceil(PAGE))
            .map(|number| self.page::<W, T>(segments, media_type, number))
            .buffered(PAGES_AT_ONCE);
        let all = rest
            .try_fold(first, |mut all, (_, mut page)| async move {
                all.append(&mut page);
                Ok(all)
            })
            .await?;
        Ok((total, all))
    }

    /// Reads on until a page isn't full, where Atlas doesn't say how many there are.
    async fn pages_uncounted<W, T>(
        &self,
        segments: &[&str],
        media_type: &'static str,
        first: Vec<T>,
    ) -> Result<(usize, Vec<T>), Error>
    where
        W: DeserializeOwned + Into<T>,
    {
        let mut all = first;
        let mut number = 1;
        while all.len() == number * PAGE {
            number += 1;
            let (_, mut page) = self.page::<W, T>(segments, media_type, number).await?;
            all.append(&mut page);
        }
        Ok((all.len(), all))
    }

    async fn page<W, T>(
        &self,
        segments: &[&str],
        media_type: &'static str,
        number: usize,
    ) -> Result<(Option<usize>, Vec<T>), Error>
    where
        W: DeserializeOwned + Into<T>,
    {
        let query = format!("includeCount=true&itemsPerPage={PAGE}&pageNum={number}");
        let call = self.get(segments, &query, media_type)?;
        let page: wire::Page<W> = self.call(&call).await?;
        Ok((page.total_count, page.results.into_iter().map(Into::into).collect()))
    }
}

fn distinct<T>(all: &[T], key: fn(&T) -> &str) -> usize {
    all.iter().map(key).collect::<HashSet<_>>().len()
}
