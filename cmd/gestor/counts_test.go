package main_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"sence.gob.cl/gestor/infra/cost"
	"sence.gob.cl/gestor/shared/meta"
)

const countsFile = "../../infra/cost/counts.json"

var updateCounts = flag.Bool("update-counts", false, "write infra/cost/counts.json from what was counted")

// lives is how many of each kind are lived through; what is counted is their average.
const lives = 10

// TestCounts lives through mentions of every kind on the real functions, counts what they asked for, and holds it against
// the counts that the cost in docs/es/costos.md is made of.
func TestCounts(t *testing.T) {
	c := count(t)
	counted := cost.Counts{Kinds: map[cost.Kind]cost.Use{}, Console: map[string]cost.Use{}}
	repeat := c.known(1)
	c.take(1)
	for range 5 {
		c.quiet()
	}
	c.takeSweeps()
	counted.Sweep, counted.Looks = c.sweep, c.hour()
	c.take(1)

	for range lives {
		c.deliver(repeat)
	}
	counted.Kinds[cost.Repeated] = c.take(lives)
	c.arrive(lives, "Espera", "¿Dónde descargo mi certificado del curso en línea? Me gustaría saber también si sirve impreso o solo en pantalla.")
	counted.Kinds[cost.Queued] = c.take(lives)
	c.answer(c.arrive(lives, "Consulta", "¿Hasta cuándo puedo postular al curso de mi comuna? Quiero organizarme con tiempo para llevar los papeles."))
	counted.Kinds[cost.Answered] = c.take(lives)
	filed := c.arrive(lives, "Reclamo", "Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución")
	c.until("the folios", func() bool { return c.logs("escalate", filed) })
	c.answer(filed)
	counted.Kinds[cost.Escalated] = c.take(lives)

	cursor := c.changes("")
	c.take(1)
	c.changes(cursor)
	counted.Console["cambios"] = c.take(1)
	c.list("ejecutivo1", "limit=50")
	counted.Console["lista"] = c.take(1)
	if status := c.ask("GET", c.base+"/api/v1/attention?limit=50", nil, nil, c.as("ejecutivo1")...); status != http.StatusOK {
		t.Fatalf("attention: %d", status)
	}
	counted.Console["atencion"] = c.take(1)
	counted.Series = slices.Sorted(maps.Keys(c.series))
	c.compare(counted)
}

// answer is what a person does with cases from the queue to their end, and what the console asks meanwhile.
func (c *counter) answer(cases []string) {
	c.t.Helper()
	for _, id := range cases {
		seen := c.must("ejecutivo1", c.get("ejecutivo1", id), "claim", nil)
		c.must("ejecutivo1", seen, "reply", map[string]any{
			"visibility": "public", "text": "Hola. Revisamos tu caso. El detalle está en tu cuenta desde el viernes.", "undoSeconds": 1,
		})
	}
	c.until("the replies", func() bool { return c.logs("deliver", cases) })
	for _, id := range cases {
		c.must("supervisor", c.get("supervisor", id), "close", map[string]any{"reason": "respondido"})
	}
}

// logs reports whether a function has written of every one of the cases.
func (c *counter) logs(function string, cases []string) bool {
	of := map[string]bool{}
	for _, l := range c.since(c.read) {
		if l.Function == function {
			for _, id := range l.Tickets {
				of[id] = true
			}
		}
	}
	for _, id := range cases {
		if !of[id] {
			return false
		}
	}
	return true
}

func (c *counter) changes(cursor string) string {
	c.t.Helper()
	var out struct{ Cursor string }
	if status := c.ask("GET", c.base+"/api/v1/changes?since="+cursor, nil, &out, c.as("ejecutivo1")...); status != http.StatusOK {
		c.t.Fatalf("changes: %d", status)
	}
	return out.Cursor
}

// known delivers a comment and gives the body, to be delivered again.
func (c *counter) known(n int) []byte {
	c.t.Helper()
	const page = "100000000000001"
	serial := strconv.FormatInt(time.Now().UnixMilli(), 10) + strconv.Itoa(n)
	body, err := json.Marshal(map[string]any{"object": "page", "entry": []any{map[string]any{
		"id": page, "time": time.Now().Unix(), "changes": []any{map[string]any{"field": "feed", "value": map[string]any{
			"item": "comment", "verb": "add", "comment_id": page + "7_" + serial, "post_id": page + "_7", "parent_id": page + "_7",
			"created_time": time.Now().Unix(), "from": map[string]any{"id": "9" + serial, "name": "Persona Ficticia Repetida"},
			"message": "¿Hasta cuándo puedo postular al curso de mi comuna?",
		}}},
	}}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.deliver(body)
	return body
}

func (c *counter) deliver(body []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.(*testing.T).Context(), http.MethodPost, c.base+"/webhooks/facebook", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set(meta.SignatureHeader, meta.Sign(body, "local-meta-app-secret"))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		c.t.Fatalf("delivery: %d", res.StatusCode)
	}
}

// compare holds what was counted against the file, or writes it.
func (c *counter) compare(got cost.Counts) {
	c.t.Helper()
	for _, k := range cost.Kinds() {
		c.t.Logf("%-10s %+v", k, got.Kinds[k])
	}
	if *updateCounts {
		raw, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			c.t.Fatal(err)
		}
		if err := os.WriteFile(countsFile, append(raw, '\n'), 0o600); err != nil {
			c.t.Fatal(err)
		}
		return
	}
	raw, err := os.ReadFile(countsFile)
	if err != nil {
		c.t.Fatal(err)
	}
	var want cost.Counts
	if err := json.Unmarshal(raw, &want); err != nil {
		c.t.Fatal(err)
	}
	for _, difference := range differences(want, got) {
		c.t.Errorf("%s (go test ./cmd/gestor -run TestCounts -update-counts, and look at docs/es/costos.md)", difference)
	}
}

