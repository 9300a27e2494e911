//! `h5scout data`: elements of a dataset.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use explorer::{DataQuery, Dtype, Format, Freshness, Meter, Place, Selection};
use futures::{StreamExt, pin_mut};

use crate::arguments::{Data, DataFormat, DataNumbers};
use crate::commands::open;
use crate::failure::Failure;
use crate::location::{Location, Target};
use crate::output::escaped;

/// Writes the elements that the arguments name.
///
/// # Errors
///
/// When they cannot be read or written.
pub(crate) async fn run(data: Data) -> Result<(), Failure> {
    let said = |error| Failure::of(&data.location, error);
    let location = Location::parse(&data.location)?;
    let Target::File { key, path } = location.target else {
        return Err(Failure::not_a_file(&data.location));
    };
    let path = data.path.as_deref().or(path.as_deref()).unwrap_or("/");
    let query = query(path, &data).map_err(said)?;
    let to = data.output.as_deref();
    fits_terminal(to, query.format)?;
    let explorer = open(&location.source, &data.engine)?;
    let meter = Arc::new(Meter::new());
    let session = explorer.open(&key, Freshness::Trust, &meter).await.map_err(said)?;
    let slice = session.slice(&query).await.map_err(said)?;
    let pieces = slice.encode(&query, None).await.map_err(said)?.into_stream();
    pin_mut!(pieces);
    let first = pieces.next().await.transpose().map_err(said)?;
    // Not before there is something to write: what the file holds would be lost for a typing error.
    let mut out = Out::open(to)?;
    out.write(&first.unwrap_or_default())?;
    while let Some(piece) = pieces.next().await {
        out.write(&piece.map_err(said)?)?;
    }
    out.finish(query.format)
}

fn query(path: &str, data: &Data) -> explorer::Result<DataQuery> {
    let format = match data.format {
        DataFormat::Json => Format::Json,
        DataFormat::Csv => Format::Csv,
        DataFormat::Npy => Format::Npy,
        DataFormat::Bin => Format::Bin,
        DataFormat::Arrow => Format::Arrow,
    };
    let dtype = match data.dtype {
        DataNumbers::Origin => Dtype::Origin,
        DataNumbers::Safe => Dtype::Safe,
    };
    let query = DataQuery::new(Place::new(Some(path), None)?);
    let selection = Selection::parse(&data.selection)?;
    Ok(query.with_selection(selection).with_format(format).with_dtype(dtype))
}

/// Where elements go.
struct Out {
    to: BufWriter<Box<dyn Write>>,
    is_terminal: bool,
}

/// # Errors
///
/// When bytes would be written to a terminal.
fn fits_terminal(to: Option<&Path>, format: Format) -> Result<(), Failure> {
    let is_bytes = matches!(format, Format::Bin | Format::Npy | Format::Arrow);
    if to.is_none() && is_bytes && std::io::stdout().is_terminal() {
        let what = "bytes are not for a terminal; give --output FILE, or a pipe";
        return Err(Failure::Misused(what.to_owned()));
    }
    Ok(())
}

impl Out {
    fn open(path: Option<&Path>) -> Result<Self, Failure> {
        if let Some(path) = path {
            let file = File::create(path).map_err(|error| {
                Failure::new(format!("{} cannot be written", path.display()), error)
            })?;
            return Ok(Self { to: BufWriter::new(Box::new(file)), is_terminal: false });
        }
        let stdout = std::io::stdout();
        let is_terminal = stdout.is_terminal();
        Ok(Self { to: BufWriter::new(Box::new(stdout)), is_terminal })
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), Failure> {
        let bytes = if self.is_terminal { shown(piece) } else { Cow::Borrowed(piece) };
        Ok(self.to.write_all(&bytes)?)
    }

    fn finish(mut self, format: Format) -> Result<(), Failure> {
        if format == Format::Json {
            self.to.write_all(b"\n")?;
        }
        Ok(self.to.flush()?)
    }
}

/// Text without what would act on a terminal, line by line.
fn shown(piece: &[u8]) -> Cow<'_, [u8]> {
    let text = String::from_utf8_lossy(piece);
    let lines: Vec<Cow<'_, str>> =
        text.split('\n').map(|line| escaped(line.trim_end_matches('\r'))).collect();
    Cow::Owned(lines.join("\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_shown_lines_and_no_commands() {
        let text = shown(b"a,b\r\n\x1b[31m,c\r\n");
        assert_eq!(text, "a,b\n\\u{1b}[31m,c\n".as_bytes());
    }
}
