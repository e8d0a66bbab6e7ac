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
	r.Intent, r.Set = rank(r.Probabilities, float64(m.Mass))
	r.Urgency = raised(Urgencies()[most(m.head(scores, headUrgency))], r.Intent, read.score)
	r.Sentiment = Sentiments()[most(m.head(scores, headTone))]
	r.Topics = c.named(m.head(scores, headTopics), read.score.topics)
	r.Reasons = append(r.Reasons, read.score.reasons...)
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

// heard is how unlikely the model must find a matter that a rule heard a word of, for it not to count: such words stand in many
// mentions that are about something else. The name of a programme is enough.
func heard(topic string) float64 {
	switch topic {
	case "cursos", "cursos_linea", "otec", "pagos", "postulacion", "plataforma", "atencion":
		return broad
	default:
		return 0
	}
}

const broad = 0.1

// named gives the topics that are likely enough, or that a rule heard the name of and the model does not find unlikely, in the
// taxonomy's order; otro only when nothing is named.
func (c *Classifier) named(scores []float32, found map[string]bool) []string {
	chosen := []string{}
	for i, s := range scores {
		p := 1 / (1 + math.Exp(-float64(s)))
		if c.topics[i] != topicOther && (p >= float64(c.model.Cuts[i]) || found[c.topics[i]] && p >= heard(c.topics[i])) {
			chosen = append(chosen, c.topics[i])
		}
	}
	if len(chosen) == 0 {
		chosen = append(chosen, topicOther)
	}
	return chosen
}

// collapseLimit is the most that the intents that are somebody's case may add up to in what is put away as spam.
const collapseLimit = 0.15

// Collapsible reports whether the mention may be shown folded as spam: surely nobody's case. It is never deleted.
func (r Result) Collapsible() bool {
	return r.Intent == Spam && !r.Flag(FlagInjection) && r.Probabilities[Reclamo]+r.Probabilities[Denuncia]+r.Probabilities[Consulta] <= collapseLimit
}
