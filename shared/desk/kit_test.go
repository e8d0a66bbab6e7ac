package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/desk"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/picture"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) } // a Monday, noon in Santiago

// roles are the people of the desk (contract.md §3).
func roles() map[string]ticket.Role {
	return map[string]ticket.Role{
		"ejecutivo1": ticket.CommunityManager, "ejecutivo2": ticket.CommunityManager, "supervisor": ticket.Supervisor,
		"siac": ticket.AnalistaSIAC, "oirs": ticket.OIRSRegional, "comunicaciones": ticket.Comunicaciones, "jefatura": ticket.JefaturaUnidad,
		"denuncias": ticket.EncargadoDenuncia, "datos": ticket.DatosPersonales, "ti": ticket.TIAdmin, "auditor": ticket.Auditor,
		"programa": ticket.LectorPrograma,
	}
}

func actor(user string) ticket.Actor {
	return ticket.Actor{ID: user, Name: "Persona " + user, Roles: []ticket.Role{roles()[user]}}
}

// store is the real store; down makes every call fail with what it says.
type store struct {
	*dynamo.Store
	blind  bool // a plan is read without who had a hand in it
	loose  bool // an edit takes back no approval
	mu     sync.Mutex
	down   error
	before func(ticket.Change) error
	short  bool // a list with a filter looks at nothing and says that there is more
}

func (s *store) List(ctx context.Context, q ticket.Query) (rows []ticket.Row, next string, err error) {
	if s.short && q.Match != nil {
		return nil, "más", nil
	}
	return s.Store.List(ctx, q)
}

func (s *store) broken() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

func (s *store) Story(ctx context.Context, id string) (ticket.Story, error) {
	if err := s.broken(); err != nil {
		return ticket.Story{}, err
	}
	return s.Store.Story(ctx, id)
}

func (s *store) Unfinished(ctx context.Context, before time.Time, limit int) ([]outbox.Message, error) {
	if err := s.broken(); err != nil {
		return nil, err
	}
	return s.Store.Unfinished(ctx, before, limit)
}

func (s *store) Commit(ctx context.Context, c ticket.Change) error {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before != nil {
		if err := before(c); err != nil {
			return err
		}
	}
	return s.Store.Commit(ctx, s.keptApproval(ctx, c))
}

func (s *store) set(before func(ticket.Change) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = before
}

type claimed struct{}

type world struct {
	*testing.T
	store  *store
	files  *files
	depot  *depot
	rack   *rack
	server *httptest.Server
	spec   *document
	log    *bytes.Buffer

	mu   sync.Mutex
	now  time.Time
	made int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	almanac, err := calendar.LoadAlmanac(calendar.Period{
		Kind: calendar.Pausa, Name: "Pausa de prueba", From: calendar.Date{Year: 2026, Month: 12, Day: 7}, To: calendar.Date{Year: 2026, Month: 12, Day: 7}, Blocks: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	linter, err := post.NewLinter()
	if err != nil {
		t.Fatal(err)
	}
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	w := &world{T: t, now: noon(), log: &bytes.Buffer{}, files: &files{held: map[string]string{}}, depot: &depot{held: map[string][]byte{}}, rack: &rack{held: map[string][]byte{}}}
	w.store = &store{Store: dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: w.clock})}
	d := desk.New(desk.Config{
		Cases: w.store, Feedback: w.store, Feeds: w.store, Finder: w.store, Channels: w.store, Sealer: sealer{}, Media: w.files, Calendar: almanac.Calendar, Policy: ticket.DefaultPolicy(),
		Library: desk.Library{Files: w.store, Bytes: w.depot, Links: w.depot, Uses: w.depot, Look: picture.Look},
		Models:  desk.Models{Register: w.store, Bytes: w.rack},
		Plans:   w.store, Campaigns: w.store, Files: library(), Days: almanac, Linter: linter,
		Accounts: mention.Accounts{mention.Facebook: {page}, mention.LinkedIn: {"urn:li:organization:2414183"}},
		Home:     "https://gestor.example", DailyMicros: 5_000_000, Word: func() string { return "estado" + w.key()[len("clave-"):] },
		Classifier: still{classify.New()}, Entropy: func() (e [10]byte) { copy(e[:], w.key()); return e },
		Login:   desk.Login{Issuer: "https://emisor.example", ClientID: "cliente"},
		Console: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "<!doctype html>consola") }),
		Arrived: func(context.Context) time.Time { return w.clock() },
		Claims: func(ctx context.Context) map[string]string {
			c, _ := ctx.Value(claimed{}).(map[string]string)
			return c
		},
		Log: slog.New(slog.NewJSONHandler(w.log, nil)),
	})
	// The gateway's authorizer, played by a header that names the user.
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if user := req.Header.Get("X-Test-User"); user != "" {
			req = req.WithContext(context.WithValue(req.Context(), claimed{}, map[string]string{
				"sub": user, "name": "Persona " + user, "cognito:groups": "[" + string(roles()[user]) + "]",
			}))
		}
		d.ServeHTTP(rw, req)
	}))
	t.Cleanup(w.server.Close)
	w.spec = readDocument(t, w.fetch("GET", "/api/v1/openapi.json", "", "").body)
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// answer is what came back, unread.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// fetch asks without looking at the answer. With a body it is a write.
func (w *world) fetch(method, path, user, body string, headers ...string) answer {
	w.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(w.Context()), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if user != "" {
		req.Header.Set("X-Test-User", user)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := *w.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, raw}
}

// ask asks, and holds the answer against the document.
func (w *world) ask(method, path, user, body string, headers ...string) answer {
	w.Helper()
	a := w.fetch(method, path, user, body, headers...)
	w.spec.check(w.T, method, path, a)
	return a
}

