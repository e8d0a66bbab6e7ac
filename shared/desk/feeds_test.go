package desk_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// send puts a message of a case into the outbox.
func (w *world) send(id string, due time.Time) outbox.Message {
	w.Helper()
	m := outbox.New(id, outbox.Publish, "01T", "r000001", "conv", due)
	if err := w.store.Commit(w.Context(), ticket.Change{Send: []outbox.Message{m}}); err != nil {
		w.Fatal(err)
	}
	return m
}

// health is the answer of /healthz.
type health struct {
	Status     string
	AgeSeconds float64
	What       string
}

// The service is well while the oldest due work that nobody finished is younger than two minutes, handed over or not.
func TestHealth(t *testing.T) {
	w := newWorld(t)
	look := func(status int, word string, age float64) {
		t.Helper()
		a := w.ask("GET", "/healthz", "", "")
		got := read[health](w, a)
		if a.status != status || got.Status != word || got.AgeSeconds != age || (got.What != "") != (age > 0) {
			t.Errorf("%d %s, want %d %s %v s", a.status, a.body, status, word, age)
		}
	}
	look(200, "ok", 0)
	w.send("later", noon().Add(time.Hour))
	look(200, "ok", 0)
	m := w.send("now", noon())
	w.pass(119 * time.Second)
	look(200, "ok", 119)
	w.pass(time.Second)
	look(503, "atrasado", 120)
	ref := m.Ref()
	if err := w.store.Commit(t.Context(), ticket.Change{HandedOver: &ref, HandedAt: w.clock()}); err != nil {
		t.Fatal(err)
	}
	look(503, "atrasado", 120) // handed over is not finished
	// Everybody may ask: what it is, never whose.
	if a := w.ask("GET", "/healthz", "", ""); read[health](w, a).What != "post.publish" || strings.Contains(string(a.body), "01T") {
		t.Errorf("the oldest work is %s", a.body)
	}
	if err := w.store.Commit(t.Context(), ticket.Change{Claim: &ref, ClaimAt: w.clock()}); err != nil {
		t.Fatal(err)
	}
	look(503, "atrasado", 120) // nor is claimed
	if err := w.store.Commit(t.Context(), ticket.Change{Done: []outbox.Ref{ref}}); err != nil {
		t.Fatal(err)
	}
	look(200, "ok", 0)
	w.store.mu.Lock()
	w.store.down = fault.New(fault.Transient, "test", errors.New("down"))
	w.store.mu.Unlock()
	if a := w.fetch("GET", "/healthz", "", ""); a.status != 503 {
		t.Errorf("without the store: %d", a.status)
	}
}

// matters is a page of attention.
type matters struct {
	Items []ticket.Attention
	Next  string
}

func (m matters) kinds() []string {
	var kinds []string
	for _, a := range m.Items {
		kinds = append(kinds, a.Kind)
	}
	return kinds
}

