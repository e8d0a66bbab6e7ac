package linkedin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
)

func TestFigures(t *testing.T) {
	n := func(v int64) *int64 { return &v }
	at := platformtest.SaidAt()
	const stats = `{"share":"` + aShare + `","totalShareStatistics":{"impressionCount":70,"clickCount":4,"likeCount":5,"commentCount":3,"shareCount":2,"engagement":0.1}}`
	social := good(`{"likesSummary":{"totalLikes":6},"commentsSummary":{"aggregatedTotalComments":1}}`)
	all := post.Figures{At: at, Views: n(70), Reactions: n(5), Comments: n(3), Shares: n(2), Clicks: n(4)}
	some := post.Figures{At: at, Reactions: n(6), Comments: n(1)}
	const from = "/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity=urn%3Ali%3Aorganization%3A5000001&"
	for name, c := range map[string]struct {
		id            string
		first, second platformtest.Answer
		want          post.Figures
		asked         string
		kind          fault.Kind
	}{
		"a share":           {aShare, good(page("", stats)), social, all, from + "shares=List(urn%3Ali%3Ashare%3A7000000000000000000)", 0},
		"a post":            {"urn:li:ugcPost:7", good(page("", stats)), social, all, from + "ugcPosts=List(urn%3Ali%3AugcPost%3A7)", 0},
		"without the right": {aShare, problem(403, "ACCESS_DENIED"), social, some, "/rest/socialActions/urn%3Ali%3Ashare%3A7000000000000000000", 0},
		"nothing yet":       {aShare, good(page("")), social, some, "/rest/socialActions/urn%3Ali%3Ashare%3A7000000000000000000", 0},
		"gone":              {aShare, problem(404, "gone"), social, post.Figures{}, from + "shares=List(urn%3Ali%3Ashare%3A7000000000000000000)", fault.Permanent},
		"no list":           {aShare, good(`{}`), social, post.Figures{}, from + "shares=List(urn%3Ali%3Ashare%3A7000000000000000000)", fault.Transient},
		"says nothing":      {aShare, good(page("")), good(`{}`), post.Figures{}, "/rest/socialActions/urn%3Ali%3Ashare%3A7000000000000000000", fault.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			asked := ""
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = r.URL.RequestURI()
				a := c.first
				if strings.HasPrefix(r.URL.Path, "/rest/socialActions/") {
					a = c.second
				}
				w.WriteHeader(a.Status)
				_, _ = io.WriteString(w, a.Body)
			}))
			defer s.Close()
			r, err := newReader(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := r.Figures(t.Context(), key(), c.id, at)
			if fault.Of(err) != c.kind || asked != c.asked {
				t.Errorf("%v, asked %s", err, asked)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	r, _ := newReader("http://127.0.0.1:1")
	if _, _, err := r.Figures(t.Context(), key(), "../1", at); fault.Of(err) != fault.Invalid {
		t.Errorf("no id: %v", err)
	}
}

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"Hola, año nuevo 👩‍👩‍👧":    "Hola, año nuevo 👩‍👩‍👧",
		`\|{}@[]()<>#*_~`:          `\\\|\{\}\@\[\]\(\)\<\>\#\*\_\~`,
		"#Cursos y (#becas)":       `#Cursos y \(#becas\)`,
		"#ñandú #2026 #4x4":        `#ñandú \#2026 #4x4`,
		"el #1, C# y a#b":          `el \#1, C\# y a\#b`,
		"##doble # solo #":         `\#\#doble \# solo \#`,
		"sence.cl/#cursos?a_b=1":   `sence.cl/\#cursos?a\_b=1`,
		"#mi_curso":                `#mi\_curso`,
		"@[Otro](urn:li:person:1)": `\@\[Otro\]\(urn:li:person:1\)`,
		"{hashtag|\\#|x}":          `\{hashtag\|\\\#\|x\}`,
		"\xff#a\xff":               "\xff#a\xff",
	} {
		if got := linkedin.Escape(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// Nothing in what is escaped means anything but hashtags, and it reads as it was written.
func FuzzEscape(f *testing.F) {
	f.Add(`#Cursos (gratis) @sence \ {hashtag|\#|x} *ya* <hoy> a_b ~ |`)
	f.Add("#\\#a##b #ñ\xff#c")
	f.Fuzz(func(t *testing.T, text string) {
		little := linkedin.Escape(text)
		if got := linkedin.Plain(little); got != text {
			t.Errorf("%q is %q, and reads %q", text, little, got)
		}
		for at := 0; at < len(little); at++ {
			if little[at] == '\\' {
				at++
				continue
			}
			if !strings.ContainsRune(linkedin.Reserved, rune(little[at])) {
				continue
			}
			next, _ := utf8.DecodeRuneInString(little[at+1:])
			if little[at] != '#' || at+1 == len(little) || strings.ContainsRune(linkedin.Reserved+" .,", next) {
				t.Errorf("%q is %q, where %q means something", text, little, little[at:])
			}
		}
	})
}
