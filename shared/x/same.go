package x

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	texts "sence.gob.cl/gestor/shared/post"
)

// links are the addresses in a text of X.
type links struct {
	URLs json.RawMessage `json:"urls"`
}

// expanded gives what a short address of X stands for, "" when X does not say.
func (l links) expanded(short string) string {
	items, _, _ := elements(l.URLs, maxParts)
	for _, raw := range items {
		var link struct {
			URL      words `json:"url"`
			Expanded words `json:"expanded_url"`
		}
		if readObject(raw, &link) && string(link.URL) == short {
			return string(link.Expanded)
		}
	}
	return ""
}

// withoutMedia takes the short address of what hangs on a post off the end of its text, where X puts it: nobody wrote it.
func (l links) withoutMedia(text string) string {
	items, _, _ := elements(l.URLs, maxParts)
	for _, raw := range items {
		var link struct {
			URL words `json:"url"`
			Key ident `json:"media_key"`
		}
		if !readObject(raw, &link) || link.Key.s == "" || link.URL == "" {
			continue
		}
		if before, ends := strings.CutSuffix(strings.TrimSpace(text), string(link.URL)); ends {
			return strings.TrimRight(before, " \n")
		}
	}
	return text
}

// same reports whether X shows, in shown, the text that we sent. X does not give a text back as it got it: it escapes three
// letters, puts a short address of its own (t.co) for every address, also for one that was typed without "https://", and
// puts the names of those who are answered before the text of an answer. So the text between the addresses must be the same
// (texts.NormaliseForCompare), and for each short address we must have written the one it stands for, or any word when X
// does not say which.
func same(sent, shown string, in links, answer bool) bool {
	want := texts.NormaliseForCompare(sent)
	shown, _ = clean(shown)
	shown = texts.NormaliseForCompare(shown)
	for {
		if between(want, shown, in) {
			return true
		}
		name, rest, ok := strings.Cut(shown, " ")
		if !answer || !ok || len(name) < 2 || name[0] != '@' {
			return false
		}
		shown = rest
	}
}

// between compares two normalised texts, the second with short addresses.
func between(want, shown string, in links) bool {
	short := regexp.MustCompile(`https://t\.co/[A-Za-z0-9]+`)
	found := short.FindAllStringIndex(shown, maxParts)
	if len(found) == 0 {
		return want == shown
	}
	var pattern strings.Builder
	pattern.WriteByte('^')
	at := 0
	for _, f := range found {
		pattern.WriteString(regexp.QuoteMeta(shown[at:f[0]]) + `(\S+)`)
		at = f[1]
	}
	pattern.WriteString(regexp.QuoteMeta(shown[at:]) + "$")
	shape, err := regexp.Compile(pattern.String())
	if err != nil {
		return false
	}
	typed := shape.FindStringSubmatch(want)
	if typed == nil {
		return false
	}
	for i, f := range found {
		address := shown[f[0]:f[1]]
		if stands := in.expanded(address); stands != "" && typed[i+1] != address && plain(stands) != plain(typed[i+1]) {
			return false
		}
	}
	return true
}

// plain gives an address as people mean it: without its scheme and closing slash, with its letters unescaped and small.
func plain(address string) string {
	if text, err := url.PathUnescape(address); err == nil {
		address = text
	}
	address = strings.ToLower(address)
	address = strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
	return strings.TrimSuffix(address, "/")
}
