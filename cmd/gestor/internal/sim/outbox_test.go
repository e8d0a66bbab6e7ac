package sim

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRefusedDeliveriesAreTriedAgainWithTheSameBytes(t *testing.T) {
	r := newRig(t)
	r.gestor.answer(facebookPath, http.StatusInternalServerError)
	r.write(`{"text":"hola"}`)
	first := r.delivered(facebookPath, 1)
	r.eventually("the refusal noted", func() bool { l := r.sim.outbox.list(); return len(l) == 1 && l[0].Tries == 1 })
	if got := r.sim.outbox.list()[0].Last; got != "respondió 500" {
		t.Errorf("last = %q", got)
	}
	r.clock.move(pause(1))
	r.delivered(facebookPath, 2)
	r.eventually("the second refusal noted", func() bool { l := r.sim.outbox.list(); return len(l) == 1 && l[0].Tries == 2 })
	r.gestor.answer(facebookPath, 0)
	r.clock.move(pause(2))
	third := r.delivered(facebookPath, 3)
	r.eventually("nothing owed", func() bool { return len(r.sim.outbox.list()) == 0 })
	if diff := cmp.Diff(string(first.body), string(third.body)); diff != "" {
		t.Errorf("tries differ:\n%s", diff)
	}
}

func TestPausesGrow(t *testing.T) {
	for n := 1; n < 20; n++ {
		if pause(n+1) < pause(n) {
			t.Errorf("pause(%d) = %v after %v", n+1, pause(n+1), pause(n))
		}
	}
}

func TestWhatIsGivenUpCanBeAskedForAgain(t *testing.T) {
	r := newRig(t)
	r.gestor.answer(facebookPath, http.StatusForbidden)
	r.write(`{"text":"hola"}`)
	for n := 1; n <= giveUpTries; n++ {
		r.delivered(facebookPath, n)
		r.eventually("the try counted", func() bool { l := r.sim.outbox.list(); return len(l) == 0 || l[0].Tries == n })
		r.clock.move(giveUpAfter / 10)
	}
	r.eventually("given up", func() bool { return len(r.sim.outbox.list()) == 0 })
	r.gestor.answer(facebookPath, 0)
	got := calls[map[string]int](r, 200, http.MethodPost, "/sim/deliveries/retry", "")
	if got["pending"] != 1 {
		t.Errorf("pending = %d, want 1", got["pending"])
	}
	r.delivered(facebookPath, giveUpTries+1)
	r.eventually("nothing owed", func() bool { return len(r.sim.outbox.list()) == 0 })
	if again := calls[map[string]int](r, 200, http.MethodPost, "/sim/deliveries/retry", ""); again["pending"] != 0 {
		t.Errorf("pending after it was delivered = %d, want 0", again["pending"])
	}
}

func TestARestartForgetsNothing(t *testing.T) {
	r := newRig(t)
	r.gestor.answer(facebookPath, http.StatusServiceUnavailable)
	c := r.write(`{"text":"hola"}`)
	r.write(`{"kind":"dm","text":"por interno"}`)
	r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=respuesta")
	status, raw := r.call(http.MethodPost, "/siac-api/v1/casos", filingBody("RS-2026-0000001-1", "k1"), siacHeaders("k1")...)
	if status != http.StatusCreated {
		t.Fatalf("filing: %d %s", status, raw)
	}
	r.call(http.MethodPost, "/ses/v2/email/outbound-emails", letterBody)
	r.call(http.MethodPost, "/sim/faults", `{"target":"siac","mode":"slow","rate":0.5,"count":7,"seed":3,"ms":1}`)
	r.delivered(facebookPath, 3)
	before := r.snapshot()

	second := r.again()
	if diff := cmp.Diff(before, second.snapshot()); diff != "" {
		t.Errorf("after a kill the world differs (-before +after):\n%s", diff)
	}
	if owed := second.sim.outbox.list(); len(owed) != 3 {
		t.Errorf("%d deliveries owed after a kill, want the comment's, the message's and the answer's", len(owed))
	}
	r.gestor.answer(facebookPath, 0)
	second.eventually("what was owed is delivered", func() bool { second.clock.move(time.Minute); return len(second.sim.outbox.list()) == 0 })
	// Known ids are not given again.
	if p := second.write(`{"text":"otra"}`); p.ID == c.ID {
		t.Errorf("id %s given twice", p.ID)
	}
	// The same filing after the restart is the same case.
	if status, _ := second.call(http.MethodPost, "/siac-api/v1/casos", filingBody("RS-2026-0000001-1", "k1"), siacHeaders("k1")...); status != http.StatusOK {
		t.Errorf("repeated filing: %d, want 200", status)
	}
}

