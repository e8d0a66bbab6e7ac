// Package drift tells from what a model said, and from what people said after it, whether the model still fits what people write:
// distances between two periods, shares with their bounds, and what has to be looked at. It counts; it reads nothing.
package drift

import (
	"math"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// Period is the time from From on, up to To and without it.
type Period struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Holds reports whether an instant lies in the period.
func (p Period) Holds(at time.Time) bool { return !at.Before(p.From) && at.Before(p.To) }

// Input is what a report counts: readings of both periods, decisions and labels of the first. Weeks begin on Mondays in Zone.
type Input struct {
	Period, Reference Period
	Readings          []ticket.Reading
	Decisions         []ticket.Decision
	Labels            []ticket.Label
	Zone              *time.Location
}

// Share is how many of how many, with the bounds of Wilson at 95 %. All three figures are absent where there is nothing to count.
type Share struct {
	Count int      `json:"count"`
	Of    int      `json:"of"`
	Rate  *float64 `json:"rate,omitempty"`
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
}

// Mean is a mean in the period and in the reference; absent where there was nothing.
type Mean struct {
	Now    *float64 `json:"now,omitempty"`
	Before *float64 `json:"before,omitempty"`
}

// Class is the share of mentions that the model took for one intent.
type Class struct {
	Intent classify.Intent `json:"intent"`
	Count  int             `json:"count"`
	Before int             `json:"before"`
}

// Audit is how the model does against labels that were given blindly. Confusion counts, for each intent that people said, what the
// model had said; MacroF1 is the mean of F1 over the intents that either said.
type Audit struct {
	Accuracy  Share                                       `json:"accuracy"`
	MacroF1   *float64                                    `json:"macroF1,omitempty"`
	Confusion map[classify.Intent]map[classify.Intent]int `json:"confusion"`
}

// Figures are those of one network, or of all (Network is ""). Unknown is the mean share of a text that the model has never met,
// Entropy how undecided it was, in bits.
type Figures struct {
	Network   mention.Network `json:"network,omitempty"`
	Mentions  int             `json:"mentions"`
	Before    int             `json:"before"`
	Classes   []Class         `json:"classes"`
	PSI       *float64        `json:"psi,omitempty"`
	Unknown   Mean            `json:"unknown"`
	Entropy   Mean            `json:"entropy"`
	Corrected Share           `json:"corrected"`
	Blind     Audit           `json:"blind"`
	Shadow    Share           `json:"shadow"`
	Findings  []Finding       `json:"findings"`
	Weeks     []Week          `json:"weeks"`
}

// Week is one week from its Monday on (2026-11-23), as far as it lies in the period.
type Week struct {
	Monday    string   `json:"monday"`
	Mentions  int      `json:"mentions"`
	PSI       *float64 `json:"psi,omitempty"`
	Unknown   *float64 `json:"unknown,omitempty"`
	Entropy   *float64 `json:"entropy,omitempty"`
	Corrected Share    `json:"corrected"`
}

// Report is the whole. Models names those that spoke in the period, Shadows those beside them.
type Report struct {
	Period    Period    `json:"period"`
	Reference Period    `json:"reference"`
	Models    []string  `json:"models"`
	Shadows   []string  `json:"shadows"`
	Total     Figures   `json:"total"`
	Networks  []Figures `json:"networks"`
}

// Of makes the report. The same input gives the same report, in whatever order it comes.
func Of(in Input) Report {
	models, shadows := map[string]bool{}, map[string]bool{}
	for _, r := range in.Readings {
		if !in.Period.Holds(r.At) {
			continue
		}
		models[r.Said.Model] = true
		if r.Shadow != nil {
			shadows[r.Shadow.Model] = true
		}
	}
	out := Report{
		Period: in.Period, Reference: in.Reference, Models: sorted(models), Shadows: sorted(shadows), Total: figures(in, ""), Networks: []Figures{},
	}
	for _, n := range mention.Networks() {
		if f := figures(in, n); f.Mentions+f.Before+f.Corrected.Of+f.Blind.Accuracy.Of > 0 {
			out.Networks = append(out.Networks, f)
		}
	}
	return out
}

// figures counts what is of a network, or everything.
func figures(in Input, n mention.Network) Figures {
	var now, before tally
	for _, r := range in.Readings {
		switch {
		case n != "" && r.Network != n:
		case in.Period.Holds(r.At):
			now.add(r)
		case in.Reference.Holds(r.At):
			before.add(r)
		}
	}
	f := Figures{
		Network: n, Mentions: now.n, Before: before.n, Classes: []Class{}, PSI: psi(now.classes, before.classes),
		Unknown: Mean{now.mean(now.unknown), before.mean(before.unknown)}, Entropy: Mean{now.mean(now.entropy), before.mean(before.entropy)},
		Weeks:     weeks(in, n, before.classes),
		Corrected: corrected(in.Decisions, in.Period, n), Blind: audit(in.Labels, in.Period, n), Shadow: share(now.agreed, now.shadowed),
	}
	for i, intent := range classify.Intents() {
		f.Classes = append(f.Classes, Class{intent, now.classes[i], before.classes[i]})
	}
	f.Findings = findings(f)
	return f
}

// counts is how many mentions fell to each intent, in the order of classify.Intents.
type counts [6]int

func (c counts) sum() (n int) {
	for _, one := range c {
		n += one
	}
	return n
}

// tally adds up readings.
type tally struct {
	n, agreed, shadowed int
	classes             counts
	unknown, entropy    float64
}

func (t *tally) add(r ticket.Reading) {
	t.n++
	if at := r.Said.Intent.Rank(); at < len(t.classes) {
		t.classes[at]++
	}
	t.unknown += r.Said.Unknown
	t.entropy += r.Said.Entropy
	if r.Shadow != nil {
		t.shadowed++
		if r.Shadow.Intent == r.Said.Intent {
			t.agreed++
		}
	}
}

func (t tally) mean(sum float64) *float64 {
	if t.n == 0 {
		return nil
	}
	return rounded(sum / float64(t.n))
}

// psi is the population stability index between what the model said now (a) and before (b): the sum over the six intents of
// (a−b)·ln(a/b), where each share is (count + ½) / (all + 6·½). The half keeps an intent that never came from making it infinite.
// Absent where one of the two has nothing.
func psi(now, before counts) *float64 {
	n, m := now.sum(), before.sum()
	if n == 0 || m == 0 {
		return nil
	}
	const half = 0.5
	share := func(count, all int) float64 { return (float64(count) + half) / (float64(all) + half*float64(len(now))) }
	sum := 0.0
	for i := range now {
		a, b := share(now[i], n), share(before[i], m)
		sum += (a - b) * math.Log(a/b)
	}
	return rounded(sum)
}

// share is count of of, with the score interval of Wilson at 95 %.
func share(count, of int) Share {
	s := Share{Count: count, Of: of}
	if of == 0 {
		return s
	}
	const z = 1.959964
	n, p := float64(of), float64(count)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	reach := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	s.Rate, s.Low, s.High = rounded(p), rounded(max(0, middle-reach)), rounded(min(1, middle+reach))
	return s
}

// corrected counts, of the cases whose class a person decided in the period, those in which the last word is not the model's.
func corrected(all []ticket.Decision, in Period, n mention.Network) Share {
	last := map[string]ticket.Decision{}
	for _, d := range all {
		if was, found := last[d.Ticket]; in.Holds(d.At) && (n == "" || d.Network == n) && (!found || !d.At.Before(was.At)) {
			last[d.Ticket] = d
		}
	}
	wrong := 0
	for _, d := range last {
		if d.Corrects() {
			wrong++
		}
	}
	return share(wrong, len(last))
}

func rounded(x float64) *float64 {
	x = math.Round(x*10000) / 10000
	return &x
}
