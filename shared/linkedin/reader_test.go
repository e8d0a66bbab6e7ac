package linkedin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/linkedin"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
)

const (
	callback = "https://gestor.example.cl/webhooks/linkedin"
	person   = "urn:li:person:Ficticia-99"
	citizen  = "urn:li:person:Ficticia_01"
	aShare   = "urn:li:share:7000000000000000000"
)

func config(base string) linkedin.Config {
	return linkedin.Config{BaseURL: base, SignInURL: base + "/login", App: func(context.Context) (linkedin.App, error) {
		return linkedin.App{ID: "42", ClientID: "cliente-ficticio", ClientSecret: "CANARY-client"}, nil
	}}
}

func newReader(base string) (*linkedin.Reader, error) { return linkedin.NewReader(config(base)) }

// network answers by path what is needed for all to be in order; what is given instead stands before it.
func network(instead map[string]string) func(r *http.Request, _ string) platformtest.Answer {
	return func(r *http.Request, _ string) platformtest.Answer {
		if body, ok := instead[r.URL.Path]; ok {
			return platformtest.Answer{Status: 200, Body: body}
		}
		switch path := r.URL.Path; {
		case path == "/rest/people/(id:Ficticia_01)":
			return platformtest.Answer{Status: 200, Body: `{"id":"Ficticia_01","localizedFirstName":"Persona","localizedLastName":"Ficticia Rojas"}`}
		case path == "/rest/organizations/5000001":
			return platformtest.Answer{Status: 200, Body: `{"id":5000001,"localizedName":"Servicio Ficticio"}`}
		case path == "/rest/organizationAcls":
			return platformtest.Answer{Status: 200, Body: acls(us)}
		case path == "/login/oauth/v2/introspectToken":
			return platformtest.Answer{Status: 200, Body: introspected("r_organization_social_feed,w_organization_social_feed,rw_organization_admin")}
		case strings.HasPrefix(path, "/rest/eventSubscriptions/"):
			return platformtest.Answer{Status: 200, Body: subscribed(callback, 90*24*time.Hour)}
		}
		return platformtest.Answer{Status: 404, Body: `{"status":404,"message":"CANARY"}`}
	}
}

func acls(organizations ...string) string {
	var all []string
	for _, urn := range organizations {
		all = append(all, fmt.Sprintf(`{"organization":%q,"roleAssignee":%q,"role":"ADMINISTRATOR","state":"APPROVED"}`, urn, person))
	}
	return page("", all...)
}

func introspected(scope string) string {
	return fmt.Sprintf(`{"active":true,"status":"active","scope":%q,"authorized_at":1,"created_at":1,"expires_at":%d}`, scope, platformtest.CheckedAt().AddDate(0, 0, 40).Unix())
}

func subscribed(webhook string, lasts time.Duration) string {
	return fmt.Sprintf(`{"webhook":%q,"expiresAt":%d}`, webhook, platformtest.CheckedAt().Add(lasts).UnixMilli())
}

// notice is a notification as LinkedIn lists it, whole; at is how long after SaidAt.
func notice(id int, action, owner, text string, at time.Duration) string {
	return fmt.Sprintf(`{"notificationId":%d,"organizationalEntity":%q,"action":%q,"sourcePost":%q,"lastModifiedAt":%d,"generatedActivity":"urn:li:comment:(activity:7,%d)",`+
		`"decoratedGeneratedActivity":{"comment":{"entity":"urn:li:comment:(urn:li:activity:7,%d)","owner":%q,"text":%s}}}`,
		id, us, action, "urn:li:activity:7", platformtest.SaidAt().Add(at).UnixMilli(), id, id, owner, quoted(text))
}

func asTold(id int, outcome mention.Outcome, owner, text string) mention.Event {
	return mention.Event{
		Outcome: outcome, Network: mention.LinkedIn, Kind: mention.Comment, Key: fmt.Sprintf("urn:li:comment:(urn:li:activity:7,%d)", id), Thread: "urn:li:activity:7",
		Author: &mention.Author{ID: owner}, Account: us, Text: text, At: platformtest.SaidAt(),
	}
}

