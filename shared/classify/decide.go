package classify

import (
	"math"
	"slices"
)

// decide fills in what the model says of a reading.
func (c *Classifier) decide(r *Result, read reading, with *scratch) {
	m := c.model
	if cap(with.scores) < m.columns() {
		with.scores = make([]float32, m.columns())
	}
	scores := with.scores[:m.columns()]
	r.Unknown = m.score(read.features, scores)
	r.Probabilities = likely(m.head(scores, headIntent), m.Temperature)
	r.Fold = float64(m.Fold)
	r.Intent = cheapest(r.Probabilities, m.costs)
	r.Set = ranked(r.Probabilities, r.Intent, float64(m.Mass))
	r.Urgency = raised(Urgencies()[most(m.head(scores, headUrgency))], r.Intent, read.score)
	r.Sentiment = Sentiments()[most(m.head(scores, headTone))]
	r.Topics = c.about(m.head(scores, headTopics), read.score.topics)
	r.Reasons = append(r.Reasons, read.score.reasons...)
	r.Why = c.why(r, read, with)
}

// Costs is what it costs to take the row for the column, in the order of Intents: an overlooked denuncia costs most, a question that
// is shown as a complaint little (classification.md §5).
func Costs() [6][6]float64 {
	return [6][6]float64{
		{0, 8, 8, 8, 10, 10}, // denuncia
		{1, 0, 5, 3, 6, 8},   // reclamo
		{2, 1, 0, 1, 2, 4},   // consulta
		{2, 1, 1, 0, 1, 3},   // sugerencia
		{3, 2, 1, 1, 0, 1},   // felicitacion
		{2, 1, 1, 1, 1, 0},   // spam
	}
}

// leaning is every cost raised to lean: with 0 all mistakes cost the same, with 1 what they cost.
func leaning(lean float64) [6][6]float64 {
	costs := Costs()
	for i := range costs {
		for j := range costs[i] {
			if i != j {
				costs[i][j] = math.Pow(costs[i][j], lean)
			}
		}
	}
	return costs
}

// Cheapest gives the intent that a model with such a lean would choose.
func Cheapest(p map[Intent]float64, lean float64) Intent { return cheapest(p, leaning(lean)) }

// cheapest gives the intent that would cost least if it were wrong; precedence decides ties. Where all costs are the same that is
// the likeliest.
func cheapest(p map[Intent]float64, costs [6][6]float64) Intent {
	best, least := Denuncia, math.Inf(1)
	for j, said := range Intents() {
		cost := 0.0
		for i, is := range Intents() {
			cost += p[is] * costs[i][j]
		}
		if cost < least-1e-12 {
			best, least = said, cost
		}
	}
	return best
}

// likely turns the scores of the intents into calibrated probabilities.
func likely(scores []float32, temperature float32) map[Intent]float64 {
	top := slices.Max(scores)
	p, sum := make(map[Intent]float64, len(scores)), 0.0
	for i, intent := range Intents() {
		p[intent] = math.Exp(float64((scores[i] - top) / temperature))
		sum += p[intent]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// most gives the place of the highest score.
func most(scores []float32) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}

// raised is the urgency the model says, or more: what a rule knows to be a matter of life, or of somebody's living, is never less.
func raised(u Urgency, intent Intent, s *score) Urgency {
	switch {
	case s.critical:
		return Critica
	case s.high && (intent == Reclamo || intent == Consulta) && (u == Media || u == Baja):
		return Alta
	case u == Baja && slices.Contains(s.flags, FlagDataRights): // somebody's own case, with a term of its own
		return Media
	default:
		return u
	}
}

// about gives the topics that are likely enough, in the order of the table; otro only when nothing is named. Where a rule heard a word
// of a topic less is enough: the name of a programme alone says it, a word like «pago» stands in many mentions about something else.
func (c *Classifier) about(scores []float32, found map[string]bool) []string {
	chosen := []string{}
	for i, s := range scores {
		cut := c.model.Cuts[i]
		if found[c.topics[i]] {
			cut = c.model.Heard[i]
		}
		if c.topics[i] != topicOther && 1/(1+math.Exp(-float64(s))) >= float64(cut) {
			chosen = append(chosen, c.topics[i])
		}
	}
	if len(chosen) == 0 {
		chosen = append(chosen, topicOther)
	}
	return named(chosen)
}

// collapseLimit is the most that the intents that are somebody's case may add up to in what is put away as spam; a model may allow
// less (Linear.Fold).
const collapseLimit = 0.15

// Collapsible reports whether the mention may be shown folded as spam: surely nobody's case. It is never deleted.
func (r Result) Collapsible() bool {
	return r.Intent == Spam && !r.Flag(FlagInjection) && r.Probabilities[Reclamo]+r.Probabilities[Denuncia]+r.Probabilities[Consulta] <= min(r.Fold, collapseLimit)
}
