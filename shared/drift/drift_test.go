package drift

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

var update = flag.Bool("update", false, "write the golden report anew")

// The expected values were reckoned by hand from the formula in the comment of psi.
func TestPSI(t *testing.T) {
	near := func(x float64) *float64 { return &x }
	for _, tt := range []struct {
		name        string
		now, before counts
		want        *float64
	}{
		{"nothing now", counts{}, counts{1}, nil},
		{"nothing before", counts{1}, counts{}, nil},
		{"the same", counts{10, 20, 30, 5, 5, 30}, counts{10, 20, 30, 5, 5, 30}, near(0)},
		{"the same at another size", counts{0, 197, 197, 0, 0, 0}, counts{0, 197, 197, 0, 0, 0}, near(0)},
		// (10.5/23 − 20.5/23)·ln(10.5/20.5) , and (10.5/23 − 0.5/23)·ln(10.5/0.5): 0.2909 + 1.3237
		{"half of one class went to another", counts{0, 0, 10, 10, 0, 0}, counts{0, 0, 20, 0, 0, 0}, near(1.6145)},
		{"a class that never came is no infinity", counts{100, 0, 0, 0, 0, 0}, counts{0, 100, 0, 0, 0, 0}, near(10.2977)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := psi(tt.now, tt.before)
			if (got == nil) != (tt.want == nil) || got != nil && math.Abs(*got-*tt.want) > 0.0001 {
				t.Errorf("psi = %v, want %v", text(got), text(tt.want))
			}
		})
	}
}

// psi is a distance: never negative, the same in both directions, zero from a distribution to itself.
func TestPSI_IsADistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a, b counts
		for i := range a {
			a[i], b[i] = rapid.IntRange(0, 500).Draw(t, "a"), rapid.IntRange(0, 500).Draw(t, "b")
		}
		there, back, self := psi(a, b), psi(b, a), psi(a, a)
		if there == nil {
			return
		}
		if *there < 0 || *there != *back || *self != 0 {
			t.Errorf("psi = %v, back %v, to itself %v", *there, *back, *self)
		}
	})
}

// The bounds are those of published tables of the score interval.
func TestShare(t *testing.T) {
	for _, tt := range []struct {
		count, of       int
		rate, low, high string
	}{
		{0, 0, "", "", ""},
		{0, 10, "0", "0", "0.2775"},
		{10, 10, "1", "0.7225", "1"},
		{81, 263, "0.308", "0.2553", "0.3662"}, // Newcombe 1998, table I
		{15, 148, "0.1014", "0.0624", "0.1605"},
		{1, 29, "0.0345", "0.0061", "0.1718"},
	} {
		s := share(tt.count, tt.of)
		if text(s.Rate) != tt.rate || text(s.Low) != tt.low || text(s.High) != tt.high {
			t.Errorf("%d of %d: %s from %s to %s, want %s from %s to %s", tt.count, tt.of, text(s.Rate), text(s.Low), text(s.High), tt.rate, tt.low, tt.high)
		}
	}
}

