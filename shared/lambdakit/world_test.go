package lambdakit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/citizen"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/desk"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/escalate"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/intake"
	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/meta"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/webhook"
)

const appSecret = "secreto-ficticio"

// outside is everything beyond our functions; it takes deliveries and refuses everything else.
type outside struct{ inbox []string }

func (o *outside) Put(_ context.Context, delivery string) error {
	o.inbox = append(o.inbox, delivery)
	return nil
}

func (o *outside) Send(context.Context, post.Outgoing) (post.Receipt, error) {
	return post.Receipt{}, fault.New(fault.Uncertain, "test", errors.New("no answer"))
}

func (o *outside) Act(context.Context, post.Act) (post.Receipt, error) {
	return post.Receipt{}, fault.New(fault.Uncertain, "test", errors.New("no answer"))
}

func (o *outside) Find(context.Context, post.Outgoing, time.Time) (string, bool, error) {
	return "", false, fault.New(fault.Transient, "test", errors.New("down"))
}

func (o *outside) Reason(error) string { return "unknown_outcome" }

type siac struct{}

func (siac) File(context.Context, escalate.Case) (string, error) {
	return "", fault.New(fault.Permanent, "test", errors.New("status 422"))
}

func (siac) Find(context.Context, string) (string, bool, error) { return "", false, nil }

// everywhere is all our functions in one process, with one log.
type everywhere struct {
	*testing.T
	kit     *lambdakit.Kit
	book    *logbook
	outside *outside
	store   *dynamo.Store
	webhook func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)
	desk    func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)
	intake  func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	deliver func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	siac    func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
}

func newEverywhere(t *testing.T) *everywhere {
	days, err := calendar.Load()
	if err != nil {
		t.Fatal(err)
	}
	citizens, err := citizen.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	e := engine.Start(t)
	work, bitacora := e.Tables(t)
	w := &everywhere{T: t, outside: &outside{}}
	w.kit, w.book = newKit()
	w.store = dynamo.New(dynamo.Config{Client: e.Client, Table: work, Bitacora: bitacora, Clock: noon})
	secret := func(context.Context) (meta.AppSecret, error) { return meta.AppSecret{AppSecret: appSecret}, nil }
	w.webhook = w.kit.HTTP("webhook", webhook.New(webhook.Config{
		Networks: map[mention.Network]webhook.Verifier{mention.Facebook: meta.NewInbound(secret)}, Inbox: w.outside, Arrived: lambdakit.At,
	}))
	worker := intake.New(intake.Config{
		Store: w.store, Replies: w.store, Channels: w.store, Calendar: days, Classifier: still{classify.New()}, Citizens: citizens,
		Policy: ticket.DefaultPolicy(), Decode: map[mention.Network]func([]byte, mention.Accounts) []mention.Event{mention.Facebook: meta.Decode},
		Entropy: func() (e [10]byte) { copy(e[:], strconv.Itoa(len(w.book.text()))); return e },
		Count:   w.kit.CountEvent,
	})
	handle := func(f func(context.Context, time.Time, string) error) func(context.Context, time.Time, lambdakit.Message) error {
		return func(_ context.Context, now time.Time, m lambdakit.Message) error { return f(t.Context(), now, m.Body) }
	}
	half := func() float64 { return 0.5 }
	w.intake = w.kit.Parallel("delivery", 1, handle(worker.Handle))
	w.deliver = w.kit.Queue("reply", handle(deliver.New(deliver.Config{
		Open:  func(_ context.Context, id string) (string, error) { return id, nil },
		Store: w.store, Platforms: map[mention.Network]deliver.Platform{mention.Facebook: w.outside}, Jitter: half,
	}).Handle))
	w.siac = w.kit.Queue("filing", handle(escalate.New(escalate.Config{Store: w.store, Filer: siac{}, Jitter: half}).Handle))
	w.desk = w.kit.HTTP("desk", desk.New(desk.Config{
		Cases: w.store, Feeds: w.store, Finder: w.store, Calendar: days, Policy: ticket.DefaultPolicy(), Console: http.NotFoundHandler(),
		Arrived: lambdakit.At, Claims: lambdakit.Claims, Log: slog.New(slog.NewJSONHandler(w.book, nil)),
	}))
	return w
}