func TestReader(t *testing.T) {
	blank := func(key string) mention.Event {
		return mention.Event{Outcome: mention.Fetch, Network: mention.LinkedIn, Kind: mention.Comment, Account: us, Key: key, Thread: aPost, At: platformtest.SaidAt(), Reason: mention.ReasonFetchAll}
	}
	comment1, share := blank(theirs), blank(aShare)
	read := comment1
	read.Outcome, read.Reason, read.Text, read.Author = mention.Interaction, "", "¿cómo postulo?", &mention.Author{ID: citizen, Name: "Persona Ficticia Rojas"}
	read.Attachments = []mention.Attachment{{Type: "image", URL: "https://media.licdn.com/dms/image/x?e=1"}}
	post := share
	post.Outcome, post.Reason, post.Text, post.Author = mention.Interaction, "", "Gracias a Servicio Ficticio (¡bien!) #cursos", &mention.Author{ID: us, Name: "Servicio Ficticio"}
	post.Outcome = mention.Own
	named := asTold(3, mention.Fetch, citizen, "ya dicho")
	full := asTold(3, mention.Interaction, citizen, "ya dicho")
	full.Author.Name = "Persona Ficticia Rojas"
	gone := []platformtest.Refusal{
		refusal("gone", problem(404, "Could not find entity"), fault.Permanent, once.ReasonGone, 0),
		refusal("role lost", problem(403, "Not enough permissions"), fault.Denied, once.ReasonPermission, 0),
		refusal("a version that is no more", problem(426, "not active"), fault.Permanent, once.ReasonVersion, 0),
		refusal("nothing in it", platformtest.Answer{Status: 200, Body: `{"actor":"CANARY"}`}, fault.Transient, once.ReasonUnknown, 0),
	}
	theComment := fmt.Sprintf(`{"actor":%q,"created":{"time":1},"id":"100","message":{"text":"¿cómo postulo?"},"object":%q,`+
		`"content":[{"type":"IMAGE","url":"https://media.licdn.com/dms/image/x?e=1"},{"type":"IMAGE","url":"https://example.com/x"},5]}`, citizen, aPost)
	thePost := fmt.Sprintf(`{"id":%q,"author":%q,"commentary":%s,"publishedAt":1}`, aShare, us, quoted(`Gracias a @[Servicio Ficticio](urn:li:organization:5000001) \(¡bien!\) {hashtag|\#|cursos}`))
	platformtest.RunReader(t, platformtest.Reading{
		New: func(base string) (platformtest.Reader, error) { return newReader(base) }, Access: key(), Told: waits(), Secrets: []string{"CANARY-client"},
		Looks: []platformtest.Look{
			{Name: "a comment", Item: &comment1, Want: []mention.Event{read}, Refusals: gone, Show: network(map[string]string{"/rest/socialActions/" + aPost + "/comments/100": theComment})},
			{Name: "a post that is ours", Item: &share, Want: []mention.Event{post}, Refusals: gone, Show: network(map[string]string{"/rest/posts/" + aShare: thePost})},
			{Name: "a name alone", Item: &named, Want: []mention.Event{full}, Show: network(nil)},
			{
				Name: "notifications", List: &channel.ListQuery{List: linkedin.ListNotifications, Since: platformtest.Since()},
				Want: []mention.Event{asTold(3, mention.Interaction, citizen, "tres"), asTold(2, mention.Own, us, "dos"), asTold(1, mention.Edit, citizen, "uno")},
				Show: network(map[string]string{"/rest/organizationalEntityNotifications": page("",
					notice(3, "COMMENT", citizen, "tres", 0), notice(2, "ADMIN_COMMENT", us, "dos", 0), notice(1, "COMMENT_EDIT", citizen, "uno", 0), "5", notice(4, "DANCE", citizen, "", 0),
				)}),
			},
			{Name: "an image with its address", Media: &mention.Attachment{Type: "image", URL: "https://dms.licdn.com/x"}, Show: network(nil)},
			{
				Name: "an image by its name", Media: &mention.Attachment{Type: "image", ID: "urn:li:image:C5-x_1"},
				Show:     network(map[string]string{"/rest/images/urn:li:image:C5-x_1": `{"downloadUrl":"https://media.licdn.com/y"}`}),
				Refusals: []platformtest.Refusal{refusal("elsewhere", platformtest.Answer{Status: 200, Body: `{"downloadUrl":"https://CANARY.example.com/"}`}, fault.Permanent, once.ReasonUnsupported, 0)},
			},
			{Name: "all in order", Callback: callback, Show: network(nil)},
		},
	})
}

