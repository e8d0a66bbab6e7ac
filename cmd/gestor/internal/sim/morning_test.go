package sim

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/rut"
)

func TestTheMorningHasFortyTextsOfEveryClass(t *testing.T) {
	all := scenes()
	if len(all) != 40 {
		t.Fatalf("%d scenes, want 40", len(all))
	}
	counts, overdue, texts, networks := map[string]int{}, 0, map[string]bool{}, map[string]int{}
	for i, sc := range all {
		counts[sc.Class]++
		if sc.Back > 20 || (sc.Class == "consulta" && sc.Back > 3) {
			overdue++
		}
		if texts[sc.Text] {
			t.Errorf("scene %d repeats a text", i+1)
		}
		texts[sc.Text] = true
		networks[sc.Net]++
		if sc.After > i || (sc.After > 0 && (all[sc.After-1].Kind != kindComment || all[sc.After-1].Net != sc.Net)) {
			t.Errorf("scene %d answers scene %d, which is not an earlier comment", i+1, sc.After)
		}
	}
	for _, class := range classify.Intents() {
		if counts[string(class)] < 4 {
			t.Errorf("%d of class %s, want at least 4", counts[string(class)], class)
		}
		delete(counts, string(class))
	}
	if len(counts) != 0 {
		t.Errorf("classes nobody knows: %v", counts)
	}
	for _, n := range append(otherNetworks(), network{}) {
		if networks[n.Name] < 4 {
			t.Errorf("%d on network %q, want at least 4", networks[n.Name], n.Name)
		}
	}
	if overdue < 4 {
		t.Errorf("%d overdue, want at least 4", overdue)
	}
}

// Numbers in the texts are valid ones from the range nobody was given, and mobiles from the one nobody can have.
func TestTheMorningNamesNobody(t *testing.T) {
	runs := regexp.MustCompile(`\d{1,2}\.\d{3}\.\d{3}-[\dkK]`)
	mobiles := regexp.MustCompile(`9 \d{4} \d{4}`)
	found := 0
	for _, sc := range scenes() {
		for _, number := range runs.FindAllString(sc.Text, -1) {
			found++
			body, _, _ := strings.Cut(strings.ReplaceAll(number, ".", ""), "-")
			n, err := strconv.Atoi(body)
			if err != nil || n < 30_000_000 || n >= 50_000_000 || !rut.Valid(number) {
				t.Errorf("%s is not a valid number of the unassigned range", number)
			}
		}
		for _, number := range mobiles.FindAllString(sc.Text, -1) {
			if !strings.HasPrefix(number, "9 00") {
				t.Errorf("%s could be somebody's", number)
			}
		}
		who := fictitious()[sc.Who]
		if !strings.Contains(strings.ToLower(who.Name), "fictici") && !strings.Contains(strings.ToLower(who.Name), "inventad") {
			t.Errorf("%s is not visibly fictitious", who.Name)
		}
	}
	if found == 0 {
		t.Error("no RUT in any text: the check checks nothing")
	}
}

func TestTheMorningIsDelivered(t *testing.T) {
	r := newRig(t)
	got := calls[map[string]any](r, 200, http.MethodPost, "/sim/morning", "")
	if got["total"] != 40.0 || len(got["ids"].([]any)) != 40 {
		t.Fatalf("morning %v", got)
	}
	r.eventually("all delivered", func() bool {
		return calls[progress](r, 200, http.MethodGet, "/sim/morning", "") == progress{Total: 40, Delivered: 40}
	})
	oldest := r.clock.now()
	r.sim.read(func(w *world) {
		for _, id := range w.mornings[0].IDs {
			it := w.items[id]
			if it.At.Before(oldest) {
				oldest = it.At
			}
			if it.At.After(r.clock.now()) {
				t.Errorf("%s was written in the future", id)
			}
		}
	})
	// 24 business days before Tuesday 24-11-2026, with no holiday between: Wednesday 21-10.
	if want := time.Date(2026, 10, 21, 13, 0, 0, 0, time.UTC); !oldest.Equal(want) {
		t.Errorf("oldest at %v, want %v", oldest, want)
	}
	if again := calls[map[string]any](r, 200, http.MethodPost, "/sim/morning", ""); again["ids"].([]any)[0] == got["ids"].([]any)[0] {
		t.Error("a second morning repeats the ids of the first")
	}
}

func TestTheClockMovesOnlyForward(t *testing.T) {
	r := newRig(t)
	type at struct{ At time.Time }
	start := r.clock.now() // Tuesday 24-11-2026 10:00
	for _, c := range []struct {
		body string
		want time.Time
	}{
		{`{"step":"10m"}`, start.Add(10 * time.Minute)},
		{`{"step":"1h"}`, start.Add(70 * time.Minute)},
		{`{"step":"habil"}`, time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)},
		{`{"at":"2026-12-04T20:00:00Z"}`, time.Date(2026, 12, 4, 20, 0, 0, 0, time.UTC)}, // a Friday
		{`{"step":"habil"}`, time.Date(2026, 12, 7, 12, 0, 0, 0, time.UTC)},
		{`{"step":"habil"}`, time.Date(2026, 12, 9, 12, 0, 0, 0, time.UTC)}, // the 8th is a holiday
	} {
		if got := calls[at](r, 200, http.MethodPost, "/sim/clock", c.body); !got.At.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.body, got.At, c.want)
		}
	}
	if got := calls[at](r, 200, http.MethodGet, "/sim/clock", ""); !got.At.Equal(r.clock.now()) {
		t.Errorf("clock %v, want %v", got.At, r.clock.now())
	}
	ticks := len(r.ticked)
	for _, body := range []string{`{"at":"2020-01-01T00:00:00Z"}`, `{"step":"ayer"}`, `{}`} {
		if status, _ := r.call(http.MethodPost, "/sim/clock", body); status != http.StatusBadRequest {
			t.Errorf("%s: %d, want 400", body, status)
		}
	}
	if status, to, _ := r.submit("/reloj", url.Values{"at": {"2026-12-10T09:30"}}); status != http.StatusSeeOther || to != "/?ok=reloj" {
		t.Errorf("form: %d %s", status, to)
	}
	if diff := cmp.Diff(time.Date(2026, 12, 10, 12, 30, 0, 0, time.UTC), r.ticked[len(r.ticked)-1].UTC()); diff != "" || len(r.ticked) != ticks+1 {
		t.Errorf("ticked %v:\n%s", r.ticked, diff)
	}
	r.sim.cfg.Tick = nil
	if status, _ := r.call(http.MethodPost, "/sim/clock", `{"step":"1h"}`); status != http.StatusNotImplemented {
		t.Errorf("without Tick: %d, want 501", status)
	}
}

func TestClosingLetsGoOfHeldRequests(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	r.breaks(`{"target":"facebook","mode":"apply_then_hang"}`)
	ended := make(chan error, 1)
	go func() {
		_, err := r.rawComment(c.ID, "uno", 0)
		ended <- err
	}()
	r.eventually("the text is applied", func() bool { return len(r.sentTexts()) == 1 })
	if err := r.sim.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	<-ended
	if err := r.sim.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}