func TestMacroF1(t *testing.T) {
	type rows = map[classify.Intent]map[classify.Intent]int
	for _, tt := range []struct {
		name string
		of   rows
		want string
	}{
		{"nothing", rows{}, ""},
		{"all right", rows{classify.Reclamo: {classify.Reclamo: 3}, classify.Spam: {classify.Spam: 1}}, "1"},
		{"all wrong", rows{classify.Reclamo: {classify.Spam: 3}}, "0"},
		// reclamo: 2·6/(8+7) = 0.8; consulta: 2·3/(4+5) = 0.6667
		{"two classes", rows{classify.Reclamo: {classify.Reclamo: 6, classify.Consulta: 2}, classify.Consulta: {classify.Consulta: 3, classify.Reclamo: 1}}, "0.7333"},
		// a class that only the model says counts, with nothing right: (2·2/(3+2) + 0) / 2
		{"a class nobody meant", rows{classify.Reclamo: {classify.Reclamo: 2, classify.Denuncia: 1}}, "0.4"},
	} {
		if got := text(macroF1(tt.of)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Of several words on one case the last one counts, whichever comes first in the list; another period and network do not.
func TestCorrected(t *testing.T) {
	noon := time.Date(2026, 11, 10, 15, 0, 0, 0, time.UTC)
	in := Period{noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1)}
	said := func(id string, to classify.Intent, minutes int) ticket.Decision {
		return ticket.Decision{Ticket: id, Network: mention.X, Model: classify.Consulta, To: to, At: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	all := []ticket.Decision{
		said("a", classify.Consulta, 9), said("a", classify.Reclamo, 1), said("b", classify.Reclamo, 2), said("c", classify.Spam, 2*24*60),
	}
	if got := corrected(all, in, ""); got.Count != 1 || got.Of != 2 {
		t.Errorf("corrected %d of %d, want 1 of 2", got.Count, got.Of)
	}
	if got := corrected(all, in, mention.Facebook); got.Of != 0 || got.Rate != nil {
		t.Errorf("on another network %d of %d", got.Count, got.Of)
	}
}

// A week begins on the Monday of Chile, also the one with 23 hours less and the one after the clocks went back.
func TestWeeks(t *testing.T) {
	chile, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	day := func(month time.Month, d, hour int) time.Time { return time.Date(2026, month, d, hour, 0, 0, 0, chile) }
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     []string
	}{
		{"from a Wednesday on", day(11, 4, 9), day(11, 17, 0), []string{"2026-11-02", "2026-11-09", "2026-11-16"}},
		{"the night clocks go forward", day(8, 31, 0), day(9, 14, 0), []string{"2026-08-31", "2026-09-07"}},
		{"the night clocks go back", day(3, 30, 0), day(4, 13, 0), []string{"2026-03-30", "2026-04-06"}},
		{"the last hour of a Sunday", day(11, 8, 23), day(11, 9, 0), []string{"2026-11-02"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := Input{Period: Period{tt.from, tt.to}, Zone: chile, Readings: []ticket.Reading{{At: tt.from, Said: classify.Judgement{Intent: classify.Spam}}}}
			var got []string
			for _, w := range weeks(in, "", counts{}) {
				got = append(got, w.Monday)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if weeks(in, "", counts{})[0].Mentions != 1 {
				t.Error("the first instant of the period is in no week")
			}
		})
	}
}

// The PSI of a week is told where it says something.
func TestWeeks_PSI(t *testing.T) {
	monday := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		now, before int
		told        bool
	}{{100, 100, true}, {99, 100, false}, {100, 99, false}} {
		in := Input{Period: Period{monday, monday.AddDate(0, 0, 7)}, Zone: time.UTC}
		for range tt.now {
			in.Readings = append(in.Readings, ticket.Reading{At: monday, Said: classify.Judgement{Intent: classify.Reclamo}})
		}
		if got := weeks(in, "", counts{tt.before})[0].PSI; (got != nil) != tt.told {
			t.Errorf("%d against %d: %s", tt.now, tt.before, text(got))
		}
	}
}

// What is said of a figure follows from its limits, and of too few nothing is said.
func TestFindings(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	f := Figures{
		Mentions: 400, Before: 400, PSI: at(0.12), Unknown: Mean{at(0.31), at(0.2)}, Entropy: Mean{at(1), at(0.9)},
		Corrected: Share{Of: 60, Low: at(0.36)}, Blind: Audit{Accuracy: Share{Of: 50}, MacroF1: at(0.71)}, Shadow: Share{Of: 400, High: at(0.9)},
	}
	level := func(f Figures, code string) Level {
		for _, one := range findings(f) {
			if one.Code == code {
				return one.Level
			}
		}
		return ""
	}
	for code, want := range map[string]Level{"psi": Look, "desconocido": Act, "entropia": Fine, "correcciones": Act, "ciega": Look, "sombra": Fine} {
		if got := level(f, code); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
	f.Before, f.Corrected.Of, f.Blind.Accuracy.Of, f.Shadow.Of = 99, 49, 49, 0
	for code, want := range map[string]Level{"psi": Scant, "desconocido": Scant, "entropia": Scant, "correcciones": Scant, "ciega": Scant, "sombra": ""} {
		if got := level(f, code); got != want {
			t.Errorf("of few, %s: %s, want %s", code, got, want)
		}
	}
}

// month is a month of readings of two networks, in which complaints grow from one in five to two in five.
func month() Input {
	chile := time.FixedZone("-03", -3*60*60)
	from := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	in := Input{Period: Period{from, from.AddDate(0, 0, 28)}, Reference: Period{from.AddDate(0, 0, -28), from}, Zone: chile}
	for i := range 560 { // ten a day
		at := in.Reference.From.Add(time.Duration(i) * 56 * 24 * time.Hour / 560)
		intent, every := classify.Consulta, 5
		if in.Period.Holds(at) {
			every = 2
		}
		if i%every == 0 {
			intent = classify.Reclamo
		}
		network := mention.Facebook
		if i%4 == 3 {
			network = mention.X
		}
		r := ticket.Reading{
			Ticket: "01T", Mention: "m", Network: network, At: at,
			Said: classify.Judgement{Model: "lineal-1/n2", Intent: intent, Sure: 0.8, Margin: 0.6, Entropy: 0.75 + float64(i%3)/4, Unknown: 0.125},
		}
		if in.Period.Holds(at) && network == mention.X {
			r.Shadow = &classify.Judgement{Model: "lineal-2/n2", Intent: classify.Consulta}
		}
		in.Readings = append(in.Readings, r)
	}
	for i, intent := range []classify.Intent{classify.Reclamo, classify.Consulta, classify.Consulta, classify.Denuncia} {
		at := from.AddDate(0, 0, 5*i)
		id := string(rune('a' + i))
		in.Decisions = append(in.Decisions, ticket.Decision{Ticket: id, Network: mention.Facebook, Model: classify.Consulta, To: intent, At: at})
		in.Labels = append(in.Labels, ticket.Label{
			Ticket: id, Mention: id, Network: mention.Facebook, Kind: ticket.LabelBlind, Model: classify.Judgement{Intent: classify.Consulta}, Intent: intent, LabelledAt: at, Rev: 1,
		})
	}
	taken := in.Labels[0]
	taken.Undone = from
	doubtful := in.Labels[0]
	doubtful.Kind = ticket.LabelMargin
	in.Labels = append(in.Labels, taken, doubtful)
	return in
}

func TestReport_Golden(t *testing.T) {
	golden := func(name string, got []byte) {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	report := Of(month())
	raw, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden("report.json", append(raw, '\n'))
	raw, err = json.MarshalIndent(report.Table(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden("table.json", append(raw, '\n'))
}

// The order in which things are read changes nothing.
func TestReport_AnyOrder(t *testing.T) {
	want := Of(month())
	rapid.Check(t, func(t *rapid.T) {
		in := month()
		in.Readings = rapid.Permutation(in.Readings).Draw(t, "readings")
		in.Decisions = rapid.Permutation(in.Decisions).Draw(t, "decisions")
		in.Labels = rapid.Permutation(in.Labels).Draw(t, "labels")
		if diff := cmp.Diff(want, Of(in)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Every row of the table has all the columns.
func TestReport_Table(t *testing.T) {
	rows := Of(month()).Table()
	for _, row := range rows {
		if len(row) != len(rows[0]) {
			t.Errorf("%d fields, want %d: %v", len(row), len(rows[0]), row)
		}
	}
	for _, row := range Of(Input{Zone: time.UTC}).Table()[1:] {
		if row[3] != "" && row[3] != "0" {
			t.Errorf("of nothing: %v", row)
		}
	}
}
