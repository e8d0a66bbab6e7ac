package post

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed data/siglas.tsv
var acronymTable string

// maxAcronym is how many letters a sigla has at most; longer words in capitals are shouted.
const maxAcronym = 6

// acronyms gives the first mention of each sigla that nobody explained: neither in parentheses beside it nor by being on the
// list of those everybody in Chile knows.
func (l *Linter) acronyms(sentences [][]word) []Finding {
	done := explainedIn(sentences)
	var found []Finding
	for _, s := range sentences {
		for i, w := range s {
			if done[w.raw] || l.known[w.raw] || !acronym(w.raw) || shouted(s, i, l.known) {
				continue
			}
			done[w.raw] = true
			found = append(found, Finding{
				Rule: RuleAcronym, Level: LevelWarning, Field: FieldText, Start: w.start, End: w.end,
				Message: "Explica la sigla la primera vez: escribe el nombre completo y, entre paréntesis, la sigla.",
			})
		}
	}
	return found
}

// knownAcronyms reads the list; what stands after the first tab is what it means, for people.
func knownAcronyms() map[string]bool {
	out := map[string]bool{}
	for _, line := range strings.Split(acronymTable, "\n") {
		if name, _, _ := strings.Cut(line, "\t"); name != "" && !strings.HasPrefix(name, "#") {
			out[name] = true
		}
	}
	return out
}

// acronym reports whether a word is written as a sigla: two to maxAcronym letters, all capitals, and no Roman number. Words
// with accents or digits are none.
func acronym(raw string) bool {
	if n := utf8.RuneCountInString(raw); n < 2 || n > maxAcronym {
		return false
	}
	for _, r := range raw {
		if !unicode.IsUpper(r) || strings.ContainsRune("ÁÉÍÓÚ", r) {
			return false
		}
	}
	return strings.Trim(raw, "IVX") != ""
}

// shouted reports whether a word in capitals stands beside another one that is no sigla, or is alone in its sentence: then it
// is shouted.
func shouted(s []word, i int, known map[string]bool) bool {
	if len(s) == 1 {
		return true
	}
	for _, beside := range []int{i - 1, i + 1} {
		if beside >= 0 && beside < len(s) && utf8.RuneCountInString(s[beside].raw) > 1 && capitals(s[beside].raw) && !known[s[beside].raw] {
			return true
		}
	}
	return false
}

func capitals(raw string) bool {
	return !strings.ContainsFunc(raw, func(r rune) bool { return !unicode.IsUpper(r) })
}

// explainedIn gives the siglas that are explained at one of their mentions.
func explainedIn(sentences [][]word) map[string]bool {
	out := map[string]bool{}
	for _, s := range sentences {
		for i, w := range s {
			if acronym(w.raw) && explained(s, i) {
				out[w.raw] = true
			}
		}
	}
	return out
}

// explained reports whether the full name stands beside a sigla: in parentheses after it, or before it when the sigla itself
// is in parentheses. The name has two words or more and the first of them begins as the sigla does.
func explained(s []word, i int) bool {
	begins := func(w word) bool {
		return w.text != opaque && strings.HasPrefix(w.text, strings.ToLower(s[i].raw[:firstLength(s[i].raw)]))
	}
	if !s[i].paren {
		return i+2 < len(s) && s[i+1].paren && s[i+2].paren && begins(s[i+1])
	}
	// Each word before it may be the first of the name, as long as none of them stands in parentheses.
	for from := i - 1; from >= 0 && from >= i-12 && !s[from].paren; from-- {
		if from <= i-2 && begins(s[from]) {
			return true
		}
	}
	return false
}

func firstLength(raw string) int {
	_, size := utf8.DecodeRuneInString(raw)
	return size
}
