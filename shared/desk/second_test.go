package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// consent is what somebody let out, as the witness saw it: what each network would say.
type consent struct {
	by        string
	emergency bool
	pieces    map[mention.Network]post.Piece
}

// witness watches what the API does to posts and knows nothing of how it decides: who changed what a post says since it was first
// written, and who let it out as it is.
type witness struct {
	*world
	pick      func(n int) int
	ids       []string
	content   map[string]post.Content
	hands     map[string][]string
	consents  map[string][]consent
	asked     []request
	published int
	emergency int
	refused   int
}

// request is a write that can come again.
type request struct{ method, path, user, body, key string }

func one[T any](w *witness, of ...T) T { return of[w.pick(len(of))] }

func newWitness(w *world, pick func(n int) int) *witness {
	return &witness{world: w, pick: pick, content: map[string]post.Content{}, hands: map[string][]string{}, consents: map[string][]consent{}}
}

// run makes some steps and gives the first thing that was published without a second person's word.
func (w *witness) run(steps int) error {
	for range steps {
		if len(w.ids) == 0 {
			w.begin()
			continue
		}
		switch w.pick(12) {
		case 0:
			w.begin()
		case 1, 2, 3:
			w.change()
		case 4, 5, 6, 7:
			w.act()
		case 8: // what people do on most days
			id := one(w, w.ids...)
			w.as(one(w, "comunicaciones", "ejecutivo1"), "POST", "/api/v1/posts/"+id+"/submit", map[string]any{})
			w.as(one(w, "supervisor", "jefatura", "comunicaciones"), "POST", "/api/v1/posts/"+id+"/approve", map[string]any{})
		case 9:
			if len(w.asked) > 0 {
				w.send(one(w, w.asked...))
			}
		default:
			w.pass(one(w, time.Minute, time.Minute, 30*time.Minute, 2*time.Hour))
			if err := w.deliver(); err != nil {
				return err
			}
		}
	}
	w.pass(14 * 24 * time.Hour)
	return w.deliver()
}

func (w *witness) who() string {
	return one(w, "comunicaciones", "comunicaciones", "supervisor", "supervisor", "jefatura", "ejecutivo1", "ejecutivo2", "auditor", "siac")
}

func (w *witness) moment() any {
	switch w.pick(9) {
	case 0, 1:
		return map[string]any{"now": true}
	case 2:
		return nil
	default:
		return w.clock().Add(one(w, -time.Hour, time.Hour, time.Hour, 3*time.Hour, 3*time.Hour, 30*time.Hour)).Format(time.RFC3339)
	}
}

func (w *witness) words() string { return one(w, "Uno.", "Dos.", "Tres.", "Cuatro.") }

func (w *witness) begin() {
	body := map[string]any{"text": w.words(), "networks": one(w, []string{"x"}, []string{"facebook", "x"}, []string{"facebook"}), "publishAt": w.moment()}
	if w.pick(4) == 0 {
		body["recurrence"] = map[string]any{"every": "daily", "count": 1 + w.pick(3)}
	}
	w.fresh("POST", "/api/v1/posts", body)
}

func (w *witness) change() {
	body := map[string]any{}
	for _, field := range []string{"text", "link", "variants", "publishAt", "networks"} {
		if w.pick(3) > 0 {
			continue
		}
		switch field {
		case "text":
			body[field] = w.words()
		case "link":
			body[field] = one(w, "", "https://sence.gob.cl/a", "https://sence.gob.cl/b")
		case "variants":
			body[field] = one(w, map[string]any{}, map[string]any{"x": map[string]any{"text": w.words()}})
		case "publishAt":
			body[field] = w.moment()
		case "networks":
			body[field] = one(w, []string{"x"}, []string{"facebook", "x"})
		}
	}
	w.fresh("PATCH", "/api/v1/posts/"+w.versioned(body), body)
}

// versioned picks a post, and perhaps a version of it and how much of its series is meant.
func (w *witness) versioned(body map[string]any) string {
	id := one(w, w.ids...)
	p, err := w.store.Store.Plan(context.Background(), id)
	if err != nil {
		w.Fatal(err)
	}
	switch w.pick(4) {
	case 0:
		body["version"] = p.Post.Version
	case 1:
		body["version"] = max(1, p.Post.Version-1)
	}
	if w.pick(4) == 0 {
		body["scope"] = one(w, "this", "next", "all")
	}
	return id
}

