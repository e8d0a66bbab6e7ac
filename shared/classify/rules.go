package classify

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed reglas.tsv
var rulesTable string

// maxGap is how many words a ~ of a pattern may skip.
const maxGap = 3

// rule adds its weight to a head when one of its patterns occurs.
type rule struct {
	head     string
	weight   float64
	text     string
	feature  string // what the model knows it by
	reason   string // what a person reads
	patterns [][]step
}

// step is one place of a pattern: any of some words or prefixes, perhaps a few words after the step before it.
type step struct {
	words    []string
	prefixes []string
	gap      int
}

func (s step) takes(word string) bool {
	if slices.Contains(s.words, word) {
		return true
	}
	for _, p := range s.prefixes {
		if strings.HasPrefix(word, p) {
			return true
		}
	}
	return false
}

// follow reports whether the steps come next in the words, with no more between them than each allows.
func follow(steps []step, words []string) bool {
	if len(steps) == 0 {
		return true
	}
	for i := 0; i <= steps[0].gap && i < len(words); i++ {
		if steps[0].takes(words[i]) && follow(steps[1:], words[i+1:]) {
			return true
		}
	}
	return false
}

// parseRules reads the table. What tells of topics is in the table of topics.
func parseRules(table string) ([]rule, error) {
	var rules []rule
	for i, line := range strings.Split(table, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("rule line %d: not three columns", i+1)
		}
		weight, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return nil, fmt.Errorf("rule line %d: %w", i+1, err)
		}
		if !knownHead(fields[0]) {
			return nil, fmt.Errorf("rule line %d: unknown head %s", i+1, fields[0])
		}
		r, err := newRule(fields[0], weight, fields[2])
		if err != nil {
			return nil, fmt.Errorf("rule line %d: %w", i+1, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// newRule reads the patterns of a rule, which ; parts.
func newRule(head string, weight float64, text string) (rule, error) {
	r := rule{head: head, weight: weight, text: text, feature: head + " " + text, reason: head + ": " + text}
	for pattern := range strings.SplitSeq(text, ";") {
		steps, err := parsePattern(pattern)
		if err != nil {
			return rule{}, err
		}
		r.patterns = append(r.patterns, steps)
	}
	return r, nil
}

func knownHead(head string) bool {
	switch head {
	case string(Critica), string(Alta), string(Positivo), string(Negativo), headService:
		return true
	}
	return strings.HasPrefix(head, "marca:") || slices.Contains(Intents(), Intent(head))
}

func parsePattern(pattern string) ([]step, error) {
	var steps []step
	gap := 0
	for _, place := range strings.Fields(pattern) {
		if place == "~" {
			gap = maxGap
			continue
		}
		s := step{gap: gap}
		gap = 0
		for _, word := range strings.Split(place, "|") {
			if prefix, ok := strings.CutSuffix(word, "*"); ok {
				s.prefixes = append(s.prefixes, prefix)
			} else {
				s.words = append(s.words, word)
			}
			if Normalize(word) != word || strings.Trim(word, "*") == "" {
				return nil, fmt.Errorf("%q is not a normalized word", word)
			}
		}
		steps = append(steps, s)
	}
	if len(steps) == 0 || gap > 0 || steps[0].gap > 0 {
		return nil, fmt.Errorf("%q begins or ends with a gap, or is empty", pattern)
	}
	return steps, nil
}
