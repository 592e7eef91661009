//! A small CRM back end with a ledger inside: events come in by a webhook, the mailer asks whether a message may go out, and
//! the support desk works through what waits for a person.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tagwarden::{Input, Permit, Reader, Rulebook, Status, TimeUnit, Timestamp, Viewer};
use tagwarden_store::{Answer, Entry, Ledger, LedgerError, Options};

const RULES: &str = include_str!("../rules.tw");

/// What every request works with. A ledger writes one transaction at a time, so a lock around it costs nothing.
#[derive(Clone)]
struct Crm {
    ledger: Arc<Mutex<Ledger>>,
    reader: Reader,
}

/// What went wrong, as the caller sees it.
struct Failure(StatusCode, String);

type Answered = Result<Json<Value>, Failure>;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let code = match error {
            LedgerError::Refused(_) | LedgerError::Status(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Failure(code, error.to_string())
    }
}

fn bad(error: impl ToString) -> Failure {
    Failure(StatusCode::BAD_REQUEST, error.to_string())
}

impl Crm {
    fn new(ledger: Ledger) -> Crm {
        let reader = Reader::new(ledger.engine().rulebook().schema(), TimeUnit::Millis);
        Crm { ledger: Arc::new(Mutex::new(ledger)), reader }
    }

    /// Works with the ledger where waiting for the disk holds nobody up.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Ledger) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let ledger = Arc::clone(&self.ledger);
        // A panic elsewhere has left the ledger as its file says: each change is a transaction.
        let task = move || work(&mut ledger.lock().unwrap_or_else(PoisonError::into_inner));
        let failed = |_| Failure(StatusCode::INTERNAL_SERVER_ERROR, "it was cut off".into());
        tokio::task::spawn_blocking(task).await.map_err(failed)?
    }
}

fn routes(crm: Crm) -> Router {
    Router::new()
        .route("/events", post(events))
        .route("/commands", post(commands))
        .route("/may-contact", get(may_contact))
        .route("/contacted", post(contacted))
        .route("/queue", get(queue))
        .route("/customers/{key}", get(customer))
        .with_state(crm)
}

/// Now, but never before what the ledger has seen.
fn now(ledger: &Ledger) -> Timestamp {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall =
        i64::try_from(wall.as_micros()).ok().and_then(Timestamp::from_micros).unwrap_or(Timestamp::MIN);
    ledger.engine().clock().map_or(wall, |clock| clock.max(wall))
}

/// Who asks. A real service takes this from its login, never from a header.
fn viewer(headers: &HeaderMap) -> Result<Viewer, Failure> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(Arc::<str>::from);
    let actor = text("x-actor").ok_or_else(|| Failure(StatusCode::UNAUTHORIZED, "who are you?".into()))?;
    Ok(Viewer { actor, role: text("x-role") })
}

/// The webhook: one event, or one a line. With an `id` each is applied once, however often it is sent.
async fn events(State(crm): State<Crm>, body: String) -> Answered {
    let mut entries = Vec::new();
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        match crm.reader.json(line.as_bytes()).map_err(bad)? {
            Input::Command(_) => return Err(bad("commands go to /commands")),
            input => entries.push(Entry::new(input)),
        }
    }
    let answers = crm.with(move |ledger| Ok(ledger.apply(entries)?)).await?;
    Ok(Json(json!({ "answers": answers.iter().map(answer).collect::<Vec<_>>() })))
}

/// What a person does. Who it is and when are not theirs to say.
async fn commands(State(crm): State<Crm>, headers: HeaderMap, Json(mut command): Json<Value>) -> Answered {
    let viewer = viewer(&headers)?;
    let reader = crm.reader.clone();
    let answered = crm.with(move |ledger| {
        let object = command.as_object_mut().ok_or_else(|| bad("a command is an object"))?;
        object.insert("actor".into(), json!(&*viewer.actor));
        object.insert("role".into(), json!(viewer.role.as_deref()));
        object.entry("time").or_insert_with(|| json!(now(ledger).to_string()));
        let input = reader.json(command.to_string().as_bytes()).map_err(bad)?;
        Ok(ledger.apply([Entry::new(input)])?)
    });
    let answers = answered.await?;
    let first = answers.first().ok_or_else(|| bad("nothing was asked"))?;
    match first.decisions.iter().any(|decision| decision.kind() == "refused") {
        true => Err(Failure(StatusCode::FORBIDDEN, answer(first).to_string())),
        false => Ok(Json(answer(first))),
    }
}

