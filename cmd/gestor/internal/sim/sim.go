// Package sim plays the world outside the local system: the five networks with their APIs and webhooks, SIAC and a
// mailbox, with faults on demand and pages on which a person can write as a fictitious citizen and see the answer.
//
// What it knows is an append-only journal on disk: killing everything must not make the world forget what was published
// in it, nor a delivery it still owes.
package sim

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
)

// DefaultPageID is the id of the simulated page of SENCE.
const DefaultPageID = "100000000000001"

// How the simulated networks know our applications unless the configuration says otherwise.
const (
	DefaultMetaAppID        = "1517776481860111"
	DefaultXClientID        = "local-x-client"
	DefaultXClientSecret    = "local-x-client-secret"
	DefaultXConsumerKey     = "local-x-consumer-key"
	DefaultLinkedInClientID = "local-linkedin-client"
)

// pageName is what the simulated page calls itself.
const pageName = "SENCE (simulado)"

// Config is what the simulated world needs from whoever starts it.
type Config struct {
	// Dir holds the journal; it is made if absent.
	Dir string
	// WebhookBase is the local system ("http://127.0.0.1:8080"): webhooks go to <base>/webhooks/{network}, SIAC's
	// callbacks to <base>/siac/callback.
	WebhookBase string
	// AppSecret gives the secret that signs webhooks and makes appsecret_proof, asked for at each use.
	AppSecret func() string
	// VerifyToken is the word of the webhook handshake.
	VerifyToken string
	// PageToken is the bearer token Graph accepts, SiacToken the one SIAC does.
	PageToken string
	SiacToken string
	// XConsumerSecret signs X's webhooks, LinkedInClientSecret LinkedIn's; empty means the local system's defaults.
	XConsumerSecret      string
	LinkedInClientSecret string
	// XToken and LinkedInToken are the bearer tokens their APIs accept; empty means any.
	XToken        string
	LinkedInToken string
	// MetaAppID, XClientID, XClientSecret, XConsumerKey and LinkedInClientID are how the networks know our applications when
	// a person connects an account; empty means the defaults below. The other secrets of the applications are those above.
	MetaAppID        string
	XClientID        string
	XClientSecret    string
	XConsumerKey     string
	LinkedInClientID string
	// SiacCallbackSecret signs SIAC's callbacks (contract §3).
	SiacCallbackSecret string
	// PageID is the simulated page; empty means DefaultPageID.
	PageID string
	// Base is where this simulator is reached ("http://127.0.0.1:8090"): its networks name it in what they send. Empty means
	// that nothing they send can be fetched.
	Base string
	// Clock is the local system's clock.
	Clock func() time.Time
	// Tick moves the local clock to an instant and runs everything due until then; nil takes the buttons away.
	Tick func(ctx context.Context, at time.Time) error
	// Client sends webhooks and callbacks; nil means a plain one.
	Client *http.Client
	// Log receives ids, states and counts, never what people wrote; nil means nothing is logged.
	Log *slog.Logger
}

// Simulator is the running world outside. Make it with New, serve Handler, and Close it before the server that serves
// it is shut down: requests held open by a fault end then.
type Simulator struct {
	cfg     Config
	cal     *calendar.Calendar
	pages   map[string]*template.Template
	handler http.Handler

	mu      sync.RWMutex
	world   *world
	journal *journal

	outbox  *dispatcher
	done    chan struct{}
	closing sync.Once
}

// New opens the journal in cfg.Dir, replays it, and starts delivering what is still owed. A journal that is damaged
// anywhere but at its torn end is an error that says at which line.
func New(cfg Config) (*Simulator, error) {
	cfg, err := completed(cfg)
	if err != nil {
		return nil, err
	}
	cal, err := calendar.Load()
	if err != nil {
		return nil, fmt.Errorf("sim: calendar: %w", err)
	}
	pages, err := parsePages(cal.Zone())
	if err != nil {
		return nil, err
	}
	s := &Simulator{cfg: cfg, cal: cal, pages: pages, world: newWorld(cfg.PageID, cfg.Base), done: make(chan struct{})}
	s.journal, err = openJournal(filepath.Join(cfg.Dir, "journal.jsonl"), s.world.replay)
	if err != nil {
		return nil, err
	}
	if err := s.commit(s.seed); err != nil {
		return nil, errors.Join(err, s.journal.close())
	}
	s.outbox = newDispatcher(s)
	s.handler = s.routes()
	s.outbox.start(s.world.owed())
	return s, nil
}

// Handler serves the simulated networks, SIAC, the mailbox, the controls and the pages.
func (s *Simulator) Handler() http.Handler { return s.handler }

// Close stops deliveries, lets go of requests held by a fault, and closes the journal. What is owed is delivered after
// the next New.
func (s *Simulator) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.done)
		s.outbox.stop()
		err = s.journal.close()
	})
	return err
}

func completed(cfg Config) (Config, error) {
	switch {
	case cfg.Dir == "":
		return cfg, errors.New("sim: Dir is required")
	case cfg.Clock == nil:
		return cfg, errors.New("sim: Clock is required")
	case cfg.AppSecret == nil:
		return cfg, errors.New("sim: AppSecret is required")
	}
	if cfg.PageID == "" {
		cfg.PageID = DefaultPageID
	}
	for field, value := range map[*string]string{
		&cfg.XConsumerSecret: "local-x-consumer-secret", &cfg.LinkedInClientSecret: "local-linkedin-client-secret",
		&cfg.MetaAppID: DefaultMetaAppID, &cfg.XClientID: DefaultXClientID, &cfg.XClientSecret: DefaultXClientSecret,
		&cfg.XConsumerKey: DefaultXConsumerKey, &cfg.LinkedInClientID: DefaultLinkedInClientID,
	} {
		if *field == "" {
			*field = value
		}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{}
	}
	// A network does not follow a redirect with somebody's message in its hands.
	client := *cfg.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cfg.Client = &client
	cfg.WebhookBase, cfg.Base = strings.TrimRight(cfg.WebhookBase, "/"), strings.TrimRight(cfg.Base, "/")
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return cfg, fmt.Errorf("sim: data folder: %w", err)
	}
	return cfg, nil
}

// tx is one commit being prepared: changes take effect in the world at once and reach the journal together.
type tx struct {
	w       *world
	now     time.Time
	changes []change
	relaxed bool // may be answered before it is on the disk: a killed process does not lose it, a power cut may
}

func (t *tx) add(c change) {
	t.w.apply(c)
	t.changes = append(t.changes, c)
}

// commit runs decide alone in the world and answers once what it added is on the disk. What decide added before it
// failed stays added: the draw of a fault counts although the request was refused.
func (s *Simulator) commit(decide func(t *tx) error) error {
	s.mu.Lock()
	t := &tx{w: s.world, now: s.cfg.Clock()}
	refused := decide(t)
	line, err := s.journal.append(t.changes)
	s.mu.Unlock()
	if err == nil && !t.relaxed {
		err = s.journal.sync(line)
	}
	if err != nil {
		s.cfg.Log.Error("journal_failed", slog.String("error", err.Error()))
		return fmt.Errorf("%w: %w", errJournal, err)
	}
	for _, c := range t.changes {
		if c.Queue != nil && s.outbox != nil {
			s.outbox.add(*c.Queue)
		}
	}
	return refused
}

// read runs look while nobody changes the world.
func (s *Simulator) read(look func(w *world)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	look(s.world)
}