// What is listed is what is delivered, so that it opens nothing.
func TestList_asDelivered(t *testing.T) {
	tried := 0
	for name, body := range samples(t) {
		var delivery struct {
			Notifications []json.RawMessage `json:"notifications"`
		}
		if json.Unmarshal(body, &delivery) != nil {
			continue
		}
		var items []string
		for _, item := range delivery.Notifications {
			items = append(items, string(item))
		}
		var want []mention.Event
		for _, e := range linkedin.Decode(body, accounts(t)) {
			switch e.Outcome {
			case mention.Interaction, mention.Own, mention.Edit, mention.Delete, mention.Fetch:
				want = append(want, e)
			default:
			}
		}
		tried += len(want)
		base, _ := recorder(t, platformtest.Answer{Status: 200, Body: page("", items...)})
		r, err := newReader(base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.List(t.Context(), key(), channel.ListQuery{List: linkedin.ListNotifications, Since: platformtest.Since()})
		if diff := cmp.Diff(want, got.Events); err != nil || diff != "" {
			t.Errorf("%s: %v (-delivered +listed):\n%s", name, err, diff)
		}
	}
	if tried < 20 {
		t.Errorf("only %d events were tried", tried)
	}
}

// The list is read to its end, page by page, and the next time from a little before the latest on.
func TestList_cursor(t *testing.T) {
	next := `"links":[{"rel":"next","href":"http://example.com/rest"}]`
	pages := []string{
		page(next, notice(3, "COMMENT", citizen, "c", time.Minute), notice(2, "COMMENT", citizen, "b", 20*time.Minute)), page(next), page("", notice(1, "COMMENT", citizen, "a", 0)), page(""),
		page("", notice(1, "COMMENT", citizen, "a", 0)),
	}
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RawQuery)
		_, _ = w.Write([]byte(pages[len(asked)-1]))
	}))
	defer s.Close()
	r, err := newReader(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := channel.ListQuery{List: linkedin.ListNotifications, Since: platformtest.Since()}
	for i, want := range []struct {
		n    int
		more bool
	}{{2, true}, {0, true}, {1, false}, {0, false}, {1, false}} {
		got, err := r.List(t.Context(), key(), q)
		if err != nil || len(got.Events) != want.n || got.More != want.more || got.Cost != 0 {
			t.Fatalf("page %d: %+v, %v", i, got, err)
		}
		q.Cursor = got.Cursor
	}
	from := strconv.FormatInt(platformtest.Since().UnixMilli(), 10)
	later := strconv.FormatInt(platformtest.SaidAt().Add(10*time.Minute).UnixMilli(), 10) // of the latest, a little before
	for i, want := range []string{from + ")&start=0", from + ")&start=2", from + ")&start=102", later + ")&start=0", later + ")&start=0"} {
		whole := "q=criteria&actions=List(COMMENT,SHARE_MENTION,ADMIN_COMMENT,COMMENT_EDIT,COMMENT_DELETE)&organizationalEntity=urn%3Ali%3Aorganization%3A5000001&timeRange=(start:" +
			want + "&count=100"
		if asked[i] != whole {
			t.Errorf("request %d:\n%s\nwant\n%s", i, asked[i], whole)
		}
	}
}

