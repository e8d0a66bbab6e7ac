package desk_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/drift"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

const classifierReport = "/api/v1/reports/clasificador"

// Each report is for whom its verb allows, and for nobody else; one that does not exist is for nobody.
func TestReports_Roles(t *testing.T) {
	w := newWorld(t)
	for user, role := range roles() {
		by := ticket.Actor{Roles: []ticket.Role{role}}
		for path, verb := range map[string]ticket.Verb{classifierReport: ticket.CanSeeModel, corrections: ticket.CanExportModel} {
			want := http.StatusForbidden
			if ticket.Allowed(by, verb) {
				want = http.StatusOK
			}
			if a := w.fetch("GET", path, user, ""); a.status != want {
				t.Errorf("%s asks for %s: %d, want %d", user, path, a.status, want)
			}
		}
	}
	if a := w.ask("GET", "/api/v1/reports/otro", "supervisor", ""); a.status != http.StatusNotFound {
		t.Errorf("no such report: %d", a.status)
	}
}

func TestReports_Spans(t *testing.T) {
	w := newWorld(t)
	for query, field := range map[string]string{
		"":                                     "",
		"?from=2026-11-16&to=2026-11-22":       "",
		"?from=2026-11-16T00:00:00Z":           "",
		"?from=ayer":                           "from",
		"?to=2026-13-01":                       "to",
		"?from=2026-11-20&to=2026-11-10":       "to",
		"?from=2026-07-01&to=2026-07-31":       "from",
		"?refFrom=2026-08-01":                  "from",
		"?refFrom=x":                           "refFrom",
		"?refTo=x":                             "refTo",
		"?refTo=2026-11-23":                    "refTo",
		"?refFrom=2026-10-10&refTo=2026-10-01": "refTo",
		"?format=xlsx":                         "format",
	} {
		a := w.ask("GET", classifierReport+query, "supervisor", "")
		if field == "" {
			if a.status != http.StatusOK {
				t.Errorf("%s: %d %s", query, a.status, a.body)
			}
			continue
		}
		if p := read[refusal](w, a); a.status != http.StatusUnprocessableEntity || p.Campo != field {
			t.Errorf("%s: %d about %q, want 422 about %q", query, a.status, p.Campo, field)
		}
	}
}

// The report counts what was read, decided and labelled; as CSV it says the same.
func TestReports_Classifier(t *testing.T) {
	w := newWorld(t)
	at := func(n mention.Network, ago time.Duration) func(*ticket.Opening) {
		return func(in *ticket.Opening) { in.Event.Network, in.Event.At = n, w.clock().Add(-ago) }
	}
	before := 40 * 24 * time.Hour
	w.open(classify.Spam, w.sampled(false, at(mention.X, before)))
	w.open(classify.Consulta, w.sampled(false, at(mention.X, time.Hour)))
	w.open(classify.Consulta, w.sampled(true, at(mention.Facebook, 2*time.Hour)))
	wrong := w.open(classify.Consulta, w.sampled(false, at(mention.Facebook, 3*time.Hour), func(in *ticket.Opening) {
		in.Class.Shadow = &classify.Judgement{Model: "lineal-2", Intent: classify.Reclamo}
	}))
	right := w.open(classify.Felicitacion, w.sampled(false, at(mention.Facebook, 4*time.Hour)))
	w.act("supervisor", wrong.ID, "classify", map[string]any{"intent": "sugerencia"})
	w.act("supervisor", right.ID, "classify", map[string]any{"intent": "felicitacion"})
	w.label("siac", w.tray("siac")[0].Mention, someLabel)
	w.pass(time.Minute)

	r := read[drift.Report](w, w.ask("GET", classifierReport, "ti", ""))
	total := r.Total
	if total.Mentions != 4 || total.Before != 1 || total.PSI == nil || *total.PSI <= 0 {
		t.Errorf("%d mentions, %d before, psi %v", total.Mentions, total.Before, total.PSI)
	}
	if total.Corrected.Count != 1 || total.Corrected.Of != 2 {
		t.Errorf("corrected %+v", total.Corrected)
	}
	if total.Blind.Accuracy.Count != 0 || total.Blind.Accuracy.Of != 1 || total.Blind.Confusion[classify.Reclamo][classify.Consulta] != 1 {
		t.Errorf("blind %+v", total.Blind)
	}
	if total.Shadow.Of != 1 || total.Shadow.Count != 0 || !slices.Equal(r.Shadows, []string{"lineal-2"}) || !slices.Equal(r.Models, []string{"lineal-1"}) {
		t.Errorf("shadow %+v of %v beside %v", total.Shadow, r.Shadows, r.Models)
	}
	if len(r.Networks) != 2 || r.Networks[0].Network != mention.Facebook || r.Networks[0].Mentions != 3 || len(total.Weeks) != 5 {
		t.Errorf("%d networks, %d weeks", len(r.Networks), len(total.Weeks))
	}

	a := w.fetch("GET", classifierReport+"?format=csv", "ti", "")
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	if err != nil || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatalf("%v, %s", err, a.header.Get("Content-Type"))
	}
	want := drift.Of(drift.Input{Zone: time.UTC}).Table()[0]
	if !slices.Equal(rows[0], want) || len(rows) != len(r.Table()) {
		t.Errorf("%d rows under %v", len(rows), rows[0])
	}
}

const corrections = "/api/v1/reports/correcciones"

