package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/desk"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// shelf is a library of a few files.
type shelf map[string]post.File

func (s shelf) File(_ context.Context, id string) (post.File, bool, error) {
	f, found := s[id]
	return f, found, nil
}

func library() shelf {
	return shelf{"foto": {Kind: post.Image, Type: "image/jpeg", Size: 200_000, Width: 1080, Height: 1080}}
}

var _ desk.Files = shelf{}

// Plan reads a post as it is, or without who had a hand in it.
func (s *store) Plan(ctx context.Context, id string) (agenda.Plan, error) {
	p, err := s.Store.Plan(ctx, id)
	if s.blind {
		p.Post.Hands = nil
	}
	return p, err
}

// connected gives us an account on Facebook and one on X.
func (w *world) connected() *world {
	w.Helper()
	for _, ref := range []channel.Ref{{Network: mention.Facebook, Account: page}, {Network: mention.X, Account: "55"}} {
		c := channel.Channel{Ref: ref, State: channel.Working, ConnectedAt: w.clock().Add(-time.Hour), Rev: 1}
		if err := w.store.Commit(context.WithoutCancel(w.Context()), ticket.Change{Channel: &c}); err != nil {
			w.Fatal(err)
		}
	}
	return w
}

// entry is a post as the tests look at it.
type entry struct {
	ID, State, Text, Link, Series, Campaign, Reason string
	Version, Place, Of                              int
	Networks                                        []mention.Network
	Variants                                        map[mention.Network]post.Variant
	Media                                           []post.Attached
	PublishAt                                       struct {
		Now               bool
		At                time.Time
		Local, Zone, Note string
		Later             bool
	}
	Author   struct{ ID string }
	Approval *struct {
		By        string
		Emergency bool
	}
	Targets  map[string]struct{ State, Account, Reason, URL string }
	Findings []post.Finding
	May      map[string]ticket.Option
	Applied  *struct {
		Changed int
		Skipped []struct{ ID, Why string }
	}
	Events []struct{ Kind, Actor string }
}

// objection is a refusal about a post.
type objection struct {
	Campo, Motivo, Detail string
	Post                  *entry
	Findings              []post.Finding
}

// write asks for a write on posts.
func (w *world) write(method, path, user string, fields map[string]any) answer {
	w.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		w.Fatal(err)
	}
	return w.ask(method, path, user, string(raw), "Idempotency-Key", w.key())
}

// wrote is a write that nothing may refuse.
func (w *world) wrote(method, path, user string, fields map[string]any) entry {
	w.Helper()
	a := w.write(method, path, user, fields)
	if a.status >= 300 {
		w.Fatalf("%s %s of %s: %d %s", method, path, user, a.status, a.body)
	}
	return read[entry](w, a)
}

func says(more map[string]any) map[string]any {
	out := map[string]any{"text": "Postula a los cursos gratuitos.", "networks": []string{"facebook", "x"}, "publishAt": "2026-12-01T12:00:00Z"}
	for name, value := range more {
		out[name] = value
	}
	return out
}

func (w *world) drafted(user string, more map[string]any) entry {
	w.Helper()
	return w.wrote("POST", "/api/v1/posts", user, says(more))
}

func (w *world) done(user, id, act string, fields map[string]any) entry {
	w.Helper()
	return w.wrote("POST", "/api/v1/posts/"+id+"/"+act, user, fields)
}

func (w *world) seen(id string) entry {
	w.Helper()
	return read[entry](w, w.ask("GET", "/api/v1/posts/"+id, "auditor", ""))
}

// errDown is a store that does not answer.
var errDown = fault.New(fault.Transient, "test", errors.New("down"))

func must(w *world, id string, decide func(agenda.Plan) (ticket.Change, error)) ticket.Change {
	w.Helper()
	p, err := w.store.Store.Plan(context.Background(), id)
	if err != nil {
		w.Fatal(err)
	}
	c, err := decide(p)
	if err != nil {
		w.Fatal(err)
	}
	return c
}
