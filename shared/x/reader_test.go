package x_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/platformtest"
	"sence.gob.cl/gestor/shared/x"
)

func newReader(base string) (*x.Reader, error) { return x.NewReader(config(base)) }

// v2 is a post that names us, as API v2 gives it to who asks.
func v2(id, text, more string) string {
	return fmt.Sprintf(`{"id":%q,"text":%s,"author_id":%q,"created_at":"2026-11-23T15:00:01.250Z","conversation_id":"1990000000000000000","in_reply_to_user_id":%q,`+
		`"referenced_tweets":[{"type":"replied_to","id":"1990000000000000000"}],"edit_history_tweet_ids":[%q],"entities":{"mentions":[{"id":%q}]}%s}`,
		id, quoted(text), citizenID, ourID, id, ourID, more)
}

const people = `"includes":{"users":[{"id":"` + citizenID + `","name":"Persona Ficticia","username":"ficticia"},{"id":"` + ourID + `","name":"Servicio","username":"servicio"}]}`

// asRead is the event that v2 makes.
func asRead(id, text string) mention.Event {
	return mention.Event{
		Outcome: mention.Interaction, Network: mention.X, Kind: mention.Comment, Key: id, Thread: "1990000000000000000", Parent: "1990000000000000000",
		Author: &mention.Author{ID: citizenID, Name: "Persona Ficticia", Aliases: []string{"@ficticia"}}, Account: ourID, Text: text,
		At: time.Date(2026, 11, 23, 15, 0, 1, 250e6, time.UTC), Flags: []string{mention.FlagSummoned},
	}
}

func lookedAt(body string) func(*http.Request, string) platformtest.Answer {
	return func(*http.Request, string) platformtest.Answer { return platformtest.Answer{Status: 200, Body: body} }
}

// dm is a message as API v2 lists it.
func dm(id, from, text, more string) string {
	return fmt.Sprintf(`{"id":%q,"event_type":"MessageCreate","text":%s,"sender_id":%q,"dm_conversation_id":"%s-%s","created_at":"2026-11-23T15:00:01.250Z"%s}`,
		id, quoted(text), from, ourID, citizenID, more)
}

func dmRead(id, text string) mention.Event {
	e := asRead(id, text)
	e.Kind, e.Thread, e.Parent, e.Flags = mention.DM, citizenID, "", nil
	return e
}

