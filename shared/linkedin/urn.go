package linkedin

import (
	"net/url"
	"strings"
)

// commentURN is a comment: the URN of the post it stands under, and its own number.
type commentURN struct{ post, id string }

// String gives the one spelling under which a comment is known: urn:li:comment:(urn:li:activity:A,C).
func (c commentURN) String() string { return "urn:li:comment:(" + c.post + "," + c.id + ")" }

// path is where LinkedIn has the comment.
func (c commentURN) path() string {
	return "/rest/socialActions/" + url.QueryEscape(c.post) + "/comments/" + c.id
}

// parseComment reads a comment's URN. One notification spells it in two ways: the post inside is a URN in the decoration
// and has lost its "urn:li:" in generatedActivity.
func parseComment(text string) (commentURN, bool) {
	inside, ok := strings.CutPrefix(text, "urn:li:comment:(")
	if !ok {
		return commentURN{}, false
	}
	inside, ok = strings.CutSuffix(inside, ")")
	post, id, two := strings.Cut(inside, ",")
	kind, number, three := strings.Cut(strings.TrimPrefix(post, "urn:li:"), ":")
	if !ok || !two || !three || !letters(kind) || !digits(number) || !digits(id) {
		return commentURN{}, false
	}
	return commentURN{post: "urn:li:" + kind + ":" + number, id: id}, true
}

// parsePost reads the URN of a post in either spelling and gives the whole one, "" for anything else.
func parsePost(text string) string {
	kind, number, _ := strings.Cut(strings.TrimPrefix(text, "urn:li:"), ":")
	if !letters(kind) || !digits(number) {
		return ""
	}
	return "urn:li:" + kind + ":" + number
}

// normalise gives an id the spelling under which it is known.
func normalise(id ident) string {
	if c, ok := parseComment(id.s); ok {
		return c.String()
	}
	kind, number, _ := strings.Cut(id.s, ":")
	if letters(kind) && digits(number) {
		return "urn:li:" + id.s
	}
	return id.s
}

func isURN(text string) bool { return strings.HasPrefix(text, "urn:li:") }

func letters(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
