package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A post for four networks with a picture: who wrote it cannot approve it, a second person can; it goes out at its moment, with its
// alternative text; X takes it and never answers, and it stands there once.
func TestPost_FourNetworks(t *testing.T) {
	w := start(t)
	networks := []string{"facebook", "instagram", "x", "linkedin"}
	at := time.Now().UTC().Truncate(time.Minute).Add(time.Hour)
	alt := "Una sala de clases ficticia con cuatro personas"
	p := w.mustPost("comunicaciones", "POST", "posts", map[string]any{
		"text": "Postula a los cursos ficticios. Aviso marca-cuatro de prueba.", "networks": networks,
		"media": []map[string]string{{"id": w.picture(3), "alt": alt}}, "publishAt": at.Format(time.RFC3339),
	})
	w.mustPost("comunicaciones", "POST", "posts/"+p.ID+"/submit", map[string]any{})
	if status, _ := w.posting("comunicaciones", "POST", "posts/"+p.ID+"/approve", map[string]any{}); status != http.StatusForbidden {
		t.Errorf("its author's approval is answered %d", status)
	}
	if status, _ := w.posting("ejecutivo1", "POST", "posts/"+p.ID+"/approve", map[string]any{}); status != http.StatusForbidden {
		t.Errorf("the approval of who may not is answered %d", status)
	}
	w.minute(at, false)
	if stands := w.published("facebook"); len(stands) != 0 {
		t.Fatalf("it went out unapproved: %v", stands)
	}
	p = w.seePost(p.ID)
	if p.State != "expired" {
		t.Fatalf("nobody approved it, and it is %s", p.State)
	}
	at = at.Add(time.Hour)
	p = w.mustPost("comunicaciones", "POST", "posts/"+p.ID+"/copy", map[string]any{})
	p = w.mustPost("comunicaciones", "PATCH", "posts/"+p.ID, map[string]any{"publishAt": at.Format(time.RFC3339), "version": p.Version})
	w.mustPost("comunicaciones", "POST", "posts/"+p.ID+"/submit", map[string]any{})
	if p = w.mustPost("supervisor", "POST", "posts/"+p.ID+"/approve", map[string]any{}); p.State != "planned" {
		t.Fatalf("approved, it is %s", p.State)
	}
	w.minute(at.Add(-5*time.Minute), false) // the picture is brought ahead
	if status := w.ask("POST", w.sim+"/sim/faults", map[string]any{"target": "x", "mode": "apply_then_hang", "rate": 1, "count": 1}, nil); status/100 != 2 {
		t.Fatalf("fault: %d", status)
	}
	w.minute(at, true)
	w.until("three networks and a doubt", func() bool {
		p = w.seePost(p.ID)
		return p.Targets["facebook"].State == "sent" && p.Targets["instagram"].State == "sent" && p.Targets["linkedin"].State == "sent" &&
			(p.Targets["x"].State == "unknown" || p.Targets["x"].State == "sent")
	})
	for n := range 8 {
		w.minute(at.Add(time.Duration(n+1)*time.Minute), false)
	}
	w.until("X to be found", func() bool {
		p = w.seePost(p.ID)
		return p.Targets["x"].State == "sent" || told(w.matterPosts(), p.ID, "x")
	})
	for _, n := range networks {
		if stands := w.published(n)["cuatro"]; stands != 1 {
			t.Errorf("%s shows it %d times", n, stands)
		}
		if target := p.Targets[n]; target.State == "sent" && target.RemoteID == "" {
			t.Errorf("%s: %+v", n, target)
		}
		if shown := w.page("/" + n); !strings.Contains(shown, alt) {
			t.Errorf("%s does not show what the picture is", n)
		}
	}
}

// page gives a page of the simulator.
func (w *whole) page(path string) string {
	w.t.Helper()
	var out strings.Builder
	res, err := http.Get(w.sim + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = fmt.Fprint(&out, res.StatusCode)
	raw := make([]byte, 1<<20)
	for {
		n, err := res.Body.Read(raw)
		out.Write(raw[:n])
		if err != nil {
			return out.String()
		}
	}
}

// The nights on which the clocks change: an hour that is missing is refused, one that comes twice is explained, and a post that is
// moved across them keeps what the clock on the wall shows.
func TestPost_ClockChanges(t *testing.T) {
	w := start(t)
	local := func(when string) map[string]any {
		return map[string]any{
			"text": "Aviso ficticio.", "networks": []string{"facebook"}, "publishAt": map[string]any{"local": when, "zone": "America/Santiago"},
		}
	}
	var refused struct{ Campo, Motivo, Detail string }
	missing := local("2027-09-05T00:30")
	status := w.ask("POST", w.base+"/api/v1/posts", missing, &refused, append(w.as("comunicaciones"), "Idempotency-Key", "falta")...)
	if status != http.StatusUnprocessableEntity || refused.Campo != "publishAt" {
		t.Errorf("an hour that is missing is answered %d %+v", status, refused)
	}
	twice := w.mustPost("comunicaciones", "POST", "posts", local("2027-04-03T23:30"))
	if twice.PublishAt.Note == "" || !twice.PublishAt.At.Equal(time.Date(2027, 4, 4, 2, 30, 0, 0, time.UTC)) {
		t.Errorf("an hour that comes twice: %+v", twice.PublishAt)
	}
	before := w.mustPost("comunicaciones", "POST", "posts", local("2027-04-02T09:00"))
	after := w.mustPost("comunicaciones", "PATCH", "posts/"+before.ID, map[string]any{"publishAt": map[string]any{"local": "2027-04-05T09:00", "zone": "America/Santiago"}})
	if got := after.PublishAt.At.Sub(before.PublishAt.At); got != 73*time.Hour || after.PublishAt.Local[11:16] != "09:00" {
		t.Errorf("moved over the change it lies %s later, at %s", got, after.PublishAt.Local)
	}
}