// taken takes out a set and gives its rows, without the first.
func (w *world) taken(user, query string) [][]string {
	w.Helper()
	a := w.fetch("GET", corrections+query, user, "")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/tab-separated-values; charset=utf-8" {
		w.Fatalf("%d %s %s", a.status, a.header.Get("Content-Type"), a.body)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(a.body), "\n"), "\n") {
		rows = append(rows, strings.Split(line, "\t"))
	}
	if strings.Join(rows[0], " ") != "network public intent secondary urgency sentiment topics pii hard text" {
		w.Fatalf("columns %v", rows[0])
	}
	return rows[1:]
}

// What is taken out is what people said, with a text that holds nobody's data; blind labels stand apart, and a mention of the audit
// is never among what teaches, whoever corrected its case.
func TestCorrections(t *testing.T) {
	w := newWorld(t)
	texts := func(text string) func(*ticket.Opening) { return func(in *ticket.Opening) { in.Event.Text = text } }
	corrected := w.open(classify.Consulta, w.sampled(false, unsure(0.9), texts("no me\tpagan\ny mi rut es 11.111.111-1 @juanito")))
	audited := w.open(classify.Consulta, w.sampled(true, texts("de la auditoría")))
	w.open(classify.Consulta, w.sampled(false, unsure(0.5), texts("la dudosa")))
	w.act("supervisor", corrected.ID, "classify", map[string]any{"intent": "sugerencia"})
	w.act("supervisor", audited.ID, "classify", map[string]any{"intent": "sugerencia"})
	for _, one := range w.tray("siac") {
		if one.Text == "la dudosa" || one.Kind == "blind" {
			w.label("siac", one.Mention, someLabel)
		}
	}
	w.pass(time.Minute)
	rows := w.taken("supervisor", "")
	if len(rows) != 2 {
		t.Fatalf("%d rows, want 2: %v", len(rows), rows)
	}
	first, second := rows[0], rows[1]
	if first[2] != "sugerencia" || first[7] != "rut" || first[8] != "solo_clase" || first[9] != `no me pagan\ny mi rut es  datorut  @persona` {
		t.Errorf("the corrected one: %q", first)
	}
	if second[0] != "facebook" || second[1] != "1" || second[2] != "reclamo" || second[4] != "alta" || second[8] != "clase_y_urgencia" || second[9] != "la dudosa" {
		t.Errorf("the labelled one: %q", second)
	}
	blind := w.taken("supervisor", "?set=ciega")
	if len(blind) != 1 || blind[0][2] != "reclamo" || blind[0][9] != "de la auditoría" {
		t.Errorf("the blind ones: %q", blind)
	}
	if got := w.taken("supervisor", "?to=2026-11-22"); len(got) != 0 {
		t.Errorf("of before: %q", got)
	}
	for _, bad := range []string{"?set=otra", "?format=json", "?format=csv"} {
		if a := w.ask("GET", corrections+bad, "supervisor", ""); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
}

// What its author took back, what may not be kept any longer and what this person may not know of is not taken out.
func TestCorrections_LeftOut(t *testing.T) {
	w := newWorld(t)
	decided := func(class, to string, with ...func(*ticket.Opening)) ticket.Ticket {
		c := w.open(classify.Intent(class), w.sampled(false, with...))
		user := "supervisor"
		if class == "denuncia" {
			user = "denuncias"
		}
		if a := w.act(user, c.ID, "classify", map[string]any{"intent": to, "reason": "así lo dice"}); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return w.ticket(c.ID)
	}
	taken := decided("consulta", "sugerencia")
	decided("consulta", "reclamo", func(in *ticket.Opening) { in.Event.Network = mention.LinkedIn })
	decided("denuncia", "denuncia")
	kept := decided("consulta", "felicitacion")
	w.pass(time.Minute)
	if got := w.taken("supervisor", ""); len(got) != 3 {
		t.Fatalf("%d rows, want 3: %v", len(got), got)
	}
	if got := w.taken("denuncias", ""); len(got) != 1 || got[0][2] != "denuncia" {
		t.Errorf("who answers for denuncias takes out %v", got)
	}
	story, err := w.store.Story(t.Context(), taken.ID)
	if err != nil {
		t.Fatal(err)
	}
	seen, _, err := w.store.Seen(t.Context(), taken.Network, taken.First)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := story.Ticket.WithdrawMention(story.Mentions[0], seen, w.clock())
	w.must(c, nil)
	w.pass(49 * time.Hour)
	got := w.taken("supervisor", "")
	if len(got) != 1 || got[0][2] != string(w.ticket(kept.ID).Intent.Final) {
		t.Errorf("taken out: %v", got)
	}
}

// Who took out what is written down before it is answered; when it cannot be, nothing is taken out.
func TestCorrections_WrittenDown(t *testing.T) {
	w := newWorld(t)
	var entry audit.Entry
	w.store.set(func(c ticket.Change) error {
		entry = c.Logged[0]
		return nil
	})
	w.taken("supervisor", "?set=ciega&from=2026-11-01")
	chain, err := w.store.History(t.Context(), entry.Ticket)
	if err != nil || len(chain) != 1 || audit.Verify(chain) != nil {
		t.Fatalf("%d entries, %v", len(chain), err)
	}
	e := chain[0]
	if e.Kind != audit.ModelExported || e.Actor != "supervisor" || e.Facts["set"] != "ciega" || e.Facts["rows"] != "0" || e.Facts["from"] != "2026-11-01T03:00:00Z" {
		t.Errorf("written down: %+v", e)
	}
	w.store.set(func(ticket.Change) error { return fault.New(fault.Transient, "x", nil) })
	if a := w.fetch("GET", corrections, "supervisor", ""); a.status != http.StatusServiceUnavailable || strings.Contains(string(a.body), "network\t") {
		t.Errorf("with the store busy: %d %s", a.status, a.body)
	}
}
