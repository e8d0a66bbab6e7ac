package post

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed data/lint.tsv
var lintTable string

//go:embed data/autoridades.tsv
var authorityTable string

// levelFine marks words that look like a finding and are none.
const levelFine Level = "fine"

// rank orders levels: what is fine, then errors, then warnings.
func (l Level) rank() int {
	switch l {
	case levelFine:
		return 0
	case LevelError:
		return 1
	case LevelWarning:
		return 2
	default:
		return 3
	}
}

// How far a pattern looks: a ~ skips up to maxSkip words, a !~ looks at up to maxLook words before.
const (
	maxSkip = 5
	maxLook = 6
)

// lintRule finds one pattern in texts of some kinds.
type lintRule struct {
	rule  string
	level Level
	kinds []Kind
	first bool // only at the beginning of a sentence
	steps []lintStep
}

// lintStep is one place of a pattern. A not takes up no word: the word there must be none of these (look: nor one of those
// before it). A skip may pass over words, but over none that says no.
type lintStep struct {
	words              []string
	prefixes, suffixes []string
	skip, not, look    bool
}

// hit is where a rule found its pattern, in runes.
type hit struct {
	rule       string
	level      Level
	start, end int
}

func (s lintStep) takes(w word) bool {
	return w.text != opaque && (slices.Contains(s.words, w.text) ||
		slices.ContainsFunc(s.prefixes, func(p string) bool { return strings.HasPrefix(w.text, p) }) ||
		slices.ContainsFunc(s.suffixes, func(p string) bool { return strings.HasSuffix(w.text, p) }))
}

// in gives where the rule's pattern occurs in a sentence.
func (r lintRule) in(s []word) []hit {
	var out []hit
	for i := range s {
		if r.first && i > 0 {
			break
		}
		if end := r.match(s, i); end > i {
			out = append(out, hit{rule: r.rule, level: r.level, start: s[i].start, end: s[end-1].end})
		}
	}
	return out
}

// match gives the place after the pattern that begins at word i; 0 when none does.
func (r lintRule) match(s []word, i int) int {
	steps := r.steps
	for len(steps) > 0 && steps[0].not {
		from := i - 1
		if steps[0].look {
			from = i - maxLook
		}
		if slices.ContainsFunc(s[max(0, from):i], steps[0].takes) {
			return 0
		}
		steps = steps[1:]
	}
	return follow(steps, s, i)
}

// follow gives the place after the steps when they follow from word i on; 0 when they do not.
func follow(steps []lintStep, s []word, i int) int {
	if len(steps) == 0 {
		return i
	}
	if steps[0].not {
		if i < len(s) && steps[0].takes(s[i]) {
			return 0
		}
		return follow(steps[1:], s, i)
	}
	for skipped := 0; i < len(s); i, skipped = i+1, skipped+1 {
		if steps[0].takes(s[i]) {
			if end := follow(steps[1:], s, i+1); end > 0 {
				return end
			}
		}
		if !steps[0].skip || skipped == maxSkip || denies(s[i].text) {
			return 0
		}
	}
	return 0
}

// denies reports a word that turns what follows it into its contrary.
func denies(text string) bool {
	return strings.Contains(" no ni nunca jamás jamas sin tampoco evita ", " "+text+" ")
}

// lintRules reads the tables that are part of the program.
func lintRules() ([]lintRule, error) { return parseLint(lintTable + "\n" + authorityTable) }

// parseLint reads a table: rule, level, kinds and patterns with ; between them (data/lint.tsv tells how they are written).
func parseLint(table string) ([]lintRule, error) {
	var out []lintRule
	names := []string{}
	for i, line := range strings.Split(table, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.NewReplacer(names...).Replace(line), "\t")
		if strings.HasPrefix(line, "=") && len(fields) == 2 {
			names = append(names, fields[0], fields[1])
			continue
		}
		if len(fields) != 4 {
			return nil, fmt.Errorf("lint line %d: not four columns", i+1)
		}
		level := Level(fields[1])
		kinds := kindsOf(fields[2])
		if level.rank() > LevelWarning.rank() || len(kinds) == 0 {
			return nil, fmt.Errorf("lint line %d: unknown level or kinds", i+1)
		}
		for _, pattern := range strings.Split(fields[3], ";") {
			r := lintRule{rule: fields[0], level: level, kinds: kinds}
			if err := r.parse(pattern); err != nil {
				return nil, fmt.Errorf("lint line %d: %w", i+1, err)
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// kindsOf reads which kinds a line holds for.
func kindsOf(name string) []Kind {
	switch name {
	case "all":
		return Kinds()
	case "public":
		return []Kind{KindReplyPublic, KindPost, KindTemplate}
	case "replies":
		return []Kind{KindReplyPublic, KindReplyPrivate}
	case "written": // ahead, to be read later
		return []Kind{KindPost, KindTemplate}
	}
	if k := Kind(name); k.Known() {
		return []Kind{k}
	}
	return nil
}

func (r *lintRule) parse(pattern string) error {
	places := strings.Fields(pattern)
	if len(places) > 0 && places[0] == "^" {
		r.first, places = true, places[1:]
	}
	skip, words := false, 0
	for _, place := range places {
		if place == "~" {
			skip = true
			continue
		}
		s, err := parseStep(place)
		if err != nil {
			return err
		}
		if s.look && words > 0 {
			return fmt.Errorf("%q looks back from within", pattern)
		}
		if !s.not {
			words++
		}
		s.skip, skip = skip, false
		r.steps = append(r.steps, s)
	}
	if words == 0 || skip || r.steps[0].skip {
		return fmt.Errorf("%q begins or ends with a gap, or has no word", pattern)
	}
	return nil
}

func parseStep(place string) (lintStep, error) {
	var s lintStep
	place, s.not = strings.CutPrefix(place, "!")
	if s.not {
		place, s.look = strings.CutPrefix(place, "~")
	}
	for _, w := range strings.Split(place, "|") {
		if prefix, is := strings.CutSuffix(w, "*"); is {
			s.prefixes = append(s.prefixes, prefix)
		} else if suffix, is := strings.CutPrefix(w, "*"); is {
			s.suffixes = append(s.suffixes, suffix)
		} else {
			s.words = append(s.words, w)
		}
		if w = strings.Trim(w, "*"); w == "" || strings.ToLower(w) != w || strings.ContainsAny(w, "!~^*=") {
			return s, fmt.Errorf("%q is no word in small letters", w)
		}
	}
	return s, nil
}
