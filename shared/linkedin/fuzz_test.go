package linkedin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/platformtest"
)

func TestPlain(t *testing.T) {
	for little, want := range map[string]string{
		"":                              "",
		"hola":                          "hola",
		`\(a\) \[b\] \{c\} \* \_ \~ \\`: `(a) [b] {c} * _ ~ \`,
		`@[Servicio \(SF\)](urn:li:organization:1) hola`: "Servicio (SF) hola",
		`{hashtag|\#|cursos}`:                            "#cursos",
		`{hashtag|\#|a\}b} y`:                            "#a}b y",
		`a@[b`:                                           `a@[b`,
		`@[b](c)`:                                        `@[b](c)`,
		`@[b](urn:li:x`:                                  `@[b](urn:li:x`,
		`{hashtag|x}`:                                    `{hashtag|x}`,
		`{hashtag|\#|x`:                                  `{hashtag|#|x`,
		`\ñandú\`:                                        `ñandú\`,
		`\@[a](urn:li:person:1)`:                         `@[a](urn:li:person:1)`,
	} {
		if got := linkedin.Plain(little); got != want {
			t.Errorf("%q is %q, want %q", little, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add(`@[Servicio \(SF\)](urn:li:organization:1) {hashtag|\#|cursos} \\ ñ`)
	f.Add(`@[@[a](urn:li:x)](urn:li:y)`)
	f.Add(`{hashtag|\#|{hashtag|\#|a}}`)
	f.Fuzz(func(t *testing.T, little string) {
		got := linkedin.Plain(little)
		if len(got) > len(little) || utf8.ValidString(little) && !utf8.ValidString(got) {
			t.Errorf("%q is %q", little, got)
		}
		if !strings.ContainsAny(little, `\@{`) && got != little {
			t.Errorf("%q, which means nothing, is %q", little, got)
		}
	})
}

func FuzzList(f *testing.F) {
	f.Add([]byte(page("", notice(1, "COMMENT", citizen, "a", 0))), "from=1795270224372&start=5&top=1")
	for _, body := range samples(f) {
		f.Add([]byte(strings.Replace(string(body), `"notifications"`, `"elements"`, 1)), "")
	}
	f.Fuzz(func(t *testing.T, body []byte, cursor string) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
		defer s.Close()
		r, err := newReader(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.List(t.Context(), key(), channel.ListQuery{List: linkedin.ListNotifications, Cursor: cursor, Since: platformtest.Since()})
		if err != nil {
			if len(got.Events) > 0 || got.Cursor != "" {
				t.Errorf("a failure that says something: %+v", got)
			}
			return
		}
		for _, e := range got.Events {
			if wrong := flaw(body, e); wrong != "" {
				t.Errorf("%q: %s: %+v", body, wrong, e)
			}
		}
		if _, err := r.List(t.Context(), key(), channel.ListQuery{List: linkedin.ListNotifications, Cursor: got.Cursor}); fault.Is(err, fault.Invalid) {
			t.Errorf("%q: its own cursor %q is refused: %v", body, got.Cursor, err)
		}
	})
}

func FuzzItem(f *testing.F) {
	sample := []byte(comment("100", citizen, "hola", platformtest.SaidAt()))
	f.Add(sample, []byte(`{"id":"a","localizedFirstName":"b"}`), theirs)
	f.Add([]byte(`{"author":"urn:li:person:a","commentary":"\\(a\\)","content":{"media":{"id":"urn:li:image:1"}}}`), []byte(`{"id":"private"}`), aShare)
	f.Fuzz(func(t *testing.T, item, name []byte, id string) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/rest/people/") || strings.HasPrefix(r.URL.Path, "/rest/organizations/") {
				_, _ = w.Write(name)
				return
			}
			_, _ = w.Write(item)
		}))
		defer s.Close()
		r, err := newReader(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		e := mention.Event{Outcome: mention.Fetch, Network: mention.LinkedIn, Kind: mention.Comment, Account: us, Key: id}
		got, _, err := r.Item(t.Context(), key(), e)
		switch {
		case err != nil && got.Key != "":
			t.Errorf("a failure that says something: %+v", got)
		case err == nil && (got.Key != id || got.Outcome == mention.Fetch || !utf8.ValidString(got.Text) || strings.ContainsRune(got.Text, 0)):
			t.Errorf("%+v", got)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(acls(us)), []byte(introspected("a,b")), []byte(subscribed(callback, day)))
	f.Add([]byte(page("")), []byte(`{"active":false}`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, roles, introspection, sub []byte) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/rest/organizationAcls":
				_, _ = w.Write(roles)
			case strings.HasSuffix(r.URL.Path, "/introspectToken"):
				_, _ = w.Write(introspection)
			case strings.HasPrefix(r.URL.Path, "/rest/eventSubscriptions"):
				_, _ = w.Write(sub)
			default:
				_, _ = w.Write([]byte(`{"id":5000001,"localizedName":"Servicio Ficticio"}`))
			}
		}))
		defer s.Close()
		r, err := newReader(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Check(t.Context(), key(), callback, platformtest.CheckedAt())
		if err != nil && (h.Name != "" || len(h.Subscriptions)+len(h.Mended)+len(h.Missing)+len(h.Expiries) > 0) {
			t.Errorf("a failure that says something: %+v", h)
		}
		if err == nil && len(h.Subscriptions) != 1 {
			t.Errorf("%+v", h)
		}
	})
}