// snapshot is what the control surface says of the world.
func (r *rig) snapshot() map[string]string {
	r.t.Helper()
	all := map[string]string{}
	for _, path := range []string{"/sim/facebook/sent", "/sim/siac/casos", "/sim/mail", "/sim/faults"} {
		status, raw := r.call(http.MethodGet, path, "")
		if status != http.StatusOK {
			r.t.Fatalf("%s: %d", path, status)
		}
		all[path] = string(raw)
	}
	r.sim.read(func(w *world) { all["owed"] = fmt.Sprint(len(w.pending)) })
	return all
}

func TestATornEndIsCutOff(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	r.delivered(facebookPath, 1)
	path := filepath.Join(r.dir, "journal.jsonl")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`[{"item":{"id":"1_2","kind":"com`); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	second := r.again()
	if status, _ := second.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"?fields=id,message", ""); status != http.StatusOK {
		t.Errorf("the comment before the torn line: %d", status)
	}
	second.write(`{"text":"sigue"}`)
	third := second.again()
	if status, _ := third.graph(http.MethodGet, "/graph/v25.0/"+c.ID, ""); status != http.StatusOK {
		t.Errorf("a journal written on after a torn end: %d", status)
	}
}

func TestADamagedJournalIsAnErrorThatSaysWhere(t *testing.T) {
	r := newRig(t)
	r.write(`{"text":"hola"}`)
	path := filepath.Join(r.dir, "journal.jsonl")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bad := strings.Replace(string(raw), "\n[", "\n{", 1)
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := r.sim.cfg
	cfg.Dir = dir
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("New = %v, want an error that names line 2", err)
	}
}

func TestAnAnswerWaitsForTheDisk(t *testing.T) {
	r := newRig(t)
	for range 3 {
		r.write(`{"text":"hola"}`)
		j := r.sim.journal
		j.syncing.Lock()
		synced := j.synced
		j.syncing.Unlock()
		if raw, err := os.ReadFile(filepath.Join(r.dir, "journal.jsonl")); err != nil || uint64(strings.Count(string(raw), `"kind":"comment"`)) > synced {
			t.Errorf("answered with %d lines on the disk: %v", synced, err)
		}
	}
}

func TestACommitThatCannotBeWrittenIsNotAnswered(t *testing.T) {
	r := newRig(t)
	if err := r.sim.journal.file.Close(); err != nil {
		t.Fatal(err)
	}
	status, raw := r.call(http.MethodPost, "/sim/facebook/messages", `{"text":"hola"}`)
	if status != http.StatusInternalServerError || strings.Contains(string(raw), "hola") {
		t.Errorf("%d %s, want 500", status, raw)
	}
	if got := r.gestor.deliveries(facebookPath); len(got) != 0 {
		t.Errorf("%d deliveries of what is not on the disk", len(got))
	}
}

func TestHandshake(t *testing.T) {
	r := newRig(t)
	if status, raw := r.call(http.MethodPost, "/sim/facebook/handshake", ""); status != http.StatusOK {
		t.Errorf("%d %s", status, raw)
	}
	r.gestor.server.Close()
	if status, raw := r.call(http.MethodPost, "/sim/facebook/handshake", ""); status != http.StatusBadGateway {
		t.Errorf("%d %s, want 502", status, raw)
	}
}
