//! The socket: one port of loopback for both clouds.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::combinators::BoxBody;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderName;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::answer::{Answer, Cut, Received};
use super::authorize::{self, KeyFacts, KeyName, RoleFacts};
use super::clock::{Clock, Time};
use super::control::Control;
use super::exchange::Log;
use super::external::External;
use super::faults::{Effect, Faults};
use super::gate::Gate;
use super::scenario::Scenario;
use super::world::{Credentials, World};
use super::{atlas, aws};

/// Which AWS the Atlas half asks about roles and keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aws {
    /// The AWS half of this simulator.
    Own,
    /// Another endpoint, reached with the credentials `testing`/`testing` and no proxy.
    External {
        /// URL of the endpoint, for all of its services.
        endpoint: String,
        /// Region to sign for.
        region: String,
    },
}

/// How a simulator runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Port of `127.0.0.1`; 0 takes one that is free.
    pub port: u16,
    /// How time passes.
    pub time: Time,
    /// Pause before each answer, in outside time whatever the speed; without it the scenario's own, in the world's time.
    pub latency: Option<Duration>,
    /// Which AWS the Atlas half asks.
    pub aws: Aws,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            time: Time::Running { speed: 1.0 },
            latency: None,
            aws: Aws::Own,
        }
    }
}

/// A running simulator; it ends when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    credentials: Credentials,
    server: JoinHandle<()>,
}

impl Simulator {
    /// Starts a simulator in a scenario's world.
    ///
    /// Needs a Tokio runtime, in which it goes on running. Fails where the port can't be had.
    pub async fn start(scenario: Scenario, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port))).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let clock = Clock::new(options.time);
        let mut faults = Faults::default();
        let latency = options.latency.unwrap_or_else(|| clock.outside(scenario.latency()));
        scenario.faults().into_iter().for_each(|fault| faults.set(fault));
        let world = scenario.world(clock.now());
        let credentials = world.credentials.clone();
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            log: Mutex::default(),
            faults: Mutex::new(faults),
            gate: Gate::default(),
            clock,
            aws: match options.aws {
                Aws::Own => Source::Own,
                Aws::External { endpoint, region } => Source::Other(Box::new(External::new(&endpoint, &region))),
            },
            base_url,
            latency,
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self {
            shared,
            credentials,
            server,
        })
    }

    /// Returns the URL of both halves, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Returns the credentials that it accepts.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Returns the environment variables that point clients of both clouds at it.
    pub fn exports(&self) -> Vec<(&'static str, String)> {
        let credentials = &self.credentials;
        vec![
            ("MONGODB_ATLAS_BASE_URL", self.base_url().to_owned()),
            ("MONGODB_ATLAS_PUBLIC_API_KEY", credentials.public_key.clone()),
            ("MONGODB_ATLAS_PRIVATE_API_KEY", credentials.private_key.clone()),
            ("MONGODB_ATLAS_PROJECT_ID", credentials.project_id.clone()),
            ("AWS_ENDPOINT_URL", self.base_url().to_owned()),
            ("AWS_ACCESS_KEY_ID", credentials.aws_access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", credentials.aws_secret_access_key.clone()),
            ("AWS_REGION", credentials.region.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Returns a handle to look into the world, change it and disturb it.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.shared))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Who answers Atlas's questions about AWS.
#[derive(Debug)]
enum Source {
    Own,
    Other(Box<External>),
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    log: Mutex<Log>,
    faults: Mutex<Faults>,
    pub(super) gate: Gate,
    pub(super) clock: Clock,
    aws: Source,
    pub(super) base_url: String,
    latency: Duration,
}

impl Shared {
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks AWS, for Atlas, about a role.
    pub(super) async fn ask_role(&self, arn: &str) -> Option<RoleFacts> {
        match &self.aws {
            Source::Own => authorize::ask_role(&mut self.world(), self.clock.now(), arn),
            Source::Other(external) => external.role(self.clock.now(), arn).await,
        }
    }

    /// Asks AWS, for Atlas, about a key and who may use it.
    pub(super) async fn ask_key(&self, role_arn: &str, name: &KeyName) -> Option<KeyFacts> {
        match &self.aws {
            Source::Own => authorize::ask_key(&mut self.world(), self.clock.now(), role_arn, name),
            Source::Other(external) => external.key(self.clock.now(), role_arn, name).await,
        }
    }
}

/// Accepts connections until it is dropped, and with it all of them.
async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, Arc::clone(&shared)));
                } else {
                    // Out of file descriptors, most likely: give the others time to end.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Small answers must not wait for more.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { exchange(&shared, request).await }
    });
    // An error here is a client that went away, or a cut on purpose: nothing to tell anybody.
    http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await
        .ok();
}

