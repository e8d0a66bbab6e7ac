// Package desk is the API and the console of the people who answer: lists, cases, what may be done with them, and what
// changed since.
package desk

import (
	"context"
	_ "embed"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Cases is the store as the work on cases needs it.
type Cases interface {
	Story(ctx context.Context, id string) (ticket.Story, error)
	List(ctx context.Context, q ticket.Query) (rows []ticket.Row, next string, err error)
	History(ctx context.Context, id string) (History, error)
	Answer(ctx context.Context, clickKey string) (ticket.Click, bool, error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Feeds is the store as the lists that are not cases need it.
type Feeds interface {
	Changes(ctx context.Context, who ticket.Reach, since string) (items []ticket.ChangeRow, cursor string, err error)
	Attention(ctx context.Context, who ticket.Reach, cursor string, limit int) (items []ticket.Attention, next string, err error)
	Reached(ctx context.Context, who ticket.Reach, ids []string) (map[string]bool, error)
	Quarantined(ctx context.Context, cursor string, limit int) (items []ticket.Quarantined, next string, err error)
	Unfinished(ctx context.Context, before time.Time, limit int) ([]outbox.Message, error)
}

// Finder finds a case by a name people use.
type Finder interface {
	Number(ctx context.Context, number string) (id string, found bool, err error)
	Folio(ctx context.Context, folio string) (id string, found bool, err error)
	Seen(ctx context.Context, n mention.Network, key string) (ticket.Seen, bool, error)
}

// Calendar knows the terms.
type Calendar interface {
	Due(from time.Time, days int) (calendar.Date, error)
	EndOf(d calendar.Date) time.Time
	BusinessLeft(now time.Time, due calendar.Date) (int, error)
	DateOf(instant time.Time, zone *time.Location) calendar.Date
	AddBusinessHours(from time.Time, hours int) (time.Time, error)
}

// Classifier proposes what a mention asks for, by the model of the moment; Refresh lets it look which one that is.
type Classifier interface {
	Refresh(ctx context.Context, now time.Time)
	Classify(in classify.Input) classify.Result
}

// Login is what the console must know to let people in: the OIDC issuer, and the client registered with it.
type Login struct {
	Issuer   string `json:"issuer"`
	ClientID string `json:"clientId"`
}

// Config is what the desk needs. Accounts are those of ours that the installation names; Home is where people open the
// console, without final slash; DailyMicros is what a day of an account that is billed may cost, in millionths of a US dollar
// (0: no limit); Files knows the library, and Days the days on which less goes out;
// Word makes a new random name, and Entropy the random part of a new case's id. Arrived tells when the gateway took a request and Claims what its authorizer
// verified; Console serves the pages.
type Config struct {
	Cases       Cases
	Feedback    Feedback
	Feeds       Feeds
	Finder      Finder
	Channels    Channels
	Sealer      Sealer
	Media       Media
	Library     Library
	Models      Models
	Plans       Plans
	Campaigns   Campaigns
	Files       Files
	Days        post.SpecialDays
	Linter      *post.Linter
	Calendar    Calendar
	Classifier  Classifier
	Policy      ticket.Policy
	Accounts    mention.Accounts
	Home        string
	DailyMicros int64
	Word        func() string
	Entropy     func() [10]byte
	Login       Login
	Console     http.Handler
	Arrived     func(context.Context) time.Time
	Claims      func(context.Context) map[string]string
	Log         *slog.Logger
}

// Desk answers the API.
type Desk struct {
	cfg Config
	mux *http.ServeMux
}

// Route is one operation of the API: Method and Path as http.ServeMux and the OpenAPI document write them.
type Route struct {
	Method, Path string
	handle       func(*Desk, http.ResponseWriter, *http.Request)
}

// Routes lists every operation; the OpenAPI document names exactly these.
func Routes() []Route {
	return []Route{
		{"GET", specification, (*Desk).openapi},
		{"GET", "/api/v1/me", (*Desk).me},
		{"GET", "/api/v1/tickets", (*Desk).list},
		{"GET", "/api/v1/tickets/{id}", (*Desk).get},
		{"POST", "/api/v1/tickets", (*Desk).capture},
		{"POST", "/api/v1/tickets/{id}/{action}", (*Desk).act},
		{"GET", "/api/v1/rules", (*Desk).rules},
		{"GET", "/api/v1/changes", (*Desk).changes},
		{"GET", "/api/v1/quarantine", (*Desk).quarantine},
		{"GET", "/api/v1/attention", (*Desk).attention},
		{"GET", "/api/v1/tickets/{id}/media/{n}", (*Desk).media},
		{"POST", "/api/v1/media", (*Desk).upload},
		{"GET", "/api/v1/library", (*Desk).library},
		{"POST", "/api/v1/library", (*Desk).addFile},
		{"POST", "/api/v1/library/uploads", (*Desk).announce},
		{"POST", "/api/v1/library/uploads/{id}/done", (*Desk).arrived},
		{"GET", "/api/v1/library/{id}", (*Desk).libraryFile},
		{"PATCH", "/api/v1/library/{id}", (*Desk).describeFile},
		{"DELETE", "/api/v1/library/{id}", (*Desk).removeFile},
		{"GET", "/api/v1/library/{id}/content", (*Desk).fileContent},
		{"GET", "/api/v1/channels", (*Desk).channels},
		{"POST", "/api/v1/channels/{network}/connect", (*Desk).connect},
		{"POST", "/api/v1/channels/{network}/{account}/{action}", (*Desk).actChannel},
		{"GET", "/api/v1/connections/{id}", (*Desk).connection},
		{"POST", "/api/v1/connections/{id}/choose", (*Desk).choose},
		{"GET", "/api/v1/posts", (*Desk).listPosts},
		{"POST", "/api/v1/posts", (*Desk).createPost},
		{"GET", "/api/v1/posts/{id}", (*Desk).getPost},
		{"PATCH", "/api/v1/posts/{id}", (*Desk).patchPost},
		{"DELETE", "/api/v1/posts/{id}", (*Desk).deletePost},
		{"POST", "/api/v1/posts/{id}/{action}", (*Desk).actPost},
		{"POST", "/api/v1/posts/check", (*Desk).checkPost},
		{"GET", "/api/v1/posts/slots", (*Desk).slots},
		{"GET", "/api/v1/posts/days", (*Desk).days},
		{"GET", "/api/v1/templates", (*Desk).templates},
		{"GET", "/api/v1/labelling", (*Desk).labelling},
		{"POST", "/api/v1/labelling/{mention}", (*Desk).label},
		{"POST", "/api/v1/labelling/{mention}/undo", (*Desk).unlabel},
		{"GET", "/api/v1/reports/{name}", (*Desk).report},
		{"GET", "/api/v1/campaigns", (*Desk).listCampaigns},
		{"POST", "/api/v1/campaigns", (*Desk).createCampaign},
		{"GET", "/api/v1/campaigns/{id}", (*Desk).getCampaign},
		{"PATCH", "/api/v1/campaigns/{id}", (*Desk).patchCampaign},
		{"POST", "/api/v1/campaigns/{id}/{action}", (*Desk).actCampaign},
		{"GET", "/api/v1/models", (*Desk).models},
		{"POST", "/api/v1/models", (*Desk).addModel},
		{"POST", "/api/v1/models/{action}", (*Desk).actModel},
		{"GET", callbackPath, (*Desk).callback},
		{"GET", "/healthz", (*Desk).health},
		{"GET", "/config.json", (*Desk).login},
	}
}

// New makes the desk.
func New(cfg Config) *Desk {
	switch {
	case cfg.Files != nil:
	case cfg.Library.Files != nil:
		cfg.Files = facts{cfg.Library.Files}
	default:
		cfg.Files = noFiles{}
	}
	d := &Desk{cfg: cfg, mux: http.NewServeMux()}
	for _, r := range Routes() {
		d.mux.HandleFunc(r.Method+" "+r.Path, func(w http.ResponseWriter, req *http.Request) { r.handle(d, w, req) })
	}
	d.mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		d.problem(w, problem{Status: http.StatusNotFound, Title: "No existe", Detail: "Esa dirección de la API no existe."})
	})
	d.mux.Handle("/", cfg.Console)
	return d
}

// ServeHTTP answers one request. Nothing under /api may be kept by a cache between us and the person.
//
// The gateway asks for a token by its own reading of the path. Whatever it and the mux make of escapes, dots and doubled
// slashes, an address that means something under /api answers nobody without a verified token.
func (d *Desk) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	if guarded(req.URL) {
		w.Header().Set(nowHeader, d.cfg.Arrived(req.Context()).UTC().Format(time.RFC3339Nano))
		if _, err := d.caller(req); err != nil {
			d.fail(w, req, err, nil)
			return
		}
	}
	d.mux.ServeHTTP(w, req)
}

// nowHeader tells the instant by which a request is answered: who counts down must not count by a clock of their own. It is
// no part of the body, because the remembered answer to a repeated write would tell an old one.
const nowHeader = "Gestor-Now"

// specification is the one address under /api that is for everybody.
const specification = "/api/v1/openapi.json"

// guarded reports whether the address, once decoded and tidied, lies under /api.
func guarded(u *url.URL) bool {
	if u.EscapedPath() == specification {
		return false
	}
	tidy := path.Clean("/" + u.Path)
	return tidy == "/api" || strings.HasPrefix(tidy, "/api/")
}

//go:embed openapi.json
var document []byte

func (d *Desk) openapi(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(document)
}

func (d *Desk) login(w http.ResponseWriter, _ *http.Request) { d.json(w, http.StatusOK, d.cfg.Login) }
