package classify

import (
	"slices"
	"strings"
)

// score is what the rules found in one text.
type score struct {
	words    []string
	intents  map[Intent]float64
	topics   map[string]bool
	flags    []string
	reasons  []string
	service  bool
	critical bool
	high     bool
	tone     float64
	irony    bool
}

// read applies every rule to a normalized text.
func (c *Classifier) read(normal string) *score {
	s := &score{words: words(normal), intents: map[Intent]float64{}, topics: map[string]bool{}}
	for _, r := range c.rules {
		if !r.found(s.words) {
			continue
		}
		s.add(r)
		if Intent(r.head).Known() {
			s.reasons = append(s.reasons, r.head+": "+r.text)
		}
	}
	return s
}

func (s *score) add(r rule) {
	if topic, ok := strings.CutPrefix(r.head, headTopic); ok {
		s.topics[topic] = true
		return
	}
	if flag, ok := strings.CutPrefix(r.head, headFlag); ok {
		if !slices.Contains(s.flags, flag) {
			s.flags = append(s.flags, flag)
		}
		return
	}
	switch r.head {
	case headService:
		s.service = true
	case string(Critica):
		s.critical = true
	case string(Alta):
		s.high = true
	case string(Positivo):
		s.tone += r.weight
	case string(Negativo):
		s.tone -= r.weight
	default:
		s.intents[Intent(r.head)] += r.weight
	}
}

// Signs that words do not carry. A heart beside a complaint changes little, so they weigh little.
const (
	happy   = "👏🙌❤💙💚💜♥😍🥰💪✨🎉😊🙂👍⭐"
	angry   = "😤🙄👎😡🤬😠💔😒"
	selling = "💸🔥🎰👉💅🤑"
)

// weigh turns what was found into the final score of each intent.
func (s *score) weigh(normal string, injected bool) {
	if len(s.words) == 0 {
		s.unread(normal, injected)
		return
	}
	if strings.ContainsRune(normal, '?') || strings.ContainsRune(normal, '¿') {
		s.intents[Consulta] += 1.2
	}
	for sign, to := range map[string]Intent{happy: Felicitacion, angry: Reclamo, selling: Spam} {
		if strings.ContainsAny(normal, sign) {
			s.intents[to] += 0.8
		}
	}
	switch {
	case s.service:
		s.intents[Spam] -= 1
		s.intents[Consulta] += 0.4
	case len(s.words) <= 3:
		s.intents[Spam] += 1.2
	default: // a whole sentence the rules do not understand: a person should see it
		s.intents[Consulta] += 0.4
		s.intents[Spam] += 0.2
	}
	// Praise beside a failure is a complaint said with a smile, or a thank-you that remembers the trouble.
	if s.intents[Felicitacion] >= 2 && s.intents[Reclamo] >= 1.5 {
		s.irony = true
		s.intents[Felicitacion] *= 0.5
	}
	s.precede()
}

// unread scores what has no words: it stays in sight as a consulta nobody is sure of, unless it applauds.
func (s *score) unread(normal string, injected bool) {
	switch {
	case injected: // the whole text spoke to the classifier
		s.intents[Spam] = 1
	case strings.ContainsAny(normal, happy):
		s.intents[Felicitacion] = 1
	default:
		s.intents[Consulta] = 0.5
	}
}

// precede damps what a stronger kind of request overrides: whoever denounces or complains also asks, proposes and thanks.
func (s *score) precede() {
	damp := func(factor float64, intents ...Intent) {
		for _, i := range intents {
			s.intents[i] = min(s.intents[i], s.intents[i]*factor)
		}
	}
	if s.intents[Denuncia] >= 2.4 {
		damp(0.4, Reclamo, Consulta, Sugerencia, Felicitacion, Spam)
	}
	if s.intents[Reclamo] >= 2.4 {
		damp(0.5, Consulta, Sugerencia, Spam)
	}
	if s.intents[Sugerencia] >= 2 {
		damp(0.6, Consulta)
	}
}

// urgency follows the definitions of the taxonomy.
func (s *score) urgency(intent Intent, personal bool) Urgency {
	own := personal
	for _, w := range s.words {
		switch w {
		case "mi", "mis", "me", "nos", "mio", "nuestro", "nuestra":
			own = true
		}
	}
	switch {
	case s.critical:
		return Critica
	case intent == Denuncia:
		return Alta
	case s.high && (intent == Reclamo || intent == Consulta):
		return Alta
	case intent == Reclamo, intent == Consulta && own:
		return Media
	default:
		return Baja
	}
}

// sentiment is the tone of the words, or what the intent implies when they say nothing.
func (s *score) sentiment(intent Intent) Sentiment {
	switch {
	case intent == Reclamo || intent == Denuncia:
		return Negativo
	case intent == Felicitacion:
		return Positivo
	case s.tone < 0:
		return Negativo
	case s.tone > 0 && intent == Spam:
		return Positivo
	default:
		return Neutro
	}
}
