package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The outside applies what it is asked and then fails to say so: no reply is said twice, no case gets two folios, and what
// stays unknown waits for a person.
func TestAppliedThenFailed(t *testing.T) {
	const cases = 300
	for _, mode := range []string{"apply_then_500", "apply_then_reset", "apply_then_hang"} {
		t.Run(mode, func(t *testing.T) {
			w := start(t, "GESTOR_ESCALATE_UNDO=1s")
			for _, target := range []string{"facebook", "siac"} {
				fault := map[string]any{"target": target, "mode": mode, "rate": 0.2, "seed": 7}
				if status := w.ask("POST", w.sim+"/sim/faults", fault, nil); status/100 != 2 {
					t.Fatalf("fault: %d", status)
				}
			}
			per := cases / 3
			mentions := make([]string, per)
			for n := range per {
				mentions[n] = w.write("comment", "Persona Ficticia "+strconv.Itoa(n), "Llevo tres meses esperando el pago y nadie responde, exijo una solución. Caso "+strconv.Itoa(n))
			}
			held := answerAll(w, mentions)
			w.until("every reply and filing to end", func() bool { return ended(w, held) })
			said, folios := w.said(), w.folios()
			waiting := w.attention()
			for mention, c := range held {
				if n := len(said[mention]); n != 1 && !waiting[c.ID] {
					t.Errorf("%s: said %d times and nobody is told", c.Number, n)
				} else if n > 1 {
					t.Errorf("%s: said %d times", c.Number, n)
				}
				if n := len(folios[c.Number]); n != 1 {
					t.Errorf("%s: %d folios", c.Number, n)
				}
			}
		})
	}
}

// answerAll claims and answers the case of each mention.
func answerAll(w *whole, mentions []string) map[string]seenCase {
	w.t.Helper()
	held := map[string]seenCase{}
	for n, mention := range mentions {
		c := w.find("ejecutivo1", mention)
		for _, step := range []struct {
			action string
			body   map[string]any
		}{{"claim", nil}, {"reply", map[string]any{"visibility": "public", "text": fmt.Sprintf("Hola. Revisamos tu caso número %d.", n)}}} {
			// The filing moves the version on its own: who is told "stale" reads again, as the console does.
			w.until(step.action, func() bool {
				c = w.get("ejecutivo1", c.ID)
				body := map[string]any{}
				for k, v := range step.body {
					body[k] = v
				}
				status, after := w.act("ejecutivo1", c, step.action, body)
				if status == 200 {
					c = after
				} else if status != 409 {
					w.t.Fatalf("%s: %d", step.action, status)
				}
				return status == 200
			})
		}
		held[mention] = c
	}
	return held
}

// ended reports whether no reply and no filing is on its way any more.
func ended(w *whole, held map[string]seenCase) bool {
	w.t.Helper()
	waiting := w.attention()
	for _, c := range held {
		now := w.get("ejecutivo1", c.ID)
		reply := now.Replies[0].State
		if reply != "sent" && (reply != "unknown" || !waiting[c.ID]) {
			return false
		}
		if now.SIAC.State != "filed" && !waiting[c.ID] {
			return false
		}
	}
	return true
}

// attention gives the cases that wait for a person.
func (w *whole) attention() map[string]bool {
	w.t.Helper()
	out := map[string]bool{}
	var page struct{ Items []struct{ Ticket string } }
	if status := w.ask("GET", w.base+"/api/v1/attention?limit=200", nil, &page, w.as("supervisor")...); status != 200 {
		w.t.Fatalf("attention: %d", status)
	}
	for _, i := range page.Items {
		out[i.Ticket] = true
	}
	return out
}

// Killed in the middle of a load, the system has lost nothing that it acknowledged, and doubled nothing.
func TestKilledInTheMiddle(t *testing.T) {
	w := start(t)
	journal := filepath.Join(w.data, "journal.jsonl")
	var wg sync.WaitGroup
	wg.Go(func() {
		load := gestor(w, "load", "--rate", "24", "--for", "20s", "--duplicates", "0.3", "--shuffle", "--journal", journal)
		_, _ = load.CombinedOutput() // it ends by itself when the system dies under it: the journal is what counts
	})
	time.Sleep(8 * time.Second)
	pid := w.cmd.Process.Pid
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = w.cmd.Wait()
	w.run()
	wg.Wait()
	out, err := gestor(w, "load", "--check", journal).CombinedOutput()
	if err != nil {
		t.Fatalf("check: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// A plain load loses nothing and doubles nothing.
func TestLoad(t *testing.T) {
	w := start(t)
	out, err := gestor(w, "load", "--rate", "24", "--for", "20s", "--duplicates", "0.3", "--shuffle").CombinedOutput()
	if err != nil {
		t.Fatalf("load: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// gestor is a command of the built program against this system.
func gestor(w *whole, args ...string) *exec.Cmd {
	w.t.Helper()
	return exec.Command("../../bin/gestor", append(args, "--url", w.base)...)
}

// A load through the simulated networks, of whose deliveries some are never made: looking finds each of them, and counts as
// repaired what was dropped and nothing else.
func TestLoad_Dropped(t *testing.T) {
	w := start(t)
	for n, network := range []string{"facebook", "instagram", "x", "linkedin"} { // WhatsApp's cannot be read back
		fault := map[string]any{"target": network, "mode": "drop_webhooks", "rate": 0.05, "seed": n}
		if status := w.ask("POST", w.sim+"/sim/faults", fault, nil); status/100 != 2 {
			t.Fatalf("fault: %d", status)
		}
	}
	load := gestor(w, "load", "--rate", "24", "--for", "20s", "--source", "all", "--simulator", w.sim)
	var out, progress bytes.Buffer
	load.Stdout, load.Stderr = &out, &progress
	if err := load.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- load.Wait() }()
	time.Sleep(25 * time.Second) // everything is said by then
	var err error
	for over := false; !over; {
		select {
		case err = <-ended:
			over = true
		case <-time.After(time.Second):
			w.later(8 * time.Minute)
		}
	}
	var report struct{ Acked, Distinct, Tickets, Lost, Doubled, Dropped, Repaired int }
	if wrong := json.Unmarshal(out.Bytes(), &report); err != nil || wrong != nil {
		t.Fatalf("load: %v, %v\n%s%s", err, wrong, out.Bytes(), progress.Bytes())
	}
	t.Logf("%s", out.Bytes())
	if report.Acked < 480 || report.Lost != 0 || report.Doubled != 0 || report.Tickets != report.Distinct {
		t.Errorf("%+v", report)
	}
	if report.Dropped < 5 || report.Repaired != report.Dropped {
		t.Errorf("%d dropped, %d repaired", report.Dropped, report.Repaired)
	}
}