// What waits for a person is listed page by page; work that should have ended a quarter of an hour ago stands on the first.
func TestAttention(t *testing.T) {
	w := newWorld(t)
	look := func(query string) matters {
		t.Helper()
		a := w.ask("GET", "/api/v1/attention?"+query, "ti", "")
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return read[matters](w, a)
	}
	if got := look(""); len(got.Items) != 0 || got.Next != "" {
		t.Errorf("nothing waits, and yet %+v", got)
	}
	var raised []string
	for n := range 5 {
		c := w.held(classify.Consulta, "ejecutivo1")
		plan, err := c.PlanReply(actor("ejecutivo1"), "Hola.", "public", w.clock(), w.clock())
		c = w.must(plan, err)
		at := w.clock().Add(time.Duration(n) * time.Second)
		c = w.must(c.ReplyRefusedStep(plan.Replies[0], plan.Send[0].Ref(), ticket.ReplyRefused, "gone", at), nil)
		raised = append(raised, c.Number)
	}
	var numbers []string
	cursor := ""
	for {
		page := look("limit=2&cursor=" + cursor)
		for _, a := range page.Items {
			if a.Kind == "work_overdue" {
				t.Errorf("overdue before its time: %+v", a)
			}
			numbers = append(numbers, a.Number)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(numbers, raised) {
		t.Errorf("waiting %v, want %v", numbers, raised)
	}
	late := w.send("late", w.clock())
	w.pass(15 * time.Minute)
	if got := look("").kinds(); slices.Contains(got, "work_overdue") {
		t.Errorf("a quarter of an hour is not yet late: %v", got)
	}
	w.pass(time.Second)
	got := look("")
	i := slices.IndexFunc(got.Items, func(a ticket.Attention) bool { return a.ID == "work_overdue-"+late.ID })
	if i < 0 || got.Items[i].Ticket != "01T" || got.Items[i].Reason != "post.publish" || !got.Items[i].At.Equal(late.Due) {
		t.Errorf("late work is not shown: %+v", got)
	}
	for limit := 1; limit < 9; limit++ { // whatever the page: late work first, each thing once, and never more than was asked for
		var ids []string
		cursor := ""
		for {
			page := look(fmt.Sprintf("limit=%d&cursor=%s", limit, cursor))
			if len(page.Items) > limit || len(ids) > 20 {
				t.Fatalf("a page of %d has %d: %v", limit, len(page.Items), ids)
			}
			for _, a := range page.Items {
				ids = append(ids, a.ID+a.Number)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		work := slices.IndexFunc(ids, func(id string) bool { return !strings.HasPrefix(id, "work_overdue-") })
		all := slices.Compact(slices.Sorted(slices.Values(ids)))
		if work < 1 || slices.ContainsFunc(ids[work:], func(id string) bool { return strings.HasPrefix(id, "work_overdue-") }) || len(all) != len(ids) || len(ids) != len(got.Items) {
			t.Errorf("by %d: %v, want those of %v", limit, ids, got.kinds())
		}
	}
}

// Overdue work and matters that are of no case say what they are and of which account, and lead to no case.
func TestAttention_NoCase(t *testing.T) {
	w := newWorld(t)
	all := []outbox.Message{
		outbox.New("item-1", outbox.FetchItem, outbox.ItemCause("instagram", "17900"), "", "g", w.clock()),
		outbox.New("mirada-1", outbox.Look, outbox.ChannelCause("x/1"), "", "g", w.clock()),
		outbox.New("raro-1", outbox.FetchItem, outbox.ItemCause("x", "1"), "", "g", w.clock()),
	}
	all[0].Channel, all[1].Channel = "instagram/100", "x/1"
	matter := ticket.Attention{Ticket: outbox.ChannelCause("x/1"), ID: "work_overdue-x", Kind: "work_overdue", Channel: "x/1", At: w.clock()}
	if err := w.store.Commit(w.Context(), ticket.Change{Send: all, Raise: []ticket.Attention{matter}}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	want := []string{" instagram instagram/100 mention.fetch", " x x/1 channel.look", "   mention.fetch", " x x/1 "}
	for _, limit := range []string{"1", "2", "200"} {
		var got []string
		for cursor, pages := "", 0; pages < 10; pages++ {
			a := w.ask("GET", "/api/v1/attention?limit="+limit+"&cursor="+url.QueryEscape(cursor), "ti", "")
			if a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			page := read[matters](w, a)
			for _, m := range page.Items {
				got = append(got, fmt.Sprintf("%s %s %s %s", m.Ticket, m.Network, m.Channel, m.Reason))
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %s: %q, want %q", limit, got, want)
		}
	}
	if page := read[matters](w, w.ask("GET", "/api/v1/attention", "denuncias", "")); len(page.Items) != 0 {
		t.Errorf("who sees denuncias alone sees %+v", page.Items)
	}
	if a := w.ask("GET", "/healthz", "", ""); a.status != 503 || !strings.Contains(string(a.body), "channel.look") || strings.Contains(string(a.body), "x/1") {
		t.Errorf("healthz: %d %s", a.status, a.body)
	}
}

// The quarantine is shown without its bytes: they may hold anybody's words.
func TestQuarantine(t *testing.T) {
	w := newWorld(t)
	for n := range 3 {
		q := ticket.Quarantined{
			ID: fmt.Sprintf("q%d", n), Network: mention.Facebook, Reason: mention.ReasonBadJSON, At: noon().Add(-time.Duration(n) * time.Minute), Size: 9, Raw: []byte("palabras."),
		}
		if err := w.store.Commit(t.Context(), ticket.Change{Quarantine: &q}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	cursor := ""
	for {
		a := w.ask("GET", "/api/v1/quarantine?limit=1&cursor="+cursor, "ti", "")
		page := read[struct {
			Items []map[string]any
			Next  string
		}](w, a)
		for _, item := range page.Items {
			ids = append(ids, fmt.Sprint(item["id"]))
			if len(item) != 5 || item["size"] != 9.0 {
				t.Errorf("shown %v", item)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !slices.Equal(ids, []string{"q0", "q1", "q2"}) {
		t.Errorf("quarantined %v", ids)
	}
}

// Whoever reads along sees every case that changed, and can go on from the cursor.
func TestChanges(t *testing.T) {
	w := newWorld(t)
	type changes struct {
		Items  []ticket.ChangeRow
		Cursor string
	}
	look := func(since string) changes {
		t.Helper()
		return read[changes](w, w.ask("GET", "/api/v1/changes?since="+since, "auditor", ""))
	}
	start := look("")
	if start.Cursor == "" || len(start.Items) != 0 {
		t.Fatalf("at the beginning: %+v", start)
	}
	c := w.open(classify.Consulta)
	if a := w.act("ejecutivo1", c.ID, "claim", nil); a.status != 200 {
		t.Fatal(a.status)
	}
	got := look(start.Cursor)
	if len(got.Items) != 1 || got.Items[0].Ticket != c.ID || got.Items[0].Version != 2 {
		t.Errorf("changed: %+v", got)
	}
	w.pass(10 * time.Minute)
	if again := look(got.Cursor); len(again.Items) > 1 {
		t.Errorf("later: %+v", again)
	}
}

// Cursors of nobody are refused by every feed, and so are limits.
func TestFeeds_Refusals(t *testing.T) {
	w := newWorld(t)
	for path, campo := range map[string]string{
		"/api/v1/changes?since=basura": "since", "/api/v1/attention?cursor=basura": "cursor", "/api/v1/quarantine?cursor=basura": "cursor",
		"/api/v1/attention?cursor=~basura": "cursor", "/api/v1/attention?limit=0": "limit", "/api/v1/quarantine?limit=201": "limit",
	} {
		a := w.ask("GET", path, "supervisor", "")
		if p := read[refusal](w, a); a.status != 422 || p.Campo == "" {
			t.Errorf("%s: %d %s, want campo %s", path, a.status, a.body, campo)
		} else if p.Campo != campo {
			t.Errorf("%s: campo %s, want %s", path, p.Campo, campo)
		}
	}
	for path, users := range map[string][]string{
		"/api/v1/changes": {"ti", "programa"}, "/api/v1/attention": {"oirs", "datos", "programa"},
		"/api/v1/quarantine": {"oirs", "datos", "auditor", "denuncias"},
	} {
		for _, user := range users {
			if a := w.ask("GET", path, user, ""); a.status != 403 {
				t.Errorf("%s of %s: %d", path, user, a.status)
			}
		}
	}
}
