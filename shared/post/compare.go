package post

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// NormaliseForCompare gives the form in which two texts are compared: composed (NFC), each run of white space one space,
// none at the ends. A network gives a text back composed and with its spaces tidied, so the text as typed and the text as
// published are only the same in this form.
func NormaliseForCompare(text string) string {
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}

// Hash gives the SHA-256 of the normalised text, as 64 hexadecimal digits: what is kept of a text in order to find it
// again on the network without keeping the text.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(NormaliseForCompare(text)))
	return hex.EncodeToString(sum[:])
}

// Alike reports whether a network may show, as shown, the text that was sent: the same words in the same order, whatever it
// made of links (X puts short addresses of its own), of letters it escapes, and of the names it puts before an answer. It is
// for telling our own words from others while they are on their way, and for nothing else.
func Alike(sent, shown string) bool {
	want, got := bare(sent), bare(shown)
	for {
		if want == got {
			return true
		}
		name, rest, _ := strings.Cut(got, " ")
		if len(name) < 2 || name[0] != '@' {
			return false
		}
		got = rest
	}
}

// bare is a text normalised, with a sign for each of its links.
func bare(text string) string {
	text = html.UnescapeString(text)
	var b strings.Builder
	from := 0
	for _, link := range links(text) {
		b.WriteString(text[from:link[0]] + " \x00 ")
		from = link[1]
	}
	b.WriteString(text[from:])
	return NormaliseForCompare(b.String())
}
