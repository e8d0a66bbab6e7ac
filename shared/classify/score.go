package classify

import (
	"slices"
	"strings"
)

// score is what the rules found in one text.
type score struct {
	words    []string
	hits     []string // the rules that were found, by head and text
	intents  map[Intent]float64
	topics   map[string]bool
	flags    []string
	reasons  []string
	service  bool
	critical bool
	high     bool
	tone     float64
}

// read applies every rule to a normalized text.
func (c *Classifier) read(normal string) *score {
	s := &score{words: words(normal), intents: map[Intent]float64{}, topics: map[string]bool{}}
	for n, is := range c.starts.found(s.words, len(c.rules)) {
		if !is {
			continue
		}
		r := &c.rules[n]
		s.hits = append(s.hits, r.feature)
		s.add(r)
		if Intent(r.head).Known() {
			s.reasons = append(s.reasons, r.reason)
		}
	}
	return s
}

func (s *score) add(r *rule) {
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

// unread scores what has no words: it stays in sight as a consulta nobody is sure of, unless it applauds.
func (s *score) unread(normal string, injected, tags bool) {
	switch {
	case injected: // the whole text spoke to the classifier
		s.intents[Spam] = 1
	case tags: // for a friend to see, most of the time
		s.intents[Spam] = 1
	case strings.ContainsAny(normal, happy):
		s.intents[Felicitacion] = 1
	default:
		s.intents[Consulta] = 0.5
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