// key makes a new Idempotency-Key.
func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made++
	return fmt.Sprintf("clave-%d", w.made)
}

// act asks for an action on the case as the user sees it now.
func (w *world) act(user, id, action string, fields map[string]any) answer {
	w.Helper()
	body := map[string]any{"version": w.ticket(id).Version}
	for name, value := range fields {
		body[name] = value
	}
	raw, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	return w.ask("POST", "/api/v1/tickets/"+id+"/"+action, user, string(raw), "Idempotency-Key", w.key())
}

// view is the part of a case the tests look at.
type view struct {
	ID, Number, State, Assignee string
	Version, MentionCount       int
	Masked                      bool
	SIAC                        struct{ State, Folio, Reason string }
	Intent                      struct{ Final string }
	Mentions                    []struct{ ID, Text string }
	Replies                     []struct{ ID, Text, State string }
	May                         map[string]ticket.Option
	Events                      []struct{ Kind string }
	DaysLeft                    *int
}

// refusal is the part of a problem the tests look at.
type refusal struct {
	Status                       int
	Title, Detail, Campo, Motivo string
	Ticket                       *view
}

func read[T any](w *world, a answer) T {
	w.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		w.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return v
}

// list is one page.
type list struct {
	Items []view
	Next  string
}

func (l list) ids() []string {
	var ids []string
	for _, v := range l.Items {
		ids = append(ids, v.ID)
	}
	return ids
}

func (w *world) ticket(id string) ticket.Ticket {
	w.Helper()
	t, err := w.store.Ticket(context.WithoutCancel(w.Context()), id)
	if err != nil {
		w.Fatal(err)
	}
	return t
}

// must commits a step that nothing may refuse.
func (w *world) must(c ticket.Change, err error) ticket.Ticket {
	w.Helper()
	if err == nil {
		err = w.store.Store.Commit(context.WithoutCancel(w.Context()), c)
	}
	if err != nil {
		w.Fatal(err)
	}
	return *c.Ticket
}

// page is our account on Facebook.
const page = "100000000000001"

// sealer seals so that a test can look into it.
type sealer struct{}

func (sealer) Seal(_ context.Context, about string, plain []byte) (string, error) {
	if bytes.Contains(plain, []byte("indigerible")) {
		return "", errors.New("no seal")
	}
	return "sellado(" + about + "," + string(plain) + ")", nil
}

// personal is what a citizen should not have written in public.
const personal = "Mi RUT es 11.111.111-1. ¿Cuándo pagan?"

// open opens a case of the class, an hour old.
func (w *world) open(class classify.Intent, with ...func(*ticket.Opening)) ticket.Ticket {
	w.Helper()
	w.mu.Lock()
	w.made++
	n := w.made
	w.mu.Unlock()
	in := ticket.Opening{
		ID: fmt.Sprintf("01TICKET%018d", n), Number: fmt.Sprintf("RS-2026-%07d-1", n), Conversation: fmt.Sprintf("conv%d", n), CitizenKey: "clave",
		Event: mention.Event{
			Outcome: mention.Interaction, Network: mention.Facebook, Kind: mention.Comment, Key: fmt.Sprintf("7_%d", n), Thread: "7",
			Account: page, Text: personal, At: w.clock().Add(-time.Hour), Author: &mention.Author{Name: "Persona Ficticia", Aliases: []string{"@ficticia"}},
		},
		Class: classify.Result{
			Intent: class, Urgency: classify.Media, Topics: []string{"pagos"}, Set: []classify.Intent{class}, Model: "lineal-1",
			Probabilities: map[classify.Intent]float64{class: 0.99},
		},
		Excerpt: classify.Mask(personal), DueDate: "2026-12-22", DueAt: w.clock().AddDate(0, 1, 0), DoubtAt: w.clock().Add(4 * time.Hour), Now: w.clock(),
	}
	for _, f := range with {
		f(&in)
	}
	return w.must(ticket.Open(in, ticket.DefaultPolicy(), nil), nil)
}

// held opens a case that the user holds.
func (w *world) held(class classify.Intent, user string) ticket.Ticket {
	w.Helper()
	return w.must(w.open(class).Claim(actor(user), w.clock()))
}

// closed opens a case of somebody content and closes it, with its one text.
func (w *world) closed() ticket.Ticket {
	w.Helper()
	story, err := w.store.Story(context.WithoutCancel(w.Context()), w.open(classify.Felicitacion).ID)
	if err != nil {
		w.Fatal(err)
	}
	return w.must(story.Close(actor("supervisor"), "", w.clock()))
}

// answered opens a case that ejecutivo1 holds and answered, with nothing left to do.
func (w *world) answered(class classify.Intent) ticket.Ticket {
	w.Helper()
	return w.answeredBy(class, "ejecutivo1")
}

// answeredBy is answered by another user.
func (w *world) answeredBy(class classify.Intent, user string) ticket.Ticket {
	w.Helper()
	t := w.held(class, user)
	c, err := t.PlanReply(actor(user), "Hola.", post.Public, w.clock(), w.clock())
	t = w.must(c, err)
	t = w.must(t.ReplySentStep(c.Replies[0], c.Send[0].Ref(), "remoto-"+t.ID, w.clock(), w.clock()), nil)
	if t.SIAC.State == ticket.Pending {
		t = w.must(t.FiledStep(outbox.Ref{Ticket: t.ID, ID: t.SIAC.Message}, "F-"+t.Number, w.clock()), nil)
	}
	return t
}

// still is a classifier whose model nobody changes.
type still struct{ *classify.Classifier }

func (still) Refresh(context.Context, time.Time) {}
