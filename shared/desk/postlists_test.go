package desk_test

import (
	"slices"
	"testing"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// Views, filters and pages show the posts they are about, each once.
func TestPosts_Lists(t *testing.T) {
	w := newWorld(t).connected()
	camp := read[struct{ ID string }](w, w.write("POST", "/api/v1/campaigns", "comunicaciones", map[string]any{"name": "Verano"}))
	a := w.drafted("comunicaciones", map[string]any{"publishAt": nil})
	b := w.done("comunicaciones", w.drafted("comunicaciones", map[string]any{"campaign": camp.ID}).ID, "submit", nil)
	c := w.done("comunicaciones", w.drafted("comunicaciones", map[string]any{"publishAt": "2026-12-02T12:00:00Z", "networks": []string{"x"}}).ID, "submit", nil)
	c = w.done("supervisor", c.ID, "approve", nil)
	for query, want := range map[string][]string{
		"": {b.ID, c.ID, a.ID}, "view=approvals": {b.ID}, "view=drafts": {a.ID}, "view=failures": nil, "state=planned": {c.ID}, "network=facebook": {b.ID, a.ID},
		"campaign=" + camp.ID: {b.ID}, "from=2026-12-02&to=2026-12-02": {c.ID}, "from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z": {b.ID},
	} {
		var got []string
		cursor := ""
		for pages := 0; pages < 9; pages++ {
			l := read[struct {
				Items []entry
				Next  string
			}](w, w.ask("GET", "/api/v1/posts?limit=1&"+query+"&cursor="+cursor, "auditor", ""))
			for _, e := range l.Items {
				got = append(got, e.ID)
			}
			if cursor = l.Next; cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

// Who reads along is told of posts apart from cases, if they may see them; matters of posts lead to their post.
func TestPosts_Feeds(t *testing.T) {
	w := newWorld(t).connected()
	type changes struct {
		Items []ticket.ChangeRow
		Posts *[]struct {
			Post, Ticket string
			Version      int
		}
		Cursor string
	}
	look := func(user, since string) changes {
		return read[changes](w, w.ask("GET", "/api/v1/changes?since="+since, user, ""))
	}
	start := look("comunicaciones", "")
	e := w.done("supervisor", w.done("comunicaciones", w.drafted("comunicaciones", nil).ID, "submit", nil).ID, "approve", nil)
	c := w.open("consulta")
	got := look("comunicaciones", start.Cursor)
	if len(got.Items) != 0 || got.Posts == nil || len(*got.Posts) != 1 || (*got.Posts)[0].Post != e.ID || (*got.Posts)[0].Version != 3 {
		t.Errorf("%+v", got)
	}
	if got := look("siac", start.Cursor); len(got.Items) != 1 || got.Items[0].Ticket != c.ID || got.Posts != nil {
		t.Errorf("%+v", got)
	}
	if got := look("supervisor", start.Cursor); len(got.Items) != 1 || len(*got.Posts) != 1 {
		t.Errorf("%+v", got)
	}
	p, err := w.store.Store.Plan(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	x := p.Targets[slices.IndexFunc(p.Targets, func(t post.Target) bool { return t.Network == mention.X })]
	s := agenda.Step{Target: x, Done: outbox.Ref{Ticket: x.Cause(), ID: x.Message}, Now: w.clock()}
	if err := w.store.Store.Commit(t.Context(), s.Refused("dup")); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]int{"comunicaciones": 1, "auditor": 1, "supervisor": 1, "siac": 0, "denuncias": 0} {
		l := read[struct {
			Items []struct{ Ticket, Post, Kind string }
		}](w, w.ask("GET", "/api/v1/attention", user, ""))
		if len(l.Items) != want || want == 1 && (l.Items[0].Post != e.ID || l.Items[0].Ticket != "" || l.Items[0].Kind != agenda.MatterRefused) {
			t.Errorf("%s: %+v", user, l)
		}
	}
	if l := read[struct{ Items []entry }](w, w.ask("GET", "/api/v1/posts?view=failures", "comunicaciones", "")); len(l.Items) != 1 || l.Items[0].State != "refused" {
		t.Errorf("%+v", l)
	}
	if e = w.done("comunicaciones", e.ID, "published", map[string]any{"network": "x", "url": "https://x.com/1"}); e.Targets["x"].State != "sent" || e.Targets["x"].URL != "https://x.com/1" || e.State != "planned" {
		t.Errorf("%+v", e)
	}
	if a := w.write("POST", "/api/v1/posts/"+e.ID+"/retry", "comunicaciones", map[string]any{"network": "facebook"}); a.status != 409 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A campaign does the same with all its posts that let it be done.
func TestCampaigns(t *testing.T) {
	w := newWorld(t).connected()
	type campaign struct {
		ID, Name string
		Version  int
		Ended    bool
		States   map[string]int
		Applied  *struct {
			Changed int
			Skipped []struct{ ID, Why string }
		}
	}
	c := read[campaign](w, w.write("POST", "/api/v1/campaigns", "comunicaciones", map[string]any{"name": "Verano", "from": "2026-12-01", "to": "2027-02-28"}))
	a := w.drafted("comunicaciones", map[string]any{"campaign": c.ID})
	b := w.drafted("comunicaciones", map[string]any{"campaign": c.ID, "publishAt": nil})
	act := func(user, act string, fields map[string]any) campaign {
		t.Helper()
		if fields == nil {
			fields = map[string]any{}
		}
		x := w.write("POST", "/api/v1/campaigns/"+c.ID+"/"+act, user, fields)
		if x.status != 200 {
			t.Fatalf("%s: %d %s", act, x.status, x.body)
		}
		return read[campaign](w, x)
	}
	if got := act("comunicaciones", "submit", nil); got.Applied.Changed != 1 || len(got.Applied.Skipped) != 1 || got.Applied.Skipped[0].ID != b.ID {
		t.Errorf("%+v", got)
	}
	if got := act("comunicaciones", "move", map[string]any{"days": 3}); got.Applied.Changed != 1 || w.seen(a.ID).PublishAt.Local != "2026-12-04T09:00" {
		t.Errorf("%+v %+v", got, w.seen(a.ID))
	}
	if got := act("jefatura", "approve", nil); got.States["planned"] != 1 || got.States["draft"] != 1 {
		t.Errorf("%+v", got)
	}
	if got := act("comunicaciones", "cancel", nil); got.States["cancelled"] != 2 {
		t.Errorf("%+v", got)
	}
	ended := w.write("PATCH", "/api/v1/campaigns/"+c.ID, "comunicaciones", map[string]any{"ended": true, "version": 1})
	if got := read[campaign](w, ended); !got.Ended || got.Version != 2 {
		t.Errorf("%+v", got)
	}
	if x := w.write("PATCH", "/api/v1/campaigns/"+c.ID, "comunicaciones", map[string]any{"name": "Otra", "version": 1}); x.status != 409 {
		t.Errorf("%d", x.status)
	}
	if x := w.write("POST", "/api/v1/posts", "comunicaciones", says(map[string]any{"campaign": c.ID})); x.status != 422 {
		t.Errorf("%d", x.status)
	}
	for path, status := range map[string]int{"/explotar": 404, "/move": 422} {
		if x := w.write("POST", "/api/v1/campaigns/"+c.ID+path, "comunicaciones", map[string]any{}); x.status != status {
			t.Errorf("%s: %d", path, x.status)
		}
	}
	if l := read[struct{ Items []campaign }](w, w.ask("GET", "/api/v1/campaigns", "auditor", "")); len(l.Items) != 1 {
		t.Errorf("%+v", l)
	}
	if x := w.ask("GET", "/api/v1/campaigns/"+c.ID, "auditor", ""); x.status != 200 {
		t.Errorf("%d", x.status)
	}
}

// A text is judged without being kept.
func TestPosts_Check(t *testing.T) {
	w := newWorld(t)
	check := func(user, body string) answer { return w.ask("POST", "/api/v1/posts/check", user, body) }
	type checked struct {
		Findings []post.Finding
		Networks map[string]struct {
			Length, Limit int
			Text          string
		}
		PublishAt *struct{ Note string }
	}
	got := read[checked](w, check("comunicaciones", `{"text":"Hola","link":"https://sence.gob.cl","networks":["x","instagram"],"publishAt":{"local":"2027-04-03T23:30"}}`))
	if got.Networks["x"].Text != "Hola\nhttps://sence.gob.cl" || got.Networks["x"].Length != 28 || got.Networks["x"].Limit != 280 || got.PublishAt.Note == "" || !post.Blocked(got.Findings) {
		t.Errorf("%+v", got)
	}
	got = read[checked](w, check("ejecutivo1", `{"kind":"reply","network":"facebook","visibility":"public","text":"Tu RUT 11.111.111-1"}`))
	if !post.Blocked(got.Findings) {
		t.Errorf("%+v", got)
	}
	for body, status := range map[string]int{`{`: 400, `{"kind":"x"}`: 422, `{"kind":"reply","network":"y"}`: 422} {
		if a := check("supervisor", body); a.status != status {
			t.Errorf("%s: %d", body, a.status)
		}
	}
	if a := check("siac", `{}`); a.status != 403 {
		t.Errorf("%d", a.status)
	}
}

// The console is told when to publish, and when not.
func TestPosts_SlotsAndDays(t *testing.T) {
	w := newWorld(t).connected()
	w.drafted("comunicaciones", nil)
	slots := read[struct{ Items []post.Slot }](w, w.ask("GET", "/api/v1/posts/slots?network=x", "auditor", ""))
	if len(slots.Items) == 0 || slots.Items[0].At.Before(w.clock()) {
		t.Errorf("%+v", slots)
	}
	days := read[struct {
		Items []struct {
			Date, Kind string
			Blocks     bool
		}
	}](w, w.ask("GET", "/api/v1/posts/days?from=2026-12-01&to=2026-12-31", "auditor", ""))
	if !slices.ContainsFunc(days.Items, func(d struct {
		Date, Kind string
		Blocks     bool
	},
	) bool {
		return d.Date == "2026-12-25" && d.Kind == "feriado" && !d.Blocks
	}) ||
		!slices.ContainsFunc(days.Items, func(d struct {
			Date, Kind string
			Blocks     bool
		},
		) bool {
			return d.Date == "2026-12-07" && d.Kind == "pausa" && d.Blocks
		}) {
		t.Errorf("%+v", days)
	}
	for _, path := range []string{"slots?network=y", "slots?from=x", "days?from=x", "days?from=2026-12-02&to=2026-12-01", "days?from=2099-01-01&to=2099-01-02"} {
		if a := w.ask("GET", "/api/v1/posts/"+path, "auditor", ""); a.status != 422 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}
