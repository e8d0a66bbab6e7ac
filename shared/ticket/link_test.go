package ticket_test

import (
	"net/url"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

func TestMention_Link(t *testing.T) {
	fb, ig, x, li, wa := mention.Facebook, mention.Instagram, mention.X, mention.LinkedIn, mention.WhatsApp
	for _, tt := range []struct {
		name string
		n    mention.Network
		kind mention.Kind
		key  string
		want string
	}{
		{"a comment", fb, mention.Comment, "44_55", "https://www.facebook.com/permalink.php?story_fbid=44&id=9&comment_id=55"},
		{"a post", fb, mention.Post, "9_44", "https://www.facebook.com/permalink.php?story_fbid=44&id=9"},
		{"of another shape", fb, mention.Comment, "44", ""},
		{"with something in it", fb, mention.Comment, "44_55&x=1", ""},
		{"a message", fb, mention.DM, "m_1", ""},
		{"a post of X", x, mention.Mentioned, "1924465506158878979", "https://x.com/i/status/1924465506158878979"},
		{"no id of X", x, mention.Mentioned, "1/../2", ""},
		{"a message of X", x, mention.DM, "1924465506158878979", ""},
		{"a comment of LinkedIn", li, mention.Comment, "urn:li:comment:(urn:li:activity:71,72)", "https://www.linkedin.com/feed/update/urn:li:activity:71?commentUrn=urn%3Ali%3Acomment%3A%28activity%3A71%2C72%29"},
		{"a post of LinkedIn", li, mention.Mentioned, "urn:li:share:71", "https://www.linkedin.com/feed/update/urn:li:share:71"},
		{"no URN", li, mention.Comment, "urn:li:comment:(x,72)", ""},
		{"no URN either", li, mention.Post, "urn:li:share:71?x", ""},
		{"Instagram", ig, mention.Comment, "17890", ""},
		{"WhatsApp", wa, mention.DM, "wamid.x", ""},
	} {
		m := ticket.Mention{Key: tt.key, Kind: tt.kind, Public: mention.Event{Kind: tt.kind}.Public()}
		got := m.Link(tt.n, "9")
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		m.URL = "https://www.instagram.com/p/x/"
		if got := m.Link(tt.n, "9"); got != m.URL {
			t.Errorf("%s: told %q, got %q", tt.name, m.URL, got)
		}
		m.URL, m.Deleted = "", true
		if got := m.Link(tt.n, "9"); got != "" {
			t.Errorf("%s: deleted, and at %q", tt.name, got)
		}
	}
	if got := (ticket.Mention{Key: "44_55", Kind: mention.Comment, Public: true}).Link(fb, "x&y"); got != "" {
		t.Errorf("an account that is no id: %q", got)
	}
}

// Whatever an id holds, a link made of it leads to its network.
func FuzzMention_Link(f *testing.F) {
	for _, key := range []string{"1_2", "1", "urn:li:share:1", "urn:li:comment:(urn:li:activity:1,2)", "//evil.example", "1@evil.example"} {
		f.Add(key, "9")
	}
	hosts := map[mention.Network]string{mention.Facebook: "www.facebook.com", mention.X: "x.com", mention.LinkedIn: "www.linkedin.com"}
	f.Fuzz(func(t *testing.T, key, account string) {
		for n, host := range hosts {
			link := ticket.Mention{Key: key, Kind: mention.Comment, Public: true}.Link(n, account)
			if link == "" {
				continue
			}
			u, err := url.Parse(link)
			if err != nil || u.Scheme != "https" || u.Host != host || u.User != nil || strings.ContainsAny(link, " \n\"<>") {
				t.Errorf("%q of %q: %q, %v", n, key, link, err)
			}
		}
	})
}