func reading(a channel.Access) platformtest.Reading {
	cut := mention.Event{Outcome: mention.Fetch, Network: mention.X, Kind: mention.Comment, Account: ourID, Key: theirPost, Text: "empieza… https://t.co/1", Flags: []string{mention.FlagTruncated, mention.FlagSummoned}}
	edited := strings.Replace(v2(theirPost, "uno", ""), `ids":["`+theirPost+`"`, `ids":["`+theirPost+`","1990000000000000002"`, 1)
	later := strings.Replace(v2("1990000000000000002", "dos", ""), `ids":["1990000000000000002"`, `ids":["`+theirPost+`","1990000000000000002"`, 1)
	message := mention.Event{Outcome: mention.Fetch, Network: mention.X, Kind: mention.DM, Account: ourID, Key: "77", Reason: mention.ReasonFetchText}
	ours := asRead("6", "nosotros")
	ours.Outcome, ours.Kind, ours.Thread, ours.Parent, ours.Flags = mention.Own, mention.DM, citizenID, "", nil
	ours.Author = &mention.Author{ID: ourID, Name: "Servicio", Aliases: []string{"@servicio"}}
	gone := []platformtest.Refusal{
		refusal("gone", problem(404, types+"resource-not-found", "…"), fault.Permanent, once.ReasonGone, 0),
		refusal("gone, in a success", platformtest.Answer{Status: 200, Body: `{"errors":[{"title":"CANARY","type":"` + types + `resource-not-found"}]}`}, fault.Permanent, once.ReasonGone, 0),
		refusal("of a protected account", problem(403, types+"not-authorized-for-resource", "…"), fault.Permanent, once.ReasonGone, 0),
		refusal("of a protected account, in a success", platformtest.Answer{Status: 200, Body: `{"errors":[{"title":"CANARY","type":"` + types + `not-authorized-for-resource"}]}`}, fault.Permanent, once.ReasonGone, 0),
		refusal("application not allowed", problem(403, types+"client-forbidden", "…"), fault.Denied, once.ReasonPermission, 0),
		refusal("credits", problem(402, types+"credits", "…"), fault.Denied, once.ReasonQuota, 0),
		refusal("another item", platformtest.Answer{Status: 200, Body: `{"data":{"id":"5","text":"CANARY","author_id":"5"}}`}, fault.Transient, once.ReasonUnknown, 0),
		refusal("an item without a word", platformtest.Answer{Status: 200, Body: `{"data":{"id":"` + theirPost + `","x":"CANARY"}}`}, fault.Transient, once.ReasonUnknown, 0),
	}
	return platformtest.Reading{
		New: func(base string) (platformtest.Reader, error) { return newReader(base) }, Access: a,
		Secrets: []string{"CANARY-secret", "CANARY-consumer", "oauth_"}, Told: told(),
		Looks: []platformtest.Look{
			{
				Name: "a cut post", Item: &cut, Want: []mention.Event{asRead(theirPost, "entero & más")}, Refusals: gone,
				Show: lookedAt(`{"data":` + v2(theirPost, "empieza… https://t.co/1", `,"note_tweet":{"text":"entero &amp; más"}`) + `,` + people + `}`),
			},
			{
				Name: "an edited post", Item: &cut, Want: []mention.Event{asRead(theirPost, "dos")},
				Show: func(r *http.Request, _ string) platformtest.Answer {
					if strings.HasSuffix(r.URL.Path, "/1990000000000000002") {
						return platformtest.Answer{Status: 200, Body: `{"data":` + later + `,` + people + `}`}
					}
					return platformtest.Answer{Status: 200, Body: `{"data":` + edited + `,` + people + `}`}
				},
			},
			{
				Name: "a message", Item: &message, Want: []mention.Event{dmRead("77", "hola")}, Refusals: gone[:1],
				Show: lookedAt(`{"data":` + dm("77", citizenID, "hola", "") + `,` + people + `}`),
			},
			{
				Name: "who names us", List: &channel.ListQuery{List: x.ListMentions, Since: platformtest.Since()}, Want: []mention.Event{asRead("9", "una"), asRead("8", "otra")},
				Show: lookedAt(`{"data":[` + v2("9", "una", "") + `,` + v2("8", "otra", "") + `],` + people + `,"meta":{"result_count":2}}`),
			},
			{
				Name: "messages", List: &channel.ListQuery{List: x.ListMessages, Since: platformtest.Since()}, Want: []mention.Event{dmRead("7", "hola"), ours},
				Show: lookedAt(`{"data":[` + dm("7", citizenID, "hola", "") + `,` + dm("6", ourID, "nosotros", "") + `],` + people + `,"meta":{"result_count":2}}`),
			},
			{Name: "a picture", Media: &mention.Attachment{Type: "image", URL: "https://pbs.twimg.com/media/x.jpg"}, Show: lookedAt(`{}`)},
			{Name: "all in order", Callback: callback, Show: inOrder},
		},
	}
}

func TestReader(t *testing.T) {
	t.Run("oauth2", func(t *testing.T) { platformtest.RunReader(t, reading(bearing())) })
	t.Run("oauth1", func(t *testing.T) { platformtest.RunReader(t, reading(signing())) })
}

// listed makes of a delivery's post a page of the list that has it too.
func listed(t *testing.T, body []byte) (string, bool) {
	t.Helper()
	var delivery struct {
		Data struct {
			Type     string          `json:"event_type"`
			Payload  json.RawMessage `json:"payload"`
			Includes json.RawMessage `json:"includes"`
		} `json:"data"`
	}
	if json.Unmarshal(body, &delivery) != nil || !strings.HasPrefix(delivery.Data.Type, "post.") || strings.Contains(delivery.Data.Type, "repost") ||
		delivery.Data.Type == "post.delete" || !strings.Contains(string(body), us) {
		return "", false
	}
	if delivery.Data.Includes == nil {
		delivery.Data.Includes = json.RawMessage(`{}`)
	}
	return `{"data":[` + string(delivery.Data.Payload) + `],"includes":` + string(delivery.Data.Includes) + `,"meta":{"result_count":1}}`, true
}

