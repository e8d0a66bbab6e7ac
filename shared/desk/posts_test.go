package desk_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/ticket"
)

// From a draft to both networks: every step through the API, but the networks themselves.
func TestPosts_EndToEnd(t *testing.T) {
	w := newWorld(t).connected()
	e := w.drafted("comunicaciones", map[string]any{"media": []map[string]any{{"id": "foto", "alt": "Una sala de clases."}}, "variants": map[string]any{"x": map[string]any{"text": "Postula ya."}}})
	if e.State != "draft" || e.Version != 1 || e.PublishAt.Local != "2026-12-01T09:00" || e.PublishAt.Zone != "America/Santiago" || e.Media[0].Width != 1080 || e.Author.ID != "comunicaciones" {
		t.Fatalf("%+v", e)
	}
	e = w.done("comunicaciones", e.ID, "submit", map[string]any{"version": 1})
	if e.State != "submitted" || e.May["approve"].Allowed || e.May["approve"].Why == "" {
		t.Fatalf("%+v", e)
	}
	if a := w.write("POST", "/api/v1/posts/"+e.ID+"/approve", "comunicaciones", nil); a.status != http.StatusForbidden {
		t.Errorf("their own: %d %s", a.status, a.body)
	}
	e = w.done("supervisor", e.ID, "approve", map[string]any{"version": 2})
	if e.State != "planned" || e.Approval.By != "supervisor" || e.Targets["x"].State != "planned" || e.Targets["x"].Account != "55" || e.Targets["facebook"].Account != page {
		t.Fatalf("%+v", e)
	}
	if got := w.seen(e.ID); len(got.Events) != 5 || got.Events[0].Kind != "post.drafted" {
		t.Errorf("%+v", got.Events)
	}
	// A planned post that is changed waits for somebody again, and the other networks' ways out are taken back.
	e = w.wrote("PATCH", "/api/v1/posts/"+e.ID, "ejecutivo1", map[string]any{"version": e.Version, "text": "Postula hasta el viernes."})
	if e.State != "submitted" || e.Approval != nil || e.Targets["x"].State != "cancelled" || *e.Variants["x"].Text != "Postula ya." {
		t.Fatalf("%+v", e)
	}
	e = w.done("jefatura", e.ID, "approve", nil)
	e = w.done("ejecutivo2", e.ID, "cancel", map[string]any{"version": e.Version})
	if e.State != "cancelled" {
		t.Fatalf("%+v", e)
	}
	c := w.done("ejecutivo2", e.ID, "copy", nil)
	if c.ID == e.ID || c.State != "draft" || c.Text != e.Text || !c.PublishAt.At.IsZero() || c.Author.ID != "ejecutivo2" || c.Media[0].Alt != "Una sala de clases." {
		t.Fatalf("%+v", c)
	}
	if d := w.wrote("DELETE", "/api/v1/posts/"+c.ID, "ejecutivo2", nil); d.State != "cancelled" {
		t.Errorf("%+v", d)
	}
}

