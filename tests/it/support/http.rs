//! Just enough HTTP/1.1 to stand between an AWS client and a server: whole messages, read and written.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpStream;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// In their order; names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// Reads one request; `None` where the client has closed the connection.
    pub fn read(stream: &TcpStream) -> io::Result<Option<Self>> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err(io::Error::other(format!("not a request line: {line:?}")));
        };
        let (method, target) = (method.to_owned(), target.to_owned());
        let headers = read_headers(&mut reader)?;
        let length = header(&headers, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        if header(&headers, "transfer-encoding").is_some() {
            return Err(io::Error::other("AWS clients send the length of their body"));
        }
        if header(&headers, "expect").is_some() {
            // The AWS CLI waits for this line before it sends a large body.
            (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Some(Self { method, target, headers, body }))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The path without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The same request, with these parameters of the query left out.
    pub fn without_parameters(&self, names: &[&str]) -> Self {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !names.contains(&pair.split('=').next().unwrap_or_default()))
            .collect();
        Self { target: format!("{}?{}", self.path(), kept.join("&")), ..self.clone() }
    }

    /// Sends the request to `address` on a connection of its own, and reads the whole answer.
    pub fn forward(&self, address: &str) -> io::Result<Response> {
        let stream = TcpStream::connect(address)?;
        let mut writer = BufWriter::new(&stream);
        write!(writer, "{} {} HTTP/1.1\r\n", self.method, self.target)?;
        let headers = self.headers.iter();
        write_headers(&mut writer, headers.filter(|(name, _)| name != "connection" && name != "expect"))?;
        writer.write_all(&self.body)?;
        writer.flush()?;
        Response::read(&stream)
    }
}

/// An answer, with its body whole.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    fn read(stream: &TcpStream) -> io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("not a status line: {line:?}")))?;
        let mut headers = read_headers(&mut reader)?;
        let chunked = header(&headers, "transfer-encoding").is_some_and(|value| value.contains("chunked"));
        let body = if chunked {
            read_chunks(&mut reader)?
        } else if let Some(length) = header(&headers, "content-length").and_then(|value| value.parse().ok()) {
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            body
        } else {
            let mut body = Vec::new();
            reader.read_to_end(&mut body)?;
            body
        };
        headers.retain(|(name, _)| {
            !matches!(name.as_str(), "transfer-encoding" | "content-length" | "connection")
        });
        Ok(Self { status, headers, body })
    }

    /// Sends the answer, and of its body only the first `length` bytes, though the head promises all.
    pub fn send(&self, stream: &TcpStream, length: usize) -> io::Result<()> {
        let mut stream = BufWriter::new(stream);
        write!(stream, "HTTP/1.1 {} Status\r\ncontent-length: {}\r\n", self.status, self.body.len())?;
        write_headers(&mut stream, self.headers.iter())?;
        stream.write_all(&self.body[..length.min(self.body.len())])?;
        stream.flush()
    }

    /// Replaces the header `name`.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(found, _)| found != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

fn write_headers<'a>(
    stream: &mut impl Write,
    headers: impl Iterator<Item = &'a (String, String)>,
) -> io::Result<()> {
    for (name, value) in headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(stream, "connection: close\r\n\r\n")
}

fn read_headers(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) =
            line.split_once(':').ok_or_else(|| io::Error::other("a header without a colon"))?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = line.trim().split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..])?;
        reader.read_line(&mut line)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
