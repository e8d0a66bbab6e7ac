package classify

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// handle matches what names an account: a person's, or ours.
var handle = regexp.MustCompile(`@[\p{L}\p{N}_][\p{L}\p{N}_.]*`)

// somebody stands for the account of a person.
const somebody = "@persona"

// unnamed replaces what names an account of somebody, and leaves the institution's own.
func unnamed(text string) string {
	return handle.ReplaceAllStringFunc(text, func(name string) string {
		if strings.Contains(strings.ToLower(name), "sence") {
			return name
		}
		return somebody
	})
}

// Shown gives a text for people who need not know whose it is: masked, and without the names of accounts.
func Shown(text string) string { return unnamed(Mask(text)) }

// Taught gives a text as a model may learn from it, and the types of personal data it had, each once, sorted. Each datum is the word
// by which Features reads it (datorut), so that what is learnt is what is met later. Text that hides data behind data loses every digit.
func Taught(text string) (masked string, kinds []string) {
	for range 8 {
		spans := PII(text)
		for _, s := range spans {
			if !slices.Contains(kinds, s.Type) {
				kinds = append(kinds, s.Type)
			}
		}
		if len(spans) == 0 {
			slices.Sort(kinds)
			return unnamed(text), kinds
		}
		text = veiled(text, spans)
	}
	slices.Sort(kinds)
	return strings.Map(func(r rune) rune {
		if unicode.IsNumber(r) {
			return -1
		}
		return r
	}, unnamed(text)), kinds
}