// bodies are all samples, and made-up people who say what nobody should read in a log.
func bodies(t *testing.T) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../../events/facebook/*.json")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	var all [][]byte
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw)
	}
	for n, words := range []string{
		"Mi RUT es 11.111.111-1 y mi correo persona.ficticia@ejemplo.cl, llevo tres meses esperando el pago y nadie responde",
		"Quiero denunciar que el OTEC Ficticio me cobró por el curso gratuito, es un fraude",
		"¿Cuándo abren las postulaciones? Mi fono es +56 9 1234 5678",
	} {
		all = append(all, []byte(fmt.Sprintf(`{"object":"page","entry":[{"id":"100000000000001","time":1795445000,"changes":[{"field":"feed","value":`+
			`{"item":"comment","verb":"add","comment_id":"7777777_%06d","post_id":"100000000000001_7777777","created_time":1795445000,`+
			`"message":%q,"from":{"id":"8877665544332211%d","name":"Persona Ficticia Rojas %d"}}}]}]}`, n, words, n, n)))
	}
	return append(all, []byte(`{"object":"page","entry":[{"id":"1","changes":"palabras sin sentido"}]}`), []byte(`palabras que no son JSON`))
}

// words collects every text, name and id of a body.
func words(tree any, under string, into map[string]bool) {
	switch v := tree.(type) {
	case map[string]any:
		for name, value := range v {
			words(value, name, into)
		}
	case []any:
		for _, value := range v {
			words(value, under, into)
		}
	case string, json.Number:
		switch under {
		case "object", "field", "item", "verb", "type", "time", "created_time", "timestamp", "reaction_type", "reaction", "action", "recommendation_type", "source", "status_type":
			return // codes and instants of the network
		}
		if text := fmt.Sprint(v); len(text) > 4 {
			into[text] = true
		}
	}
}

// A world of samples goes through every function, is answered, filed and refused: no line of the log has a word, a name
// or an id of it.
func TestLog_CarriesNothingOfTheSamples(t *testing.T) {
	w := newEverywhere(t)
	secret := map[string]bool{}
	for n, body := range bodies(t) {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var tree any
		if decoder.Decode(&tree) == nil {
			words(tree, "", secret)
		}
		for _, signature := range []string{meta.Sign(body, appSecret), "sha256=malo"} {
			w.ask(w.webhook, gateway("POST", "/webhooks/facebook", func(in *events.APIGatewayV2HTTPRequest) {
				in.Body, in.Headers["x-hub-signature-256"] = string(body), signature
				in.RequestContext.RequestID = "peticion-" + strconv.Itoa(n)
			}))
		}
	}
	for _, delivery := range append(w.outside.inbox, `{"v":1,"palabras":"sueltas"`) {
		m := queued("mensaje", "", 1)
		m.Body = delivery
		if _, err := w.intake(invoked(t, noon()), sqsEvent(m)); err != nil {
			t.Fatal(err)
		}
	}
	ids := w.work()
	if len(ids) < 5 {
		t.Fatalf("%d cases of the samples: the world is empty", len(ids))
	}
	delete(secret, "message_id") // stands for an id in one sample, and names an attribute of ours
	if len(secret) < 60 {
		t.Fatalf("%d words to look for", len(secret))
	}
	var said strings.Builder
	for _, line := range w.book.lines(t) {
		delete(line, slog.TimeKey) // its digits are anybody's
		fmt.Fprintln(&said, line)
	}
	log := said.String()
	for word := range secret {
		if strings.Contains(log, word) {
			t.Errorf("the log says %q", word)
		}
	}
	for _, word := range append(ids, "ficticia", "Ficticia", "11.111.111", "palabras", "RS-2026-", "Hola. Ya") {
		if strings.Contains(log, word) {
			t.Errorf("the log says %q", word)
		}
	}
	if lines := w.book.lines(t); len(lines) < 100 {
		t.Errorf("only %d lines were logged", len(lines))
	}
}

func (w *everywhere) ask(f func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error), in events.APIGatewayV2HTTPRequest) {
	w.Helper()
	if _, err := f(w.Context(), in); err != nil {
		w.Fatal(err)
	}
}

// work answers and files every case, looks at it through the API as people would, and gives the cases' ids.
func (w *everywhere) work() []string {
	w.Helper()
	rows, _, err := w.store.List(w.Context(), ticket.Query{View: ticket.ViewWaiting, Limit: 200})
	if err != nil {
		w.Fatal(err)
	}
	ana := ticket.Actor{ID: "ejecutivo1", Name: "Ana Ficticia", Roles: []ticket.Role{ticket.CommunityManager, ticket.Supervisor}}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.ID)
		t, err := w.store.Ticket(w.Context(), row.ID)
		if err != nil {
			w.Fatal(err)
		}
		c, err := t.Claim(ana, noon())
		w.must(c, err)
		if c, err = c.Ticket.PlanReply(ana, "Hola. Ya lo vemos.", post.Public, noon(), noon()); err == nil {
			w.must(c, nil)
		}
		for _, path := range []string{"/api/v1/tickets/" + row.ID, "/api/v1/tickets/nadie"} {
			w.ask(w.desk, gateway("GET", path, asAna))
		}
		w.ask(w.desk, gateway("GET", "/api/v1/tickets", asAna, func(in *events.APIGatewayV2HTTPRequest) {
			in.RawQueryString = "q=" + row.Number + "&limit=palabras"
		}))
		w.ask(w.desk, gateway("POST", "/api/v1/tickets/"+row.ID+"/reply", asAna, func(in *events.APIGatewayV2HTTPRequest) {
			in.Body = `{"version":99,"text":"Hola. Ya lo vemos, persona.ficticia@ejemplo.cl"}`
			in.Headers["idempotency-key"] = "clave"
		}))
	}
	due, err := w.store.Due(w.Context(), noon().AddDate(1, 0, 0), 0)
	if err != nil || len(due) == 0 {
		w.Fatalf("%d messages to work, %v", len(due), err)
	}
	for _, m := range due {
		body, err := json.Marshal(m)
		if err != nil {
			w.Fatal(err)
		}
		one := queued("mensaje", m.Ticket, 1)
		one.Body, one.Attributes["MessageGroupId"] = string(body), m.Group
		work := w.deliver
		if m.Topic == outbox.File {
			work = w.siac
		}
		if _, err := work(invoked(w.T, noon()), sqsEvent(one)); err != nil {
			w.Fatal(err)
		}
	}
	return ids
}

func (w *everywhere) must(c ticket.Change, err error) {
	w.Helper()
	if err == nil {
		err = w.store.Commit(w.Context(), c)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// asAna signs a request in as the gateway would.
func asAna(in *events.APIGatewayV2HTTPRequest) {
	in.RouteKey = "ANY /api/v1/{proxy+}"
	in.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{
			Claims: map[string]string{"sub": "ejecutivo1", "name": "Ana Ficticia", "cognito:groups": "[community_manager]"},
		},
	}
}

// still is a classifier whose model nobody changes.
type still struct{ *classify.Classifier }

func (still) Refresh(context.Context, time.Time) {}
