package x_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/x"
)

// published is one of our posts with short addresses and what X says they stand for.
func published(text string, urls ...string) string {
	var list []string
	for i := 0; i < len(urls); i += 2 {
		list = append(list, fmt.Sprintf(`{"url":%q,"expanded_url":%q}`, urls[i], urls[i+1]))
	}
	item := ours("9", text, platformtest.SaidAt())
	return strings.TrimSuffix(item, "}") + `,"entities":{"urls":[` + strings.Join(list, ",") + `]}}`
}

// X changes what we said; what it makes of it is still what we said, and nothing else is.
func TestFind_theSameText(t *testing.T) {
	const sent = "Hola. Postula en https://sence.cl/cursos, o en sence.gob.cl. Más: <aquí> & allá"
	const a, b = "https://t.co/aB3", "https://t.co/Cd4"
	const shown = "Hola. Postula en " + a + ", o en " + b + ". Más: &lt;aquí&gt; &amp; allá"
	cases := []struct {
		name, item string
		want       bool
	}{
		{"as we sent it", published(sent), true},
		{"with short addresses", published(shown, a, "https://sence.cl/cursos", b, "http://sence.gob.cl"), true},
		{"and whom it answers", published("@persona_ficticia @otra_9 "+shown, a, "https://sence.cl/cursos", b, "http://sence.gob.cl/"), true},
		{"with short addresses of which nothing is told", published(shown), true},
		{"with another address", published(shown, a, "https://sence.cl/becas", b, "http://sence.gob.cl"), false},
		{"with other words between", published(strings.Replace(shown, "o en", "y en", 1)), false},
		{"with words after", published(shown + " y más"), false},
		{"without its end", published(strings.TrimSuffix(shown, " allá")), false},
		{"with an address more", published(shown + " " + a), false},
		{"with spaces tidied", published(strings.ReplaceAll(shown, " ", "  ") + "\n"), true},
		{"its letters decomposed", published(strings.Replace(shown, "Más", "Ma\u0301s", 1)), true},
		{"a name that is none before", published("@ " + sent), false},
		{"a word before", published("Re: " + sent), false},
		{"to another post", strings.Replace(published(sent), theirPost, "1", 1), false},
		{"a quote and no answer", strings.Replace(published(sent), "replied_to", "retweeted", 1), false},
		{"too early", ours("9", sent, platformtest.Since().Add(-31*time.Second)), false},
		{"by a clock a little behind", ours("9", sent, platformtest.Since().Add(-30*time.Second)), true},
		{"without an instant", strings.Replace(published(sent), "created_at", "x", 1), false},
		{"without an id", strings.Replace(published(sent), `"id":"9"`, `"id":"../9"`, 1), false},
		{"cut, with its whole text apart", strings.TrimSuffix(ours("9", "Hola. Postula… "+a, platformtest.SaidAt()), "}") +
			`,"note_tweet":{"text":` + quoted(shown) + `,"entities":{"urls":[{"url":"` + a + `","expanded_url":"https://SENCE.cl/cursos"}]}}}`, true},
		{"beside nonsense", `null,5,"x",[],{},{"text":{},"id":[],"created_at":7,"referenced_tweets":{}},` + published(sent), true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out := public()
			out.Text = sent
			found(t, out, page(c.item), "9", c.want)
		})
	}
}

func TestFind_messages(t *testing.T) {
	sent := "Folio: https://sence.cl/x"
	cases := []struct {
		name, item string
		want       bool
	}{
		{"ours", message("9", ourID, sent, platformtest.SaidAt()), true},
		{"ours, shortened", message("9", ourID, "Folio: https://t.co/abc", platformtest.SaidAt()), true},
		{"theirs", message("9", citizenID, sent, platformtest.SaidAt()), false},
		{"of before", message("9", ourID, sent, platformtest.Since().Add(-time.Hour)), false},
		{"with a name before, which is a text of its own here", message("9", ourID, "@alguien "+sent, platformtest.SaidAt()), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out := private()
			out.Text = sent
			found(t, out, page(c.item), "9", c.want)
		})
	}
}