// What is wrong with a post is told by its field, all of it at once, and keeps it where it is.
func TestPosts_Refusals(t *testing.T) {
	w := newWorld(t).connected()
	post1 := func(more map[string]any) answer {
		return w.write("POST", "/api/v1/posts", "comunicaciones", says(more))
	}
	for name, tt := range map[string]struct {
		more  map[string]any
		campo string
	}{
		"a network of nobody":       {map[string]any{"networks": []string{"myspace"}}, "networks"},
		"a variant of nobody":       {map[string]any{"variants": map[string]any{"myspace": map[string]any{"text": "x"}}}, "variants"},
		"a file of nobody":          {map[string]any{"media": []map[string]any{{"id": "otra", "alt": "x"}}}, "media"},
		"a night without that hour": {map[string]any{"publishAt": map[string]any{"local": "2027-09-05T00:30", "zone": "America/Santiago"}}, "publishAt"},
		"no date":                   {map[string]any{"publishAt": "mañana"}, "publishAt"},
		"a number":                  {map[string]any{"publishAt": 7}, "publishAt"},
		"a zone of nobody":          {map[string]any{"publishAt": map[string]any{"local": "2026-12-01T09:00", "zone": "Chile/Osorno"}}, "publishAt"},
		"a year of nobody":          {map[string]any{"publishAt": "0001-01-01T00:00:00Z"}, "publishAt"},
		"too often":                 {map[string]any{"recurrence": map[string]any{"every": "daily", "count": 61}}, "recurrence"},
		"again without a date":      {map[string]any{"publishAt": nil, "recurrence": map[string]any{"every": "daily", "count": 2}}, "publishAt"},
		"a campaign of nobody":      {map[string]any{"campaign": "x"}, "campaign"},
		"too much text":             {map[string]any{"text": strings.Repeat("a", 65<<10)}, "text"},
	} {
		if a := post1(tt.more); a.status != 422 || read[objection](w, a).Campo != tt.campo {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for name, tt := range map[string]struct {
		more  map[string]any
		campo string
	}{
		"no words for a file": {map[string]any{"media": []map[string]any{{"id": "foto"}}}, "media"},
		"no network":          {map[string]any{"networks": []string{}}, "networks"},
		"too long for X":      {map[string]any{"text": strings.Repeat("a", 281)}, "text"},
		"no moment":           {map[string]any{"publishAt": nil}, "publishAt"},
		"a moment gone by":    {map[string]any{"publishAt": "2026-11-01T12:00:00Z"}, "publishAt"},
		"a day of pause":      {map[string]any{"publishAt": "2026-12-07T15:00:00Z"}, "publishAt"},
	} {
		e := w.drafted("comunicaciones", tt.more)
		if e.May["submit"].Allowed {
			t.Errorf("%s: may be submitted", name)
		}
		if a := w.write("POST", "/api/v1/posts/"+e.ID+"/submit", "comunicaciones", nil); a.status != 422 || read[objection](w, a).Campo != tt.campo || read[objection](w, a).Motivo == "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if w.seen(e.ID).State != "draft" {
			t.Errorf("%s: it moved", name)
		}
	}
	// What waits must stay fit to go out.
	e := w.done("comunicaciones", w.drafted("comunicaciones", nil).ID, "submit", nil)
	for _, more := range []map[string]any{{"text": strings.Repeat("a", 281)}, {"publishAt": nil}, {"networks": []string{}}} {
		if a := w.write("PATCH", "/api/v1/posts/"+e.ID, "comunicaciones", more); a.status != 422 {
			t.Errorf("%v: %d %s", more, a.status, a.body)
		}
	}
	for path, status := range map[string]int{"/api/v1/posts/nadie": 404, "/api/v1/posts?view=x": 422, "/api/v1/posts?cursor=x": 422, "/api/v1/posts?from=x": 422, "/api/v1/posts?state=x": 422} {
		if a := w.ask("GET", path, "auditor", ""); a.status != status {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := w.write("POST", "/api/v1/posts/"+e.ID+"/explotar", "comunicaciones", nil); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	if a := w.write("DELETE", "/api/v1/posts/"+e.ID, "comunicaciones", nil); a.status != 409 || read[objection](w, a).Post == nil {
		t.Errorf("a post that waits is thrown away: %d %s", a.status, a.body)
	}
}

// The hour that comes twice is taken as the first time, told of, and can be chosen.
func TestPosts_TwiceThatNight(t *testing.T) {
	w := newWorld(t).connected()
	e := w.drafted("comunicaciones", map[string]any{"publishAt": map[string]any{"local": "2027-04-03T23:30", "zone": "America/Santiago"}})
	if e.PublishAt.At.Format(time.RFC3339) != "2027-04-04T02:30:00Z" || !strings.Contains(e.PublishAt.Note, "dos veces") {
		t.Errorf("%+v", e.PublishAt)
	}
	later := w.wrote("PATCH", "/api/v1/posts/"+e.ID, "comunicaciones", map[string]any{"publishAt": map[string]any{"local": "2027-04-03T23:30", "later": true}})
	if later.PublishAt.At.Format(time.RFC3339) != "2027-04-04T03:30:00Z" || !later.PublishAt.Later {
		t.Errorf("%+v", later.PublishAt)
	}
	if same := w.wrote("PATCH", "/api/v1/posts/"+e.ID, "comunicaciones", map[string]any{"publishAt": "2027-04-04T03:30:00Z"}); same.PublishAt != later.PublishAt {
		t.Errorf("by its instant: %+v", same.PublishAt)
	}
}

// Every occurrence of a recurrence is a post of its own, at the same time of the clock; what is asked for one, for those behind it
// or for all is done to them and no others.
func TestPosts_Series(t *testing.T) {
	w := newWorld(t).connected()
	first := w.drafted("comunicaciones", map[string]any{
		"publishAt":  map[string]any{"local": "2027-03-29T09:00", "zone": "America/Santiago"},
		"recurrence": map[string]any{"every": "weekly", "count": 4},
	})
	if first.Place != 1 || first.Of != 4 || first.ID != agenda.MemberID(first.Series, 1) {
		t.Fatalf("%+v", first)
	}
	member := func(place int) entry { return w.seen(agenda.MemberID(first.Series, place)) }
	locals := func() (out []string) {
		for place := 1; place <= 4; place++ {
			out = append(out, member(place).PublishAt.Local)
		}
		return out
	}
	if got := locals(); !slices.Equal(got, []string{"2027-03-29T09:00", "2027-04-05T09:00", "2027-04-12T09:00", "2027-04-19T09:00"}) {
		t.Fatal(got)
	}
	if a, b := member(1).PublishAt.At, member(2).PublishAt.At; b.Sub(a) != 7*24*time.Hour+time.Hour { // the clocks went back between
		t.Errorf("%s to %s", a, b)
	}
	got := w.wrote("PATCH", "/api/v1/posts/"+member(2).ID, "comunicaciones", map[string]any{"scope": "next", "version": 1, "text": "Otro texto.", "publishAt": map[string]any{"local": "2027-04-06T10:30", "zone": "America/Santiago"}})
	if got.Applied.Changed != 2 || !slices.Equal(locals(), []string{"2027-03-29T09:00", "2027-04-06T10:30", "2027-04-13T10:30", "2027-04-20T10:30"}) {
		t.Errorf("%+v %v", got.Applied, locals())
	}
	if member(1).Text == "Otro texto." || member(4).Text != "Otro texto." {
		t.Error("the text went elsewhere")
	}
	w.wrote("PATCH", "/api/v1/posts/"+member(3).ID, "comunicaciones", map[string]any{"text": "Solo este."})
	w.wrote("POST", "/api/v1/posts/"+first.ID+"/submit", "comunicaciones", map[string]any{"scope": "all"})
	w.done("jefatura", member(2).ID, "reject", map[string]any{"reason": "Falta la fecha."})
	got = w.done("supervisor", first.ID, "approve", map[string]any{"scope": "all"})
	if got.State != "planned" || got.Applied.Changed != 2 || len(got.Applied.Skipped) != 1 || got.Applied.Skipped[0].ID != member(2).ID || got.Applied.Skipped[0].Why == "" {
		t.Errorf("%+v", got.Applied)
	}
	if member(3).Text != "Solo este." || member(3).State != "planned" || member(2).State != "rejected" {
		t.Errorf("%+v", member(3))
	}
	if a := w.write("PATCH", "/api/v1/posts/"+first.ID, "comunicaciones", map[string]any{"recurrence": map[string]any{"every": "daily", "count": 3}}); a.status != 422 {
		t.Errorf("%d", a.status)
	}
}

// A click on a series that was cut short goes on where it ended, and moves nothing twice.
func TestPosts_SeriesCutShort(t *testing.T) {
	w := newWorld(t).connected()
	left := 2
	cut := func(c ticket.Change) error {
		if c.Post == nil {
			return nil
		}
		if left--; left < 0 {
			return errDown
		}
		return nil
	}
	body := `{"text":"Hola.","networks":["facebook"],"publishAt":{"local":"2026-12-01T09:00"},"recurrence":{"every":"daily","count":5}}`
	w.store.set(cut)
	if a := w.ask("POST", "/api/v1/posts", "comunicaciones", body, "Idempotency-Key", "serie"); a.status != 503 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	w.store.set(nil)
	w.pass(time.Minute)
	first := read[entry](w, w.ask("POST", "/api/v1/posts", "comunicaciones", body, "Idempotency-Key", "serie"))
	var versions []int
	for place := 1; place <= 5; place++ {
		versions = append(versions, w.seen(agenda.MemberID(first.Series, place)).Version)
	}
	if !slices.Equal(versions, []int{1, 1, 1, 1, 1}) {
		t.Fatal(versions)
	}
	left = 2
	w.store.set(cut)
	move := func() answer {
		return w.ask("PATCH", "/api/v1/posts/"+first.ID, "comunicaciones", `{"scope":"all","publishAt":{"local":"2026-12-03T10:00"}}`, "Idempotency-Key", "mueve")
	}
	if a := move(); a.status != 503 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	w.store.set(nil)
	for range 2 {
		if a := move(); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	for place := 1; place <= 5; place++ {
		e := w.seen(agenda.MemberID(first.Series, place))
		if want := fmt.Sprintf("2026-12-%02dT10:00", place+2); e.PublishAt.Local != want || e.Version != 2 {
			t.Errorf("place %d stands at %s, version %d, want %s", place, e.PublishAt.Local, e.Version, want)
		}
	}
}

// The same click acts once; another view of the post is refused with the post as it is; without a version the freshest counts.
func TestPosts_VersionsAndClicks(t *testing.T) {
	w := newWorld(t).connected()
	e := w.drafted("comunicaciones", nil)
	patch := func(body, key string) answer {
		return w.ask("PATCH", "/api/v1/posts/"+e.ID, "ejecutivo1", body, "Idempotency-Key", key)
	}
	first := patch(`{"version":1,"text":"Dos."}`, "a")
	again := patch(`{"version":1,"text":"Dos."}`, "a")
	if first.status != 200 || string(first.body) != string(again.body) || w.seen(e.ID).Version != 2 {
		t.Errorf("%d %s, %s", first.status, first.body, again.body)
	}
	stale := patch(`{"version":1,"text":"Tres."}`, "b")
	if o := read[objection](w, stale); stale.status != 409 || o.Post == nil || o.Post.Version != 2 {
		t.Errorf("%d %s", stale.status, stale.body)
	}
	if a := patch(`{"text":"Tres."}`, "a"); a.status != 422 {
		t.Errorf("%d", a.status)
	}
	lost := 2
	w.store.set(func(c ticket.Change) error {
		if c.Post == nil || lost == 0 {
			return nil
		}
		lost--
		return w.store.Store.Commit(context.Background(), must(w, e.ID, func(p agenda.Plan) (ticket.Change, error) {
			c := p.Post.Content
			c.Link = fmt.Sprintf("https://sence.gob.cl/%d", lost)
			return p.Edit(actor("supervisor"), c, agenda.About{}, w.clock())
		}))
	})
	if a := patch(`{"text":"Cuatro."}`, "c"); a.status != 200 || read[entry](w, a).Version != 5 {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.store.set(nil)
	w.done("comunicaciones", e.ID, "submit", nil)
	// Nobody lets out what somebody else changes at that moment.
	lost = 1
	w.store.set(func(c ticket.Change) error {
		if c.Post == nil || lost == 0 {
			return nil
		}
		lost--
		return w.store.Store.Commit(context.Background(), must(w, e.ID, func(p agenda.Plan) (ticket.Change, error) {
			c := p.Post.Content
			c.Text = "Otra cosa."
			return p.Edit(actor("comunicaciones"), c, agenda.About{}, w.clock())
		}))
	})
	if a := w.write("POST", "/api/v1/posts/"+e.ID+"/approve", "jefatura", nil); a.status != 409 || w.seen(e.ID).State != "submitted" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