// A post that was delivered and is then found by looking is the same event, so that it opens nothing.
func TestList_asDelivered(t *testing.T) {
	tried := 0
	for name, body := range samples(t) {
		page, ok := listed(t, body)
		if !ok || name == "xaa-mention-bare" { // which does not say whom it names; a list does
			continue
		}
		tried++
		base, _ := recorder(t, 200, page)
		r, err := newReader(base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.List(t.Context(), channel.Access{Account: us, Token: "t"}, channel.ListQuery{List: x.ListMentions, Cursor: "floor=1"})
		want := x.Decode(body, mention.Accounts{mention.X: {us}})
		if name == "xaa-mention-edited" {
			want[0].Outcome = mention.Interaction // of a post that is listed nobody knows whether its first version was told of
		}
		if diff := cmp.Diff(want, got.Events); err != nil || diff != "" {
			t.Errorf("%s: %v (-delivered +listed):\n%s", name, err, diff)
		}
	}
	if tried < 10 {
		t.Errorf("only %d posts were tried", tried)
	}
}

// The same of messages: the delivery writes them in another way.
func TestList_messagesAsDelivered(t *testing.T) {
	for name, message := range map[string]string{
		"xaa-dm-received":       `{"id":"2080765901528535096","event_type":"MessageCreate","text":"Hola, mi RUT no aparece en el registro","sender_id":"2000000000000000001","dm_conversation_id":"1111111111111111111-2000000000000000001"`,
		"xaa-dm-received-photo": `{"id":"2080765901528535097","event_type":"MessageCreate","text":"","sender_id":"2000000000000000001","dm_conversation_id":"1111111111111111111-2000000000000000001","attachments":{"media_keys":["3_1"]}`,
		"xaa-dm-sent":           `{"id":"2080763914820927863","event_type":"MessageCreate","text":"Te ayudamos por aquí.","sender_id":"1111111111111111111","dm_conversation_id":"1111111111111111111-2000000000000000001"`,
	} {
		want := x.Decode(samples(t)[name], accounts(t))
		names := `{"id":"2000000000000000001","name":"Persona Ficticia Uno","username":"ficticia_uno"},{"id":"1111111111111111111","name":"Servicio Ficticio","username":"servicio_ficticio"}`
		if want[0].Author.Name == "" {
			names = ""
		}
		page := `{"data":[` + message + `,"created_at":"` + want[0].At.Format("2006-01-02T15:04:05.000Z") + `"}],"includes":{"users":[` + names +
			`],"media":[{"media_key":"3_1","type":"photo","url":"https://ton.twitter.com/dm/ficticia.jpg"}]},"meta":{"result_count":1}}`
		base, _ := recorder(t, 200, page)
		r, err := newReader(base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.List(t.Context(), channel.Access{Account: us, Token: "t"}, channel.ListQuery{List: x.ListMessages, Cursor: "floor=1"})
		if diff := cmp.Diff(want, got.Events); err != nil || diff != "" {
			t.Errorf("%s: %v (-delivered +listed):\n%s", name, err, diff)
		}
	}
}

// pagesOf serves pages by their token and keeps what was asked.
func pagesOf(t *testing.T, pages map[string]string) (*x.Reader, *[]url.Values) {
	t.Helper()
	var asked []url.Values
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query())
		body, ok := pages[r.URL.Query().Get("pagination_token")]
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			body = `{"title":"Invalid Request","type":"` + types + `invalid-request"}`
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	r, err := newReader(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return r, &asked
}

func keys(events []mention.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Key)
	}
	return strings.Join(all, " ")
}

// The newest come first, over several pages; the next time only what came after them is asked for, and nothing in between is
// lost when a place is no longer known.
func TestList_cursor(t *testing.T) {
	next := func(token string, items ...string) string {
		return fmt.Sprintf(`{"data":[%s],"meta":{"result_count":%d,"next_token":%q}}`, strings.Join(items, ","), len(items), token)
	}
	r, asked := pagesOf(t, map[string]string{"": next("B&=", v2("99", "a", ""), v2("100", "b", "")), "B&=": next("C", v2("90", "c", "")), "C": page()})
	q := channel.ListQuery{List: x.ListMentions, Since: platformtest.Since().Add(500 * time.Millisecond)}
	for i, want := range []struct {
		keys string
		more bool
		cost int
	}{{"99 100", true, 2}, {"90", true, 1}, {"", false, 0}, {"99 100", true, 2}} {
		got, err := r.List(t.Context(), bearing(), q)
		if err != nil || keys(got.Events) != want.keys || got.More != want.more || got.Cost != want.cost {
			t.Fatalf("page %d: %q, %t, cost %d, %v", i, keys(got.Events), got.More, got.Cost, err)
		}
		q.Cursor = got.Cursor
	}
	for i, want := range []string{"2026-11-23T15:00:00Z  ", "2026-11-23T15:00:00Z  B&=", "2026-11-23T15:00:00Z  C", " 100 "} {
		a := (*asked)[i]
		if got := a.Get("start_time") + " " + a.Get("since_id") + " " + a.Get("pagination_token"); got != want {
			t.Errorf("request %d: %q, want %q", i, got, want)
		}
	}
	// In the middle of the second sweep X forgets the place.
	q.Cursor = strings.ReplaceAll(q.Cursor, "B", "Z")
	got, err := r.List(t.Context(), bearing(), q)
	if err != nil || len(got.Events) != 0 || !got.More {
		t.Fatalf("a forgotten place: %+v, %v", got, err)
	}
	q.Cursor = got.Cursor
	if got, err = r.List(t.Context(), bearing(), q); err != nil || keys(got.Events) != "99 100" || (*asked)[5].Get("since_id") != "100" {
		t.Errorf("begun anew: %+v, %v, asked %v", got, err, (*asked)[5])
	}
}