func found(t *testing.T, out post.Outgoing, body, want string, is bool) {
	t.Helper()
	base, all := recorder(t, 200, body)
	p, err := wayOut(base, bearing())
	if err != nil {
		t.Fatal(err)
	}
	id, ok, err := p.Find(t.Context(), out, platformtest.Since())
	if err != nil || ok != is || ok && id != want {
		t.Errorf("%q, %t, %v; want %t", id, ok, err, is)
	}
	if len(*all) != 1 || (*all)[0].method != http.MethodGet || (*all)[0].body != "" {
		t.Fatalf("asked %+v", *all)
	}
	got := (*all)[0]
	path, start := "/2/users/"+ourID+"/tweets", "2026-11-23T14:59:30Z"
	if out.Visibility == post.Private {
		path, start = "/2/dm_conversations/with/"+citizenID+"/dm_events", ""
	}
	if got.path != path || got.query.Get("start_time") != start || got.query.Get("max_results") != "100" {
		t.Errorf("asked %s %v", got.path, got.query)
	}
}

// answering serves one page after another by their tokens.
func answering(t *testing.T, pages map[string]string) (*x.Outbound, *int) {
	t.Helper()
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		_, _ = w.Write([]byte(pages[r.URL.Query().Get("pagination_token")]))
	}))
	t.Cleanup(s.Close)
	p, err := wayOut(s.URL, bearing())
	if err != nil {
		t.Fatal(err)
	}
	return p, &n
}

func TestFind_pages(t *testing.T) {
	next := func(token string, items ...string) string {
		return fmt.Sprintf(`{"data":[%s],"meta":{"result_count":%d,"next_token":%q}}`, strings.Join(items, ","), len(items), token)
	}
	mine := ours("9", platformtest.Text, platformtest.SaidAt())
	other := ours("8", "otra cosa", platformtest.SaidAt())
	old := ours("7", platformtest.Text, platformtest.Since().AddDate(0, -1, 0))
	const errs = `"errors":[{"title":"CANARY","detail":"CANARY","type":"about:blank"}]`
	cases := []struct {
		name  string
		pages map[string]string
		id    string
		kind  fault.Kind
		why   string
		looks int
	}{
		{"on the second", map[string]string{"": next("B&=", other), "B&=": page(mine)}, "9", 0, "", 2},
		{"an empty one on the way", map[string]string{"": `{"meta":{"result_count":0,"next_token":"B"}}`, "B": page(mine)}, "9", 0, "", 2},
		{"an old one ends it", map[string]string{"": next("B", old), "B": page(mine)}, "", 0, "", 1},
		{"one partly old does not", map[string]string{"": next("B", other, old), "B": page(mine)}, "9", 0, "", 2},
		{"without end", map[string]string{"": next("B", other), "B": next("B", other)}, "", fault.Transient, "too_many", 10},
		{"a continuation that is an address", map[string]string{"": next("http://example.com/", other), "http://example.com/": page()}, "", 0, "", 2},
		{"a page with something left out", map[string]string{"": `{"data":[` + other + `],` + errs + `,"meta":{"result_count":1}}`}, "", fault.Transient, "unknown_outcome", 1},
		{"found beside something left out", map[string]string{"": `{"data":[` + mine + `],` + errs + `}`}, "9", 0, "", 1},
		{"a refusal in a success", map[string]string{"": `{"errors":[{"title":"CANARY","type":"https://api.twitter.com/2/problems/not-authorized-for-resource"}]}`}, "", fault.Denied, "permission", 1},
		{"data that is no list", map[string]string{"": `{"data":{},"meta":{"result_count":1}}`}, "", fault.Transient, "unknown_outcome", 1},
		{"more than is read", map[string]string{"": page(strings.Repeat("5,", 5_000) + "5")}, "", fault.Transient, "unknown_outcome", 1},
		{"no data, and not said that there is none", map[string]string{"": `{"meta":{}}`}, "", fault.Transient, "unknown_outcome", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, looks := answering(t, c.pages)
			id, ok, err := p.Find(t.Context(), public(), platformtest.Since())
			if id != c.id || ok != (c.id != "") || fault.Of(err) != c.kind || p.Reason(err) != c.why || *looks != c.looks {
				t.Errorf("%q, %t, %v after %d looks", id, ok, err, *looks)
			}
			if err != nil && strings.Contains(err.Error(), platformtest.Canary) {
				t.Errorf("quotes X: %v", err)
			}
		})
	}
}