fn answer(answer: &Answer) -> Value {
    let decisions = answer.decisions.iter().filter_map(|one| serde_json::from_str::<Value>(&one.json).ok());
    json!({
        "repeated": answer.repeated,
        "refused": answer.refused.as_ref().map(|refusal| &refusal.message),
        "decisions": decisions.collect::<Vec<_>>(),
    })
}

#[derive(Deserialize)]
struct Gate {
    customer: String,
    channel: String,
    /// When; by default now.
    at: Option<String>,
}

/// The gate question, before each message.
async fn may_contact(State(crm): State<Crm>, Query(gate): Query<Gate>) -> Answered {
    crm.with(move |ledger| {
        let time = match gate.at {
            Some(text) => text.parse().map_err(bad)?,
            None => now(ledger),
        };
        Ok(Json(match ledger.permits("customer", &gate.customer, &gate.channel, time)? {
            Permit::Allowed => json!({ "permit": "allowed" }),
            Permit::Limited { left, entry, .. } => {
                json!({ "permit": "limited", "left": left, "list": &*entry.list })
            }
            Permit::Denied { entry } => {
                json!({ "permit": "denied", "list": &*entry.list, "level": entry.level, "why": &*entry.reason })
            }
            _ => json!({ "permit": "denied" }),
        }))
    })
    .await
}

/// A message went out: it counts against what a limited customer may get.
async fn contacted(State(crm): State<Crm>, Query(gate): Query<Gate>) -> Answered {
    crm.with(move |ledger| {
        let time = match gate.at {
            Some(text) => text.parse().map_err(bad)?,
            None => now(ledger),
        };
        ledger.record_contact("customer", &gate.customer, time)?;
        Ok(Json(json!({ "noted": gate.channel })))
    })
    .await
}

/// What waits for a person. The audit log says who looked.
async fn queue(State(crm): State<Crm>, headers: HeaderMap) -> Answered {
    let viewer = viewer(&headers)?;
    crm.with(move |ledger| {
        if !ledger.engine().may(viewer.role.as_deref(), tagwarden::Verb::View, None) {
            return Err(Failure(StatusCode::FORBIDDEN, "your role may not view".into()));
        }
        let time = now(ledger);
        ledger.note_view(&viewer, time, &[("what", "queue")])?;
        let (reviews, proposals) = (ledger.reviews_due(time)?, ledger.proposals()?);
        Ok(Json(json!({ "reviews": reviews, "proposals": proposals, "appeals": ledger.appeals()? })))
    })
    .await
}

/// What holds of a customer, and since when, until when, why.
async fn customer(State(crm): State<Crm>, headers: HeaderMap, Path(key): Path<String>) -> Answered {
    let viewer = viewer(&headers)?;
    crm.with(move |ledger| {
        let time = now(ledger);
        match ledger.view(&viewer, "customer", &key, time)? {
            Ok(status) => Ok(Json(shown(&status))),
            Err(refused) => Err(Failure(StatusCode::FORBIDDEN, refused.to_json())),
        }
    })
    .await
}