func (w *witness) act() {
	body := map[string]any{"reason": "Hay una alerta y no puede esperar.", "network": one(w, "x", "facebook")}
	act := one(w, "submit", "submit", "approve", "approve", "approve", "reject", "cancel", "copy", "retry", "discard", "published", "plan", "review")
	switch {
	case act == "approve" && w.pick(3) == 0:
		body["emergency"] = true
	case act == "plan":
		body["publishAt"] = w.moment()
	}
	path := "/api/v1/posts/" + w.versioned(body)
	if w.pick(30) == 0 {
		w.fresh("DELETE", path, body)
		return
	}
	w.fresh("POST", path+"/"+act, body)
}

// fresh asks for a new write.
func (w *witness) fresh(method, path string, body map[string]any) { w.as(w.who(), method, path, body) }

func (w *witness) as(user, method, path string, body map[string]any) {
	raw, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	r := request{method, path, user, string(raw), w.key()}
	w.asked = append(w.asked, r)
	w.send(r)
}

// send asks, and looks at what became of every post: what somebody changed has their hand in it and is let out by nobody, and what is
// newly let out was let out by who asked.
func (w *witness) send(r request) {
	before := map[string]agenda.Plan{}
	for _, id := range w.ids {
		before[id] = w.plan(id)
	}
	a := w.ask(r.method, r.path, r.user, r.body, "Idempotency-Key", r.key)
	if a.status >= 500 {
		w.Errorf("%s %s: %d %s", r.method, r.path, a.status, a.body)
	}
	if a.status >= 300 {
		w.refused++
	}
	if e := read[entry](w.world, a); a.status == 201 && !slices.Contains(w.ids, e.ID) {
		made := []string{e.ID}
		for place := 2; place <= e.Of; place++ {
			made = append(made, agenda.MemberID(e.Series, place))
		}
		for _, id := range made {
			w.hands[id], w.content[id] = []string{r.user}, w.plan(id).Post.Content
		}
		w.ids = append(w.ids, made...)
	}
	for id, was := range before {
		is := w.plan(id)
		if !reflect.DeepEqual(stripped(was.Post.Content), stripped(is.Post.Content)) {
			w.consents[id] = nil
			w.hands[id] = append(w.hands[id], r.user)
		}
		if was.Post.State != post.Planned && is.Post.State == post.Planned {
			c := consent{by: r.user, emergency: is.Post.Approval != nil && is.Post.Approval.Emergency, pieces: map[mention.Network]post.Piece{}}
			for _, n := range is.Post.Networks {
				c.pieces[n] = is.Post.For(n)
			}
			w.consents[id] = append(w.consents[id], c)
		}
	}
}

// stripped is a content without the instant that approving "as soon as it is approved" gives it.
func stripped(c post.Content) post.Content {
	if c.PublishAt.Now {
		c.PublishAt.At = time.Time{}
	}
	return c
}

