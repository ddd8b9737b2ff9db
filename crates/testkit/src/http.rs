//! A real HTTP server for tests, on a free port of this machine: it answers as it is told to, well or badly, and tells what
//! it was asked.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::or_fail;

/// What was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// What was sent with it.
    pub body: Vec<u8>,
}

impl Asked {
    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(has, _)| has == name).map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A status, headers and a body.
    Good(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// The same, but the connection is cut after so many bytes of the body.
    Cut(Vec<u8>, usize),
    /// Nothing at all, until the asker gives up.
    Silence,
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// A body without an end.
    Endless,
}

impl Reply {
    /// A body with status 200.
    #[must_use]
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::Good(200, Vec::new(), body.into())
    }

    /// A status without a body.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Good(status, Vec::new(), Vec::new())
    }
}

type Answers = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server that ends with the value.
pub struct HttpServer {
    /// The port that it listens at.
    pub port: u16,
    scheme: &'static str,
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<Arc<Answers>>>,
    stop: Arc<AtomicBool>,
}

impl std::fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpServer").field("port", &self.port).finish_non_exhaustive()
    }
}

impl HttpServer {
    /// Starts a server.
    ///
    /// # Panics
    /// It can not listen.
    #[must_use]
    #[track_caller]
    pub fn start(answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::begin(None, Arc::new(answers))
    }

    /// Starts a server that speaks TLS with a certificate and its key, both PEM.
    ///
    /// # Panics
    /// It can not listen, or they can not be read.
    #[must_use]
    #[track_caller]
    pub fn start_tls(certificate: &str, key: &str, answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = vec![or_fail(CertificateDer::from_pem_slice(certificate.as_bytes()))];
        let key = or_fail(PrivateKeyDer::from_pem_slice(key.as_bytes()));
        let config = or_fail(ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions());
        let config = or_fail(config.with_no_client_auth().with_single_cert(chain, key));
        Self::begin(Some(Arc::new(config)), Arc::new(answers))
    }

    fn begin(tls: Option<Arc<ServerConfig>>, answers: Arc<Answers>) -> Self {
        let listener = or_fail(TcpListener::bind("127.0.0.1:0"));
        let port = or_fail(listener.local_addr()).port();
        let server = Self {
            port,
            scheme: if tls.is_some() { "https" } else { "http" },
            asked: Arc::default(),
            answers: Arc::new(Mutex::new(answers)),
            stop: Arc::default(),
        };
        let (asked, answers, stop) = (server.asked.clone(), server.answers.clone(), server.stop.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (asked, answers, stop, tls) = (asked.clone(), answers.clone(), stop.clone(), tls.clone());
                std::thread::spawn(move || {
                    // What goes wrong with one asker is that asker's to tell.
                    let _ = match tls {
                        None => serve(stream, &asked, &answers, &stop),
                        Some(tls) => ServerConnection::new(tls).map_err(std::io::Error::other).and_then(|connection| {
                            serve(StreamOwned::new(connection, stream), &asked, &answers, &stop)
                        }),
                    };
                });
            }
        });
        server
    }

    /// Answers otherwise from now on.
    ///
    /// # Panics
    /// Never: a poisoned lock is used as it is.
    pub fn answer(&self, answers: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(answers);
    }

    /// What was asked until now.
    ///
    /// # Panics
    /// Never: a poisoned lock is used as it is.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An address of the server.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}", self.scheme, self.port)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is to end.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(
    stream: impl Read + Write,
    asked: &Mutex<Vec<Asked>>,
    answers: &Mutex<Arc<Answers>>,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ').map(str::to_owned);
    let mut request =
        Asked { method: words.next().unwrap_or_default(), path: words.next().unwrap_or_default(), ..Asked::default() };
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => request.headers.push((name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body)?;
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let answers = answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut stream = reader.into_inner();
    match answers(&request) {
        Reply::Good(status, headers, body) => {
            let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let length = if status == 304 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
            write!(stream, "HTTP/1.1 {status} X\r\n{length}{headers}connection: close\r\n\r\n")?;
            stream.write_all(&body)?;
        }
        Reply::Cut(body, after) => {
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
            stream.write_all(body.get(..after).unwrap_or_default())?;
        }
        Reply::Raw(bytes) => stream.write_all(&bytes)?,
        Reply::Endless => {
            write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            while !stop.load(Ordering::SeqCst) {
                stream.write_all(&[b'x'; 64 * 1024])?;
            }
        }
        Reply::Silence => {
            while !stop.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
    stream.flush()
}