async fn exchange(shared: &Shared, request: Request<Incoming>) -> Result<Response<BoxBody<Bytes, Cut>>, Cut> {
    let received = Received::read(request).await;
    tokio::time::sleep(shared.latency).await;
    let (operation, answer) = if received.path.starts_with("/api/") {
        atlas_half(shared, &received).await
    } else if received.path == "/" {
        aws_half(shared, &received).await
    } else {
        ("unknown".to_owned(), Some(Answer::empty(StatusCode::NOT_FOUND)))
    };
    let answer = answer.map(|answer| answer.with(hyper::header::DATE, http_date(shared)));
    shared
        .log()
        .record(shared.clock.now(), &operation, &received, answer.as_ref());
    answer.map(Answer::into_response).ok_or(Cut)
}

async fn atlas_half(shared: &Shared, received: &Received) -> (String, Option<Answer>) {
    let admitted = match atlas::admit(shared, received) {
        Ok(admitted) => admitted,
        Err((name, answer)) => return (name.to_owned(), Some(answer)),
    };
    let name = admitted.operation();
    let carry_out = async || atlas::answer(shared, &admitted, received).await;
    (
        name.to_owned(),
        disturb(shared, name, atlas::disturbed, carry_out).await,
    )
}

async fn aws_half(shared: &Shared, received: &Received) -> (String, Option<Answer>) {
    let admitted = match aws::admit(shared, received) {
        Ok(admitted) => admitted,
        Err((name, answer)) => return (name, Some(answer)),
    };
    let carry_out = async || aws::answer(shared, &admitted);
    let answer = disturb(
        shared,
        &admitted.operation,
        |effect| aws::disturbed(&admitted, effect),
        carry_out,
    )
    .await;
    (admitted.operation, answer)
}

/// Carries a call out, unless a fault is set for it; `None` is a cut connection.
async fn disturb(
    shared: &Shared,
    operation: &str,
    in_own_form: impl FnOnce(&Effect) -> Option<Answer>,
    carry_out: impl AsyncFnOnce() -> Answer,
) -> Option<Answer> {
    let (delay, effect) = shared.faults().meet(operation);
    tokio::time::sleep(shared.clock.outside_or_same(delay)).await;
    let (effect, headers) = match effect {
        Some(Effect::With { effect, headers }) => (Some(*effect), headers),
        effect => (effect, Vec::new()),
    };
    let answer = with_effect(shared, effect, in_own_form, carry_out).await?;
    Some(headers.into_iter().fold(answer, |answer, (name, value)| {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => answer.with(name, value),
            Err(_) => answer,
        }
    }))
}

async fn with_effect(
    shared: &Shared,
    effect: Option<Effect>,
    in_own_form: impl FnOnce(&Effect) -> Option<Answer>,
    carry_out: impl AsyncFnOnce() -> Answer,
) -> Option<Answer> {
    match effect {
        None | Some(Effect::Delay(_)) => Some(carry_out().await),
        Some(Effect::HoldBefore) => {
            shared.gate.hold().await;
            Some(carry_out().await)
        }
        Some(Effect::HoldAfter) => {
            let answer = carry_out().await;
            shared.gate.hold().await;
            Some(answer)
        }
        Some(Effect::CutBefore) => None,
        Some(Effect::CutAfter) => {
            carry_out().await;
            None
        }
        Some(Effect::CutWithin) => Some(Answer {
            broken: true,
            ..carry_out().await
        }),
        Some(Effect::EmptyAnswer) => {
            carry_out().await;
            Some(Answer::empty(StatusCode::OK))
        }
        Some(Effect::Html { status }) => Some(html(status)),
        Some(Effect::Verbatim {
            status,
            content_type,
            body,
        }) => Some(Answer::new(
            StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY),
            &content_type,
            body,
        )),
        Some(effect) => in_own_form(&effect),
    }
}

fn html(status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let reason = status.canonical_reason().unwrap_or_default();
    let body = format!(
        "<!DOCTYPE html>\n<html><head><title>{reason}</title></head>\n<body><h1>{reason}</h1>\
         <p>The server is temporarily unable to service your request.</p></body></html>\n"
    );
    Answer::new(status, "text/html", body)
}

fn http_date(shared: &Shared) -> String {
    shared.clock.date().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
