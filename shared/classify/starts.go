package classify

import "strings"

// starts finds the rules that a text fulfils by the words their patterns begin with, so that the others are never tried.
type starts struct {
	words    map[string][]start
	prefixes map[string][]prefixed // by their first letters
}

// start is a rule one of whose patterns begins with a word, and what has to follow.
type start struct {
	rule int
	rest []step
}

// prefixed is a start with a prefix.
type prefixed struct {
	prefix string
	start
}

// key is how many bytes of a prefix it is looked up by.
const key = 2

func startsOf(rules []rule) starts {
	s := starts{words: map[string][]start{}, prefixes: map[string][]prefixed{}}
	for n, r := range rules {
		for _, pattern := range r.patterns {
			begins := start{n, pattern[1:]}
			for _, w := range pattern[0].words {
				s.words[w] = append(s.words[w], begins)
			}
			for _, p := range pattern[0].prefixes {
				s.prefixes[p[:min(key, len(p))]] = append(s.prefixes[p[:min(key, len(p))]], prefixed{p, begins})
			}
		}
	}
	return s
}

// found tells which of n rules the words fulfil: one of whose patterns has its steps in order in them.
func (s starts) found(words []string, n int) []bool {
	out := make([]bool, n)
	for i, w := range words {
		after := words[i+1:]
		for _, b := range s.words[w] {
			out[b.rule] = out[b.rule] || follow(b.rest, after)
		}
		for size := 1; size <= min(key, len(w)); size++ {
			for _, b := range s.prefixes[w[:size]] {
				out[b.rule] = out[b.rule] || strings.HasPrefix(w, b.prefix) && follow(b.rest, after)
			}
		}
	}
	return out
}