fn shown(status: &Status) -> Value {
    let ends = |ends: Option<Timestamp>| ends.map(|time| time.to_string());
    let tags = status.tags.iter().map(|tag| {
        json!({ "tag": &*tag.tag, "since": tag.since.to_string(), "ends": ends(tag.ends), "why": &*tag.reason })
    });
    let entries = status.entries.iter().map(|entry| {
        json!({
            "list": &*entry.list, "level": entry.level, "category": entry.category.as_deref(),
            "since": entry.since.to_string(), "ends": ends(entry.ends), "why": &*entry.reason,
        })
    });
    json!({ "tags": tags.collect::<Vec<_>>(), "entries": entries.collect::<Vec<_>>() })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rulebook = Rulebook::compile(RULES)?;
    let options = Options { reload: Some(tagwarden::Orphans::End), ..Options::new(*b"keep me a secret") };
    let crm = Crm::new(Ledger::open("crm.ledger", &rulebook, options)?);
    let clock = crm.clone();
    tokio::spawn(async move {
        // What falls due without an event happens within a second.
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let ticked = clock.with(|ledger| Ok(ledger.apply([Input::Tick(now(ledger)).into()])?)).await;
            if let Err(Failure(_, error)) = ticked {
                eprintln!("the clock: {error}");
            }
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes(crm)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    /// The service on a free port, and its file.
    struct Service {
        address: std::net::SocketAddr,
        folder: tempfile::TempDir,
    }

    fn open(folder: &tempfile::TempDir) -> Ledger {
        let rulebook = Rulebook::compile(RULES).unwrap();
        Ledger::open(folder.path().join("crm.ledger"), &rulebook, Options::new([3; 16])).unwrap()
    }

    impl Service {
        async fn start() -> Service {
            let folder = tempfile::tempdir().unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let crm = Crm::new(open(&folder));
            tokio::spawn(async move { axum::serve(listener, routes(crm)).await });
            Service { address, folder }
        }

        /// One request over a connection of its own: the code and the body.
        async fn ask(&self, method: &str, path: &str, who: &str, body: &str) -> (u16, Value) {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            let (actor, role) = who.split_once(' ').unwrap_or((who, ""));
            let who = if who.is_empty() {
                String::new()
            } else {
                format!("x-actor: {actor}\r\nx-role: {role}\r\n")
            };
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: crm\r\nconnection: close\r\ncontent-type: application/json\r\n{who}content-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let code = head.split(' ').nth(1).unwrap().parse().unwrap();
            (code, serde_json::from_str(body).unwrap_or(Value::String(body.into())))
        }

        async fn permit(&self, channel: &str, at: &str) -> String {
            let path = format!("/may-contact?customer=c1&channel={channel}&at={at}");
            let (code, body) = self.ask("GET", &path, "", "").await;
            assert_eq!(code, 200, "{body}");
            body["permit"].as_str().unwrap().to_owned()
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn from_the_webhook_to_the_gate_and_the_desk() {
        let crm = Service::start().await;
        assert_eq!(crm.permit("sms", "2026-01-05T08:00:00Z").await, "allowed");

        // A complaint comes in, twice: the sender was not sure that it had arrived.
        let complaint = r#"{"type":"complaint","time":"2026-01-05T09:00:00Z","customer":"c1","id":"e-1","text":"a scam"}"#;
        let (code, first) = crm.ask("POST", "/events", "", complaint).await;
        assert_eq!((code, &first["answers"][0]["decisions"][0]["kind"]), (200, &json!("listed")), "{first}");
        let (_, again) = crm.ask("POST", "/events", "", complaint).await;
        assert_eq!(again["answers"][0]["repeated"], true);
        assert_eq!(again["answers"][0]["decisions"], first["answers"][0]["decisions"]);

        // The gate lets only e-mail through.
        assert_eq!(crm.permit("sms", "2026-01-05T09:00:01Z").await, "denied");
        assert_eq!(crm.permit("email", "2026-01-05T09:00:01Z").await, "allowed");

        // Four more: a rule asks for a person, and the person decides.
        let more: Vec<String> = (6..10)
            .map(|day| format!(r#"{{"type":"complaint","time":"2026-01-{day:02}T09:00:00Z","customer":"c1","text":"late"}}"#))
            .collect();
        crm.ask("POST", "/events", "", &more.join("\n")).await;
        let (code, queue) = crm.ask("GET", "/queue", "mia manager", "").await;
        assert_eq!((code, &queue["proposals"][0]["subject"]), (200, &json!("c1")), "{queue}");
        let number = &queue["proposals"][0]["proposal"];
        let approve = json!({ "command": "approve", "customer": "c1", "proposal": number, "reason": "seen",
            "time": "2026-01-10T09:00:00Z" });
        let (code, refused) = crm.ask("POST", "/commands", "joe agent", &approve.to_string()).await;
        assert_eq!(code, 403, "{refused}");
        let (code, approved) = crm.ask("POST", "/commands", "mia manager", &approve.to_string()).await;
        assert_eq!((code, &approved["decisions"][0]["kind"]), (200, &json!("approved")), "{approved}");
        assert_eq!(crm.permit("email", "2026-01-10T09:00:01Z").await, "denied");

        // A release for an hour, that ends to the second.
        let suspend = r#"{"command":"suspend","customer":"c1","list":"blacklist","for":"1h","reason":"a call","time":"2026-01-11T10:00:00Z"}"#;
        let (code, body) = crm.ask("POST", "/commands", "mia manager", suspend).await;
        assert_eq!(code, 200, "{body}");
        assert_eq!(crm.permit("sms", "2026-01-11T10:59:59.999999Z").await, "allowed");
        assert_eq!(crm.permit("sms", "2026-01-11T11:00:00Z").await, "denied");

        // Who looks is on record, and nobody looks without a name.
        assert_eq!(crm.ask("GET", "/customers/c1", "", "").await.0, 401);
        let (code, status) = crm.ask("GET", "/customers/c1", "mia manager", "").await;
        assert_eq!((code, &status["entries"][0]["list"]), (200, &json!("blacklist")), "{status}");

        // Another process opens the file: everything is there, and the audit log is whole.
        let ledger = open(&crm.folder);
        let mut log = Vec::new();
        ledger.export_audit(&mut log).unwrap();
        tagwarden_store::verify(&log[..]).unwrap();
        let log = String::from_utf8(log).unwrap();
        assert!(log.contains(r#""kind":"view""#) && log.contains(r#""actor":"mia""#));
        assert!(!log.contains("a scam"), "private");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn messages_that_went_out_are_counted() {
        let crm = Service::start().await;
        let add = r#"{"command":"list","customer":"c1","list":"blacklist","level":3,"reason":"asked for less","time":"2026-01-05T08:00:00Z"}"#;
        let (code, body) = crm.ask("POST", "/commands", "mia manager", add).await;
        assert_eq!(code, 200, "{body}");
        for (at, left) in [("2026-01-05T09:00:00Z", 2), ("2026-01-05T10:00:00Z", 1)] {
            let asked = format!("customer=c1&channel=sms&at={at}");
            let (_, permit) = crm.ask("GET", &format!("/may-contact?{asked}"), "", "").await;
            assert_eq!(permit, json!({ "permit": "limited", "left": left, "list": "blacklist" }));
            let (code, noted) = crm.ask("POST", &format!("/contacted?{asked}"), "", "").await;
            assert_eq!((code, noted), (200, json!({ "noted": "sms" })));
        }
        assert_eq!(crm.permit("sms", "2026-01-05T11:00:00Z").await, "denied");
        assert_eq!(crm.permit("sms", "2026-01-06T09:00:00Z").await, "limited");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_wrong_is_said() {
        let crm = Service::start().await;
        let (code, body) = crm.ask("POST", "/events", "", "{\"type\":\"mesage\"}").await;
        assert!(code == 400 && body["error"].as_str().unwrap().contains("message"), "{body}");
        let command = r#"{"command":"forget","time":0,"actor":"me","reason":"x","customer":"c1"}"#;
        assert_eq!(crm.ask("POST", "/events", "", command).await.0, 400);
        assert_eq!(crm.ask("POST", "/commands", "", command).await.0, 401);
        assert_eq!(crm.ask("GET", "/may-contact?customer=c1&channel=sms&at=soon", "", "").await.0, 400);
    }
}