func (w *witness) plan(id string) agenda.Plan {
	p, err := w.store.Store.Plan(context.Background(), id)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// deliver stands in for the minute rule and the worker: it says what is due and is exactly what was approved, or ends it.
func (w *witness) deliver() error {
	ctx, now := context.Background(), w.clock()
	for _, id := range w.ids {
		p := w.plan(id)
		if m, _, found, err := w.store.Message(ctx, outbox.Ref{Ticket: p.Post.Cause(), ID: p.Post.Lapse}); err == nil && found && !m.Due.After(now) {
			w.commit(p.Lapsed(m.Ref(), now))
		}
		for _, t := range p.Targets {
			m, _, found, err := w.store.Message(ctx, outbox.Ref{Ticket: t.Cause(), ID: t.Message})
			if err != nil {
				return err
			}
			if !found || t.State != post.Planned || m.Due.After(now) {
				continue
			}
			step := agenda.Step{Target: t, Done: m.Ref(), Now: now}
			if a := p.Post.Approval; a == nil || t.Digest != a.Digest || t.Digest != p.Post.Digest() {
				w.commit(step.Expired(agenda.ReasonUnasked))
				continue
			}
			if err := w.unasked(p, t.Network); err != nil {
				return err
			}
			w.published++
			if w.pick(3) == 0 {
				w.commit(step.Refused("x"))
				continue
			}
			w.commit(step.Sent("remoto", "", now))
		}
	}
	return nil
}

func (w *witness) commit(c ticket.Change) {
	if err := w.store.Store.Commit(context.Background(), c); err != nil && !fault.Is(err, fault.Conflict) {
		w.Fatal(err)
	}
}

// unasked says why what a network is about to say was not let out by a second person, nor by one alone who said so.
func (w *witness) unasked(p agenda.Plan, n mention.Network) error {
	id, says := p.Post.ID, p.Post.For(n)
	for _, c := range w.consents[id] {
		if !reflect.DeepEqual(c.pieces[n], says) {
			continue
		}
		if !slices.Contains(w.hands[id], c.by) && !c.emergency {
			return nil
		}
		if c.emergency {
			w.emergency++
			return w.logged(p, c)
		}
	}
	return fmt.Errorf("%s on %s says %q: written by %v, let out by %+v", id, n, says.Text, w.hands[id], w.consents[id])
}

// logged says that an emergency is written down nowhere.
func (w *witness) logged(p agenda.Plan, c consent) error {
	entries, err := w.store.PostHistory(context.Background(), p)
	if err != nil {
		return err
	}
	if !ticket.Allowed(actor(c.by), ticket.CanEmergency) || !slices.ContainsFunc(entries, func(e audit.Entry) bool {
		return e.Kind == audit.PostApproved && e.Actor == c.by && e.Facts["emergency"] == "1" && e.Reason != ""
	}) {
		return errors.New("an emergency of nobody, or that nobody wrote down")
	}
	return nil
}

// by draws numbers from a seed.
func by(seed uint64) func(int) int {
	random := rand.New(rand.NewPCG(seed, 7))
	return random.IntN
}

// Nothing is ever published that a second person did not let out exactly as it is, but what one alone let out and said so.
func TestSecondPerson(t *testing.T) {
	w := newWorld(t).connected()
	published, emergencies, refused := 0, 0, 0
	for seed := range uint64(30) {
		x := newWitness(w, by(seed))
		if err := x.run(50); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		published, emergencies, refused = published+x.published, emergencies+x.emergency, refused+x.refused
	}
	if published < 20 || emergencies < 2 || refused < 100 { // a property of nothing proves nothing
		t.Errorf("%d published, %d of them in an emergency, %d refused", published, emergencies, refused)
	}
}

// The witness sees what it is there to see: with who wrote a post forgotten, somebody lets out their own; and with an edit that
// takes back no approval, something goes out that nobody let out.
func TestSecondPerson_Planted(t *testing.T) {
	for name, plant := range map[string]func(*store){
		"hands forgotten": func(s *store) { s.blind = true },
		"approval kept":   func(s *store) { s.loose = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).connected()
			plant(w.store)
			for seed := range uint64(60) {
				if newWitness(w, by(seed)).run(40) != nil {
					return
				}
			}
			t.Error("nobody noticed")
		})
	}
}

// FuzzSecondPerson lets the fuzzer choose the steps.
func FuzzSecondPerson(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Add([]byte("cualquier cosa que alguien pida en el orden que sea"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		at := 0
		pick := func(n int) int {
			if at >= len(choices) {
				return 0
			}
			at++
			return int(choices[at-1]) % n
		}
		if err := newWitness(newWorld(t).connected(), pick).run(min(len(choices)/4+1, 60)); err != nil {
			t.Error(err)
		}
	})
}

// keptApproval is a step that takes an approval back, made into one that lets it stand for whatever the post says now.
func (s *store) keptApproval(ctx context.Context, c ticket.Change) ticket.Change {
	if !s.loose || c.Post == nil || c.Post.State != post.Submitted || len(c.Targets) == 0 {
		return c
	}
	was, err := s.Store.Plan(ctx, c.Post.ID)
	if err != nil || was.Post.Approval == nil {
		return c
	}
	p, approval := *c.Post, *was.Post.Approval
	p.State, p.Lapse = post.Planned, ""
	approval.Digest = p.Digest()
	p.Approval = &approval
	c.Post, c.Cancel, c.Send = &p, nil, nil
	c.Targets = slices.Clone(c.Targets)
	for i, t := range c.Targets {
		for _, before := range was.Targets {
			if before.Name() == t.Name() {
				t.State, t.Message, t.Due, t.Digest = post.Planned, before.Message, before.Due, approval.Digest
			}
		}
		c.Targets[i] = t
	}
	return c
}
