package linkedin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/platformtest"
)

func TestFind(t *testing.T) {
	mine := comment("9", us, platformtest.Text, platformtest.SaidAt())
	other := comment("8", "urn:li:person:A", "otra cosa", platformtest.SaidAt())
	old := comment("7", us, platformtest.Text, platformtest.Since().AddDate(0, -1, 0))
	const id = "urn:li:comment:(" + aPost + ",9)"
	const next = `"links":[{"rel":"prev","href":"/x"},{"rel":"next","href":"http://example.com/rest"}]`
	many := strings.Repeat(other+",", 99) + other
	cases := []struct {
		name  string
		pages map[string]string // by start
		id    string
		kind  fault.Kind
		why   string
		looks int
	}{
		{"nothing there", map[string]string{"0": page("")}, "", 0, "", 1},
		{"among others", map[string]string{"0": page("", other, old, mine)}, id, 0, "", 1},
		{"tidied", map[string]string{"0": page("", comment("9", us, "  "+strings.ReplaceAll(platformtest.Text, " ", "  "), platformtest.SaidAt()))}, id, 0, "", 1},
		{"by our short URN", map[string]string{"0": page("", strings.Replace(mine, `"actor":"urn:li:`, `"actor":"`, 1))}, id, 0, "", 1},
		{"with its own URN", map[string]string{"0": page("", strings.Replace(mine, `"id":"9"`, `"$URN":"urn:li:comment:(activity:1,9)"`, 1))}, "urn:li:comment:(urn:li:activity:1,9)", 0, "", 1},
		{"by a clock a little behind", map[string]string{"0": page("", comment("9", us, platformtest.Text, platformtest.Since().Add(-30*time.Second)))}, id, 0, "", 1},
		{"a little before", map[string]string{"0": page("", comment("9", us, platformtest.Text, platformtest.Since().Add(-31*time.Second)))}, "", 0, "", 1},
		{"without an instant", map[string]string{"0": page("", strings.ReplaceAll(mine, `"time"`, `"x"`))}, "", 0, "", 1},
		{"without a usable id", map[string]string{"0": page("", strings.Replace(mine, `"id":"9"`, `"id":"../9"`, 1))}, "", 0, "", 1},
		{"somebody repeats our words", map[string]string{"0": page("", comment("9", "urn:li:person:A", platformtest.Text, platformtest.SaidAt()))}, "", 0, "", 1},
		{"beside nonsense", map[string]string{"0": page("", "null", "5", `"x"`, "[]", `{"actor":[],"id":{},"created":5,"message":7}`, mine)}, id, 0, "", 1},
		{"on the second page, by its total", map[string]string{"0": page(`"total":101`, other), "100": page(`"total":101`, mine)}, id, 0, "", 2},
		{"on the second page, by its link, which is not followed", map[string]string{"0": page(next, other), "100": page("", mine)}, id, 0, "", 2},
		{"on the second page, because the first is full", map[string]string{"0": page("", many), "100": page("", mine)}, id, 0, "", 2},
		{"an old one does not end it", map[string]string{"0": page(next, old), "100": page("", mine)}, id, 0, "", 2},
		{"an empty page does not end it", map[string]string{"0": page(next), "100": page("", mine)}, id, 0, "", 2},
		{"without end", map[string]string{"": page(next, other)}, "", fault.Transient, "too_many", 10},
		{"elements that are no list", map[string]string{"0": `{"elements":{},"paging":{}}`}, "", fault.Transient, "unknown_outcome", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			looks := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				looks++
				if r.Method != http.MethodGet || r.URL.Path != "/rest/socialActions/"+theirs+"/comments" || r.URL.Query().Get("count") != "100" {
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
				body, ok := c.pages[r.URL.Query().Get("start")]
				if !ok {
					body = c.pages[""]
				}
				_, _ = w.Write([]byte(body))
			}))
			defer s.Close()
			p, err := wayOut(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			got, found, err := p.Find(t.Context(), answer(), platformtest.Since())
			if got != c.id || found != (c.id != "") || fault.Of(err) != c.kind || p.Reason(err) != c.why || looks != c.looks {
				t.Errorf("%q, %t, %v after %d looks", got, found, err, looks)
			}
		})
	}
	p, err := wayOut("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Find(t.Context(), answer(), time.Time{}); fault.Of(err) != fault.Invalid {
		t.Errorf("since nothing: %v", err)
	}
}

// What LinkedIn named as standing there already is looked at first: ours settles it, and anything else proves nothing.
func TestFind_named(t *testing.T) {
	mine := comment("9", us, platformtest.Text, platformtest.SaidAt())
	const one, list = "/rest/socialActions/" + aPost + "/comments/9", "/rest/socialActions/" + theirs + "/comments"
	for _, c := range []struct {
		name, stands, body string
		status             int
		id                 string
		kind               fault.Kind
		looks              string
	}{
		{"ours", "urn:li:comment:(activity:6641861161010679808,9)", mine, 200, "urn:li:comment:(" + aPost + ",9)", 0, one},
		{"somebody else's", "urn:li:comment:(" + aPost + ",9)", comment("9", "urn:li:person:A", platformtest.Text, platformtest.SaidAt()), 200, "", 0, one + " " + list},
		{"another text", "urn:li:comment:(" + aPost + ",9)", comment("9", us, "otra", platformtest.SaidAt()), 200, "", 0, one + " " + list},
		{"of before", "urn:li:comment:(" + aPost + ",9)", comment("9", us, platformtest.Text, platformtest.Since().AddDate(0, 0, -1)), 200, "", 0, one + " " + list},
		{"gone", "urn:li:comment:(" + aPost + ",9)", `{"status":404,"message":"CANARY"}`, 404, "", 0, one + " " + list},
		{"not to be seen now", "urn:li:comment:(" + aPost + ",9)", `CANARY`, 500, "", fault.Transient, one},
		{"nothing", "urn:li:comment:(" + aPost + ",9)", `{}`, 200, "", fault.Transient, one},
		{"a post, which no answer of ours is", "urn:li:share:9", "", 200, "", 0, list},
		{"under another post", "urn:li:comment:(urn:li:activity:5,9)", mine, 200, "", 0, "/rest/socialActions/urn:li:activity:5/comments/9 " + list},
	} {
		t.Run(c.name, func(t *testing.T) {
			var looks []string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				looks = append(looks, r.URL.Path)
				if strings.HasSuffix(r.URL.Path, "/9") {
					w.WriteHeader(c.status)
					_, _ = w.Write([]byte(c.body))
					return
				}
				_, _ = w.Write([]byte(page("")))
			}))
			defer s.Close()
			p, err := wayOut(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			out := answer()
			out.Stands = c.stands
			id, found, err := p.Find(t.Context(), out, platformtest.Since())
			if id != c.id || found != (c.id != "") || fault.Of(err) != c.kind || strings.Join(looks, " ") != c.looks {
				t.Errorf("%q, %t, %v after %q", id, found, err, looks)
			}
		})
	}
}