// Messages have no floor of X's own: the look ends where the last one ended, or where it was to begin.
func TestList_messagesCursor(t *testing.T) {
	old := strings.Replace(dm("5", citizenID, "antes", ""), "15:00:01.250", "14:59:59.000", 1)
	r, asked := pagesOf(t, map[string]string{
		"":  `{"data":[` + dm("9", citizenID, "c", "") + `,` + dm("8", citizenID, "b", "") + `],"meta":{"result_count":2,"next_token":"B"}}`,
		"B": `{"data":[` + dm("7", citizenID, "a", "") + `,` + old + `],"meta":{"result_count":2,"next_token":"C"}}`,
	})
	q := channel.ListQuery{List: x.ListMessages, Since: platformtest.Since()}
	for i, want := range []struct {
		keys string
		more bool
	}{{"9 8", true}, {"7", false}, {"", false}, {"", false}} {
		got, err := r.List(t.Context(), bearing(), q)
		if err != nil || keys(got.Events) != want.keys || got.More != want.more || got.Cost != 2 {
			t.Fatalf("page %d: %q, %t, cost %d, %v", i, keys(got.Events), got.More, got.Cost, err)
		}
		q.Cursor = got.Cursor
	}
	if len(*asked) != 4 || (*asked)[3].Get("pagination_token") != "" {
		t.Errorf("asked %v", *asked)
	}
}

func TestList_input(t *testing.T) {
	base, all := recorder(t, 200, page())
	r, err := newReader(base)
	if err != nil {
		t.Fatal(err)
	}
	since := platformtest.Since()
	for name, c := range map[string]struct {
		a channel.Access
		q channel.ListQuery
	}{
		"no account":                    {channel.Access{Token: "t"}, channel.ListQuery{List: x.ListMentions, Since: since}},
		"an account that is a path":     {channel.Access{Account: "1/2", Token: "t"}, channel.ListQuery{List: x.ListMentions, Since: since}},
		"no list":                       {bearing(), channel.ListQuery{Since: since}},
		"since nothing":                 {bearing(), channel.ListQuery{List: x.ListMentions}},
		"a cursor of nobody":            {bearing(), channel.ListQuery{List: x.ListMentions, Cursor: "floor=x"}},
		"a cursor with a strange floor": {bearing(), channel.ListQuery{List: x.ListMessages, Cursor: "floor=1%26a&top=../2"}},
	} {
		if _, err := r.List(t.Context(), c.a, c.q); fault.Of(err) != fault.Invalid || r.Reason(err) != once.ReasonInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, e := range []mention.Event{{}, {Key: "a"}, {Key: "1/2"}, {Key: "1/2", Kind: mention.DM}} {
		if _, _, err := r.Item(t.Context(), bearing(), e); fault.Of(err) != fault.Invalid {
			t.Errorf("%+v: %v", e, err)
		}
	}
	if len(*all) != 0 {
		t.Errorf("%d requests were made", len(*all))
	}
	if got := r.Lists(); len(got) != 2 || got[0] != "mentions" || got[1] != "messages" {
		t.Errorf("lists %v", got)
	}
}

// What the network knew at the telling and does not say of the post stays known.
func TestItem_keepsWhatWasTold(t *testing.T) {
	bare := `{"data":{"id":"77","text":"sin nada más","author_id":"` + citizenID + `"},` + people + `}`
	own := `{"data":{"id":"77","text":"sin nada más","author_id":"` + ourID + `"}}`
	repost := `{"data":{"id":"77","text":"RT","author_id":"5","referenced_tweets":[{"type":"retweeted","id":"4"}]}}`
	nobody := `{"data":{"id":"77","text":"sin nada más… https://t.co/1"}}`
	at := platformtest.SaidAt()
	e := mention.Event{Outcome: mention.Fetch, Kind: mention.Mentioned, Key: "77", Account: ourID, At: at, Flags: []string{mention.FlagSummoned}}
	for _, c := range []struct{ name, body, want string }{
		{"who it is of", bare, "interaction mention summoned Persona Ficticia"},
		{"our own", own, "own mention "},
		{"a repost", repost, "metric reaction "},
		{"nobody's, and cut for ever", nobody, "interaction mention truncated,summoned "},
	} {
		base, _ := recorder(t, 200, c.body)
		r, err := newReader(base)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := r.Item(t.Context(), bearing(), e)
		said := fmt.Sprintf("%s %s %s", got.Outcome, got.Kind, strings.Join(got.Flags, ","))
		if got.Author != nil && got.Author.Name != "" {
			said += " " + got.Author.Name
		} else if len(got.Flags) > 0 {
			said += " "
		}
		if err != nil || said != c.want || got.Key != "77" || got.Outcome != mention.Metric && !got.At.Equal(at) {
			t.Errorf("%s: %q, %+v, %v", c.name, said, got, err)
		}
	}
}
