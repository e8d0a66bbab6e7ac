package classify

// starts finds the rules that a text may fulfil by the words their patterns begin with, so that the others are never tried.
type starts struct {
	words    map[string][]int
	prefixes map[string][]prefixed // by their first letters
}

// prefixed is a rule one of whose patterns begins with a prefix.
type prefixed struct {
	prefix string
	rule   int
}

// key is how many bytes of a prefix it is looked up by.
const key = 2

func startsOf(rules []rule) starts {
	s := starts{words: map[string][]int{}, prefixes: map[string][]prefixed{}}
	for n, r := range rules {
		for _, pattern := range r.patterns {
			for _, w := range pattern[0].words {
				s.words[w] = append(s.words[w], n)
			}
			for _, p := range pattern[0].prefixes {
				s.prefixes[p[:min(key, len(p))]] = append(s.prefixes[p[:min(key, len(p))]], prefixed{p, n})
			}
		}
	}
	return s
}

// may tells which of n rules have a pattern that begins with one of the words.
func (s starts) may(words []string, n int) []bool {
	out := make([]bool, n)
	for _, w := range words {
		for _, rule := range s.words[w] {
			out[rule] = true
		}
		for size := 1; size <= min(key, len(w)); size++ {
			for _, p := range s.prefixes[w[:size]] {
				if len(w) >= len(p.prefix) && w[:len(p.prefix)] == p.prefix {
					out[p.rule] = true
				}
			}
		}
	}
	return out
}