func TestReader_input(t *testing.T) {
	base, all := recorder(t, platformtest.Answer{Status: 200, Body: page("")})
	r, err := newReader(base)
	if err != nil {
		t.Fatal(err)
	}
	since := platformtest.Since()
	for name, c := range map[string]struct {
		account string
		q       channel.ListQuery
	}{
		"no account":         {"", channel.ListQuery{List: "notifications", Since: since}},
		"a person":           {person, channel.ListQuery{List: "notifications", Since: since}},
		"no list":            {us, channel.ListQuery{Since: since}},
		"since nothing":      {us, channel.ListQuery{List: "notifications"}},
		"a cursor of nobody": {us, channel.ListQuery{List: "notifications", Cursor: "from=x"}},
		"a cursor too late":  {us, channel.ListQuery{List: "notifications", Cursor: "from=99999999999999999"}},
	} {
		if _, err := r.List(t.Context(), channel.Access{Account: c.account, Token: "t"}, c.q); fault.Of(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, e := range []mention.Event{{}, {Key: "a"}, {Key: "urn:li:comment:(x,1)"}, {Key: "urn:li:share:1/2"}} {
		if _, _, err := r.Item(t.Context(), key(), e); fault.Of(err) != fault.Invalid {
			t.Errorf("%+v: %v", e, err)
		}
	}
	if _, _, err := r.Item(t.Context(), channel.Access{Account: "x", Token: "t"}, mention.Event{Key: theirs}); fault.Of(err) != fault.Invalid {
		t.Errorf("an account that is none: %v", err)
	}
	for _, m := range []mention.Attachment{
		{},
		{URL: "http://media.licdn.com/x"},
		{URL: "https://example.com/x"},
		{URL: "https://media.licdn.com.example.com/"},
		{URL: "https://media.licdn.com:1/"},
		{URL: "https://a@media.licdn.com/"},
		{ID: "urn:li:video:1"},
		{ID: "urn:li:image:../1"},
		{ID: "urn:li:image:1", URL: "https://example.com"},
	} {
		if _, err := r.Media(t.Context(), key(), m); fault.Of(err) != fault.Permanent || r.Reason(err) != once.ReasonUnsupported {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if got := r.Lists(); len(*all) != 0 || len(got) != 1 || got[0] != "notifications" {
		t.Errorf("%d requests, lists %v", len(*all), got)
	}
	if _, err := linkedin.NewReader(linkedin.Config{Version: "1"}); fault.Of(err) != fault.Invalid {
		t.Errorf("a version that is none: %v", err)
	}
}

// Who may not be named stays a URN, and the item is whole all the same.
func TestItem_names(t *testing.T) {
	for _, c := range []struct {
		name, author, body string
		status             int
		want               string
		kind               fault.Kind
	}{
		{"a member", citizen, `{"id":"Ficticia_01","localizedFirstName":"Persona","localizedLastName":"Ficticia"}`, 200, "Persona Ficticia", 0},
		{"one name", citizen, `{"id":"x","localizedFirstName":"Persona"}`, 200, "Persona", 0},
		{"a private member", citizen, `{"id":"private"}`, 200, "", 0},
		{"one who left", citizen, `{"status":404,"message":"CANARY"}`, 404, "", 0},
		{"one we may not see", citizen, `{"status":403,"message":"CANARY"}`, 403, "", 0},
		{"another organization", "urn:li:organization:77", `{"id":77,"localizedName":"Otra Ficticia"}`, 200, "Otra Ficticia", 0},
		{"a key that is over", citizen, `{}`, 401, "", fault.Denied},
		{"not just now", citizen, `{}`, 503, "", fault.Transient},
		{"an answer of nothing", citizen, `{}`, 200, "", fault.Transient},
		{"an id that climbs", "urn:li:person:../me", ``, 500, "", 0},
		{"another sort", "urn:li:member:1", ``, 500, "", 0},
	} {
		base, _ := recorder(t, platformtest.Answer{Status: c.status, Body: c.body})
		r, err := newReader(base)
		if err != nil {
			t.Fatal(err)
		}
		e := asTold(3, mention.Fetch, c.author, "hola")
		got, _, err := r.Item(t.Context(), key(), e)
		switch {
		case fault.Of(err) != c.kind:
			t.Errorf("%s: %v", c.name, err)
		case err == nil && (got.Author.Name != c.want || got.Author.ID != c.author || got.Text != "hola" || got.Outcome != mention.Interaction || e.Author.Name != ""):
			t.Errorf("%s: %+v by %+v", c.name, got, got.Author)
		}
	}
}

// What was told stays: only what is missing is filled in.
func TestItem_fills(t *testing.T) {
	body := fmt.Sprintf(`{"actor":%q,"id":"100","message":{"text":"del servidor"},"parentComment":"urn:li:comment:(activity:7,99)","created":{"time":1795270224372}}`, us)
	base, _ := recorder(t, platformtest.Answer{Status: 200, Body: body})
	r, err := newReader(base)
	if err != nil {
		t.Fatal(err)
	}
	e := mention.Event{Outcome: mention.Fetch, Kind: mention.Comment, Account: us, Key: "urn:li:comment:(activity:7,100)", Author: &mention.Author{ID: "urn:li:member:1"}, Reason: "falta_texto"}
	got, _, err := r.Item(t.Context(), channel.Access{Account: "5000001", Token: "t"}, e)
	want := e
	want.Outcome, want.Reason, want.Text, want.Parent = mention.Interaction, "", "del servidor", "urn:li:comment:(urn:li:activity:7,99)"
	want.At = time.UnixMilli(1795270224372).UTC()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	e = mention.Event{Outcome: mention.Fetch, Kind: mention.Comment, Account: us, Key: "urn:li:comment:(activity:7,100)", Text: "dicho", Author: nil, At: platformtest.SaidAt(), Parent: "p"}
	base, _ = recorder(t, platformtest.Answer{Status: 200, Body: strings.Replace(body, us, "urn:li:member:2", 1)})
	if r, err = newReader(base); err != nil {
		t.Fatal(err)
	}
	if got, _, err = r.Item(t.Context(), key(), e); err != nil || got.Text != "dicho" || got.Author.ID != "urn:li:member:2" || got.Parent != "p" || !got.At.Equal(platformtest.SaidAt()) {
		t.Errorf("%+v, %v", got, err)
	}
	long := `{"author":"urn:li:member:1","commentary":"` + strings.Repeat("ñ", 20_001) + `","content":{"media":{"id":"urn:li:image:1"}}}`
	base, _ = recorder(t, platformtest.Answer{Status: 200, Body: long})
	if r, err = newReader(base); err != nil {
		t.Fatal(err)
	}
	got, _, err = r.Item(t.Context(), key(), mention.Event{Account: us, Key: "urn:li:activity:7"})
	if err != nil || !got.Flag(mention.FlagTruncated) || len(got.Attachments) != 1 || got.Attachments[0].ID != "urn:li:image:1" {
		t.Errorf("%v, %v, %v", got.Flags, got.Attachments, err)
	}
}
