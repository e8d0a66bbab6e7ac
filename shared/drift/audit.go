package drift

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// audit compares the blind labels of the period with what the model had said.
func audit(all []ticket.Label, in Period, n mention.Network) Audit {
	out := Audit{Confusion: map[classify.Intent]map[classify.Intent]int{}}
	right, of := 0, 0
	for _, l := range all {
		if l.Kind != ticket.LabelBlind || !l.Stands() || !in.Holds(l.LabelledAt) || n != "" && l.Network != n {
			continue
		}
		if out.Confusion[l.Intent] == nil {
			out.Confusion[l.Intent] = map[classify.Intent]int{}
		}
		out.Confusion[l.Intent][l.Model.Intent]++
		of++
		if l.Intent == l.Model.Intent {
			right++
		}
	}
	out.Accuracy, out.MacroF1 = share(right, of), macroF1(out.Confusion)
	return out
}

// macroF1 is the mean, over the intents that people or the model said, of 2·right / (said by people + said by the model).
func macroF1(confusion map[classify.Intent]map[classify.Intent]int) *float64 {
	sum, classes := 0.0, 0
	for _, intent := range classify.Intents() {
		people, model := 0, 0
		for gold, row := range confusion {
			model += row[intent]
			for _, count := range row {
				if gold == intent {
					people += count
				}
			}
		}
		if people+model == 0 {
			continue
		}
		classes++
		sum += 2 * float64(confusion[intent][intent]) / float64(people+model)
	}
	if classes == 0 {
		return nil
	}
	return rounded(sum / float64(classes))
}

// weeks are the figures of each week of the period, the first first; the PSI is against the whole reference, and absent where it would be chance.
func weeks(in Input, n mention.Network, before counts) []Week {
	parts := map[string]*tally{}
	for _, r := range in.Readings {
		if !in.Period.Holds(r.At) || n != "" && r.Network != n {
			continue
		}
		monday := mondayOf(r.At, in.Zone)
		if parts[monday] == nil {
			parts[monday] = &tally{}
		}
		parts[monday].add(r)
	}
	out := []Week{}
	for from := in.Period.From; from.Before(in.Period.To); {
		to := earlier(nextMonday(from, in.Zone), in.Period.To)
		monday := mondayOf(from, in.Zone)
		w := Week{Monday: monday, Corrected: corrected(in.Decisions, Period{from, to}, n)}
		if t := parts[monday]; t != nil {
			w.Mentions, w.Unknown, w.Entropy = t.n, t.mean(t.unknown), t.mean(t.entropy)
			if t.n >= enoughMentions && before.sum() >= enoughMentions {
				w.PSI = psi(t.classes, before)
			}
		}
		out = append(out, w)
		from = to
	}
	return out
}

// mondayOf gives the date of the Monday of an instant's week, where the clocks show zone.
func mondayOf(at time.Time, zone *time.Location) string {
	return monday(at, zone).Format(time.DateOnly)
}

// monday is its first instant. Clocks change on Sundays: every Monday has its midnight.
func monday(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	back := (int(local.Weekday()) + 6) % 7
	return time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, zone)
}

func nextMonday(at time.Time, zone *time.Location) time.Time {
	m := monday(at, zone)
	return time.Date(m.Year(), m.Month(), m.Day()+7, 0, 0, 0, 0, zone)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Level is what a finding asks for.
type Level string

// The levels.
const (
	Fine  Level = "bien"   // nothing to do
	Look  Level = "mirar"  // look at texts of these days
	Act   Level = "actuar" // label more, and train again
	Scant Level = "pocos"  // too few to say anything
)

// Finding is what one figure says: Code is psi, desconocido, entropia, correcciones, ciega or sombra.
type Finding struct {
	Code  string `json:"code"`
	Level Level  `json:"level"`
}

// Below so many of each, a figure moves by chance alone as far as by what it measures: with a hundred mentions a week against four
// hundred, a PSI of 0.06 is what nothing at all looks like.
const (
	enoughMentions = 100
	enoughLabels   = 50
)

// findings hold the figures against the limits of ADR 0030.
func findings(f Figures) []Finding {
	scant := f.Mentions < enoughMentions || f.Before < enoughMentions
	out := []Finding{
		{"psi", level(f.PSI, scant, 0.1, 0.25)},
		{"desconocido", level(grown(f.Unknown), scant, 0.05, 0.1)},
		{"entropia", level(grown(f.Entropy), scant, 0.2, 0.4)},
		{"correcciones", level(f.Corrected.Low, f.Corrected.Of < enoughLabels, 0.2, 0.35)},
		{"ciega", level(missing(f.Blind.MacroF1), f.Blind.Accuracy.Of < enoughLabels, 0.28, 0.4)},
	}
	if f.Shadow.Of > 0 {
		out = append(out, Finding{"sombra", level(missing(f.Shadow.High), f.Shadow.Of < enoughMentions, 0.15, 0.3)})
	}
	return out
}

// level holds a figure that should be small against what to look at and what to act on.
func level(figure *float64, scant bool, look, act float64) Level {
	switch {
	case figure == nil || scant:
		return Scant
	case *figure > act:
		return Act
	case *figure > look:
		return Look
	default:
		return Fine
	}
}

// grown is how much a mean has grown since the reference.
func grown(m Mean) *float64 {
	if m.Now == nil || m.Before == nil {
		return nil
	}
	return rounded(*m.Now - *m.Before)
}

// missing is what a share lacks to one.
func missing(share *float64) *float64 {
	if share == nil {
		return nil
	}
	return rounded(1 - *share)
}

func sorted[K cmp.Ordered](set map[K]bool) []K {
	out := slices.AppendSeq([]K{}, maps.Keys(set))
	slices.Sort(out)
	return out
}