// looks names what looking at our accounts asks for.
const looks = "looks"

// differences names what is not as it was counted before. Requests, units and messages must be the same but for a message
// in ten that was tried twice on a busy machine; bytes differ with the width of ids and times.
func differences(want, got cost.Counts) []string {
	var out []string
	near := func(what string, want, got, relative, absolute float64) {
		if math.Abs(want-got) > want*relative+absolute {
			out = append(out, fmt.Sprintf("%s: %.2f, was %.2f", what, got, want))
		}
	}
	each := func(what string, want, got cost.Use) {
		near(what+": requests", want.HTTP, got.HTTP, 0, 0.05)
		near(what+": standard messages", want.Standard, got.Standard, 0, 0.15)
		near(what+": FIFO messages", want.FIFO, got.FIFO, 0, 0.15)
		writes := 0.03
		if what == looks { // a stray write while sweeps are learned counts once for each sweep of the hour
			writes = 0.06
		}
		near(what+": WRU", want.Writes, got.Writes, writes, 0.5)
		near(what+": RRU", want.Reads, got.Reads, 0.15, 2)
		near(what+": bytes of log", want.Logs, got.Logs, 0.1, 50)
		near(what+": bytes stored", want.Stored, got.Stored, 0.2, 4096)
		for name := range maps.Keys(want.Functions) {
			near(what+": "+name, want.Functions[name], got.Functions[name], 0, 0.15)
		}
		for name := range maps.Keys(got.Functions) {
			near(what+": "+name, want.Functions[name], got.Functions[name], 0, 0.15)
		}
	}
	for _, k := range cost.Kinds() {
		each(string(k), want.Kinds[k], got.Kinds[k])
	}
	for name := range want.Console {
		each(name, want.Console[name], got.Console[name])
	}
	each("sweep", want.Sweep, got.Sweep)
	each(looks, want.Looks, got.Looks)
	if !slices.Equal(want.Series, got.Series) {
		out = append(out, fmt.Sprintf("metrics: %q, were %q", got.Series, want.Series))
	}
	return out
}

// A count that cannot be refused proves nothing.
func TestDifferences_CatchPlantedChanges(t *testing.T) {
	base := func() cost.Counts {
		use := func() cost.Use {
			return cost.Use{HTTP: 1, Standard: 1, FIFO: 1, Writes: 20, Reads: 5, Logs: 900, Stored: 5000, Functions: map[string]float64{"intake": 1}}
		}
		out := cost.Counts{Kinds: map[cost.Kind]cost.Use{}, Console: map[string]cost.Use{"lista": use()}, Sweep: use(), Looks: use(), Series: []string{"Acked function=webhook"}}
		for _, k := range cost.Kinds() {
			out.Kinds[k] = use()
		}
		return out
	}
	if found := differences(base(), base()); len(found) > 0 {
		t.Fatalf("nothing planted, found %q", found)
	}
	for name, plant := range map[string]func(*cost.Counts){
		"one request more":     func(c *cost.Counts) { u := c.Kinds[cost.Answered]; u.HTTP++; c.Kinds[cost.Answered] = u },
		"a unit of work more":  func(c *cost.Counts) { c.Kinds[cost.Queued].Functions["relay"] = 1 },
		"two write units more": func(c *cost.Counts) { u := c.Kinds[cost.Repeated]; u.Writes += 2; c.Kinds[cost.Repeated] = u },
		"a chattier sweep":     func(c *cost.Counts) { c.Sweep.Logs *= 2 },
		"a dearer look":        func(c *cost.Counts) { c.Looks.Writes += 2 },
		"a metric more":        func(c *cost.Counts) { c.Series = append(c.Series, "Otra network=facebook") },
		"a dearer list":        func(c *cost.Counts) { u := c.Console["lista"]; u.Reads += 4; c.Console["lista"] = u },
	} {
		got := base()
		plant(&got)
		if len(differences(base(), got)) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}
