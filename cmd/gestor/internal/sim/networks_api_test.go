package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/mention"
)

// published gives what our system published on a network.
func (r *rig) published(network string) []sentItem {
	r.t.Helper()
	return calls[[]sentItem](r, 200, http.MethodGet, "/sim/"+network+"/sent", "")
}

// asX and asLinkedIn call those networks as our system does.
func (r *rig) asX(method, path, body string) (int, map[string]any) {
	r.t.Helper()
	return r.answer(method, "/x-api"+path, body, header{"Authorization", "Bearer cualquiera"})
}

func (r *rig) asLinkedIn(method, urn, body string, extra ...header) (int, map[string]any) {
	r.t.Helper()
	headers := append([]header{{"Authorization", "Bearer cualquiera"}, {"Linkedin-Version", "202607"}}, extra...)
	return r.answer(method, "/linkedin-api/rest/socialActions/"+url.QueryEscape(urn)+"/comments", body, headers...)
}

func (r *rig) answer(method, path, body string, headers ...header) (int, map[string]any) {
	r.t.Helper()
	status, raw := r.call(method, path, body, headers...)
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		r.t.Fatalf("%s %s: %v in %q", method, path, err, raw)
	}
	return status, v
}

// at gives a value inside of decoded JSON.
func at(v any, path ...string) any {
	for _, step := range path {
		switch inside := v.(type) {
		case map[string]any:
			v = inside[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(inside) {
				return nil
			}
			v = inside[i]
		default:
			return nil
		}
	}
	return v
}

func TestInstagramRepliesAndTheirReadBack(t *testing.T) {
	r := newRig(t)
	c := r.on(targetInstagram, `{"text":"uno"}`)
	r.heard(targetInstagram, 1)
	status, v := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/replies", "message=Te+respondo")
	id, _ := v["id"].(string)
	if status != http.StatusOK || !digits(id) {
		t.Fatalf("reply: %d %v", status, v)
	}
	if e := r.heard(targetInstagram, 2); e.Outcome != mention.Own || e.Key != id || e.Parent != c.ID {
		t.Errorf("our own reply came as %s of %s under %s", e.Outcome, e.Key, e.Parent)
	}
	_, v = r.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"/replies?fields=id,text,timestamp,from,username", "")
	want := map[string]any{
		"id": id, "text": "Te respondo", "timestamp": "2026-11-24T13:00:00+0000", "username": "sence_simulado",
		"from": map[string]any{"id": networkAccount(targetInstagram), "username": "sence_simulado"},
	}
	if diff := cmp.Diff([]any{want}, v["data"]); diff != "" {
		t.Errorf("replies (-want +got):\n%s", diff)
	}
	_, v = r.graph(http.MethodGet, "/graph/v25.0/"+c.Thread+"/comments?fields=id,replies%7Bid%7D", "")
	if at(v, "data", "0", "id") != c.ID || at(v, "data", "0", "replies", "data", "0", "id") != id {
		t.Errorf("comments of the post: %v", v)
	}
	// Answers to answers hang one level deep, and are still found under the answer.
	second := r.on(targetInstagram, `{"text":"dos","thread":"`+c.ID+`"}`)
	_, v = r.graph(http.MethodPost, "/graph/v25.0/"+second.ID+"/replies", "message=Otra+vez")
	_, back := r.graph(http.MethodGet, "/graph/v25.0/"+second.ID+"/replies", "")
	if at(back, "data", "0", "id") != v["id"] {
		t.Errorf("under the answer: %v, want %v", back, v["id"])
	}
	if sent := r.published(targetInstagram); len(sent) != 2 || sent[0].InReplyTo != c.ID || sent[1].InReplyTo != second.ID || sent[0].Visibility != "public" {
		t.Errorf("sent %+v", sent)
	}
	for path, form := range map[string]string{
		"/graph/v25.0/" + c.ID + "/comments":     "message=a", // Facebook's way
		"/graph/v25.0/" + c.Thread + "/replies":  "message=a", // a post has comments
		"/graph/v25.0/" + c.ID + "/replies":      "message=",
		"/graph/v25.0/17900000000000000/replies": "message=a",
	} {
		if status, v := r.graph(http.MethodPost, path, form); status != http.StatusBadRequest {
			t.Errorf("%s %s: %d %v, want 400", path, form, status, v)
		}
	}
}

func TestInstagramMentionsAreFetchedAndAnswered(t *testing.T) {
	r := newRig(t)
	m := r.on(targetInstagram, `{"text":"miren @sence_simulado","kind":"mention","author":"vecina.ficticia"}`)
	account := "/graph/v25.0/" + networkAccount(targetInstagram)
	_, v := r.graph(http.MethodGet, account+"?fields=mentioned_comment.comment_id("+m.ID+")%7Bid,text,from,media%7D", "")
	if at(v, "mentioned_comment", "text") != "miren @sence_simulado" || at(v, "mentioned_comment", "from", "username") != "vecina_ficticia" ||
		at(v, "mentioned_comment", "media", "id") != m.Thread {
		t.Errorf("mentioned comment: %v", v)
	}
	status, v := r.graph(http.MethodPost, account+"/mentions", "media_id="+m.Thread+"&comment_id="+m.ID+"&message=Gracias")
	if sent := r.published(targetInstagram); status != http.StatusOK || len(sent) != 1 || sent[0].InReplyTo != m.ID || sent[0].ID != v["id"] {
		t.Errorf("answer: %d %v, sent %+v", status, v, sent)
	}
	if status, _ := r.graph(http.MethodPost, account+"/mentions", "media_id=1&comment_id="+m.ID+"&message=x"); status != http.StatusBadRequest {
		t.Errorf("a mention on another post: %d, want 400", status)
	}
}

func TestPrivateMessagesOfBothMetaNetworks(t *testing.T) {
	for network, account := range map[string]string{targetFacebook: DefaultPageID, targetInstagram: networkAccount(targetInstagram)} {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			dm := r.on(network, `{"text":"por interno","kind":"dm"}`)
			// Instagram's messages may also be sent from the page.
			for i, from := range []string{account, DefaultPageID} {
				status, v := r.graph(http.MethodPost, "/graph/v25.0/"+from+"/messages", url.Values{
					"recipient": {`{"id":"` + dm.Thread + `"}`}, "message": {fmt.Sprintf(`{"text":"respuesta %d"}`, i)},
				}.Encode())
				if status != http.StatusOK || v["recipient_id"] != dm.Thread {
					t.Fatalf("from %s: %d %v", from, status, v)
				}
			}
			sent := r.published(network)
			if len(sent) != 2 || sent[0].Visibility != "private" || sent[0].InReplyTo != dm.ID {
				t.Fatalf("sent %+v", sent)
			}
			_, v := r.graph(http.MethodGet, "/graph/v25.0/"+account+"/conversations?platform="+strings.Replace(network, "facebook", "messenger", 1)+
				"&user_id="+dm.Thread+"&fields=id,messages%7Bid,message,from,created_time%7D", "")
			talk, _ := at(v, "data", "0", "id").(string)
			if at(v, "data", "0", "messages", "data", "0", "message") != "respuesta 1" || at(v, "data", "0", "messages", "data", "0", "from", "id") != account {
				t.Errorf("conversation: %v", v)
			}
			_, v = r.graph(http.MethodGet, "/graph/v25.0/"+talk+"/messages?fields=id,message,from,created_time&limit=1", "")
			if at(v, "data", "0", "id") != sent[1].ID || at(v, "paging", "next") == nil {
				t.Errorf("messages: %v", v)
			}
			r.clock.move(25 * time.Hour)
			_, v = r.graph(http.MethodPost, "/graph/v25.0/"+account+"/messages", `recipient={"id":"`+dm.Thread+`"}&message={"text":"tarde"}`)
			if at(v, "error", "code") != 10.0 {
				t.Errorf("after the window: %v", v)
			}
		})
	}
}

func TestInstagramPrivateReplyOncePerComment(t *testing.T) {
	r := newRig(t)
	c := r.on(targetInstagram, `{"text":"uno"}`)
	form := url.Values{"recipient": {`{"comment_id":"` + c.ID + `"}`}, "message": {`{"text":"te escribo"}`}}.Encode()
	for i, want := range []int{http.StatusOK, http.StatusBadRequest} {
		if status, v := r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/messages", form); status != want {
			t.Errorf("time %d: %d %v, want %d", i+1, status, v, want)
		}
	}
	long := url.Values{"recipient": {`{"comment_id":"` + c.ID + `"}`}, "message": {`{"text":"` + strings.Repeat("ñ", 501) + `"}`}}.Encode()
	d := r.on(targetInstagram, `{"text":"dos"}`)
	if status, _ := r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/messages", strings.Replace(long, c.ID, d.ID, 1)); status != http.StatusBadRequest {
		t.Errorf("1002 bytes: %d, want 400", status)
	}
}

func TestXPublishesAnswersAndReadsThemBack(t *testing.T) {
	r := newRig(t)
	m := r.on(targetX, `{"text":"@SENCE_simulado uno"}`)
	r.heard(targetX, 1)
	body := `{"text":"Te respondo","reply":{"in_reply_to_tweet_id":"` + m.ID + `"}}`
	status, v := r.asX(http.MethodPost, "/2/tweets", body)
	id, _ := at(v, "data", "id").(string)
	if status != http.StatusCreated || len(id) != 19 {
		t.Fatalf("post: %d %v", status, v)
	}
	if e := r.heard(targetX, 2); e.Outcome != mention.Own || e.Key != id || e.Parent != m.ID {
		t.Errorf("our own post came as %s of %s under %s", e.Outcome, e.Key, e.Parent)
	}
	for _, path := range []string{
		"/2/users/" + networkAccount(targetX) + "/tweets?tweet.fields=created_at,referenced_tweets,conversation_id",
		"/2/tweets/search/recent?tweet.fields=created_at,referenced_tweets&query=from:SENCE_simulado+in_reply_to_tweet_id:" + m.ID,
	} {
		_, v := r.asX(http.MethodGet, path, "")
		if at(v, "data", "0", "id") != id || at(v, "data", "0", "referenced_tweets", "0", "id") != m.ID || at(v, "data", "0", "created_at") != "2026-11-24T13:00:00.000Z" {
			t.Errorf("%s: %v", path, v)
		}
	}
	if _, v := r.asX(http.MethodGet, "/2/users/"+networkAccount(targetX)+"/tweets", ""); at(v, "data", "0", "referenced_tweets") != nil {
		t.Error("fields nobody asked for came along")
	}
	mute := r.on(targetX, `{"text":"sin nombrarte","kind":"comment","summoned":false}`)
	if e := r.heard(targetX, 3); slices.Contains(e.Flags, mention.FlagSummoned) || e.Kind != mention.Comment || e.Key != mute.ID {
		t.Errorf("an answer that does not name us: %+v", e)
	}
	if e := r.heard(targetX, 1); !slices.Contains(e.Flags, mention.FlagSummoned) {
		t.Errorf("a mention does not summon: %+v", e)
	}
	n, _ := networkOf(targetX)
	for name, c := range map[string]struct {
		body, says string
		status     int
	}{
		"twice":        {body, "duplicate content", 403},
		"not summoned": {`{"text":"a","reply":{"in_reply_to_tweet_id":"` + mute.ID + `"}}`, "not been mentioned", 403},
		"foreign post": {`{"text":"b","reply":{"in_reply_to_tweet_id":"` + n.foreignPost() + `"}}`, "not been mentioned", 403},
		"gone":         {`{"text":"c","reply":{"in_reply_to_tweet_id":"1"}}`, "deleted or not visible", 403},
		"too long":     {`{"text":"` + strings.Repeat("a", 281) + `"}`, "too long", 400},
		"emoji weigh":  {`{"text":"` + strings.Repeat("👏", 141) + `"}`, "too long", 400},
		"empty":        {`{}`, "invalid", 400},
	} {
		status, v := r.asX(http.MethodPost, "/2/tweets", c.body)
		if detail, _ := v["detail"].(string); status != c.status || !strings.Contains(detail, c.says) || v["status"] != float64(status) {
			t.Errorf("%s: %d %v", name, status, v)
		}
	}
	if status, _ := r.asX(http.MethodPost, "/2/tweets", `{"text":"`+strings.Repeat("a", 256)+` https://example.cl/`+strings.Repeat("b", 100)+`"}`); status != http.StatusCreated {
		t.Errorf("280 with a link: %d, want 201", status)
	}
	if sent := r.published(targetX); len(sent) != 2 || sent[0].InReplyTo != m.ID || sent[0].Visibility != "public" {
		t.Errorf("sent %+v", sent)
	}
}

func TestXMessagesAndTheirReadBack(t *testing.T) {
	r := newRig(t)
	dm := r.on(targetX, `{"text":"uno","kind":"dm"}`)
	r.heard(targetX, 1)
	path := "/2/dm_conversations/with/" + dm.Thread
	status, v := r.asX(http.MethodPost, path+"/messages", `{"text":"Te respondo"}`)
	id := at(v, "data", "dm_event_id")
	if status != http.StatusCreated || id == nil {
		t.Fatalf("message: %d %v", status, v)
	}
	if e := r.heard(targetX, 2); e.Outcome != mention.Own || e.Key != id || e.Thread != dm.Thread {
		t.Errorf("our own message: %+v", e)
	}
	_, v = r.asX(http.MethodGet, path+"/dm_events?dm_event.fields=sender_id,created_at", "")
	if at(v, "data", "0", "id") != id || at(v, "data", "0", "sender_id") != networkAccount(targetX) || at(v, "data", "1", "id") != dm.ID {
		t.Errorf("events: %v", v)
	}
	if status, _ := r.asX(http.MethodPost, "/2/dm_conversations/with/77/messages", `{"text":"hola"}`); status != http.StatusForbidden {
		t.Errorf("to a stranger: %d, want 403", status)
	}
}

func TestLinkedInPublishesAnswersAndReadsThemBack(t *testing.T) {
	r := newRig(t)
	c := r.on(targetLinkedIn, `{"text":"uno"}`)
	r.heard(targetLinkedIn, 1)
	body := `{"actor":"` + networkAccount(targetLinkedIn) + `","object":"` + c.Thread + `","message":{"text":"Te respondo"}}`
	status, v := r.asLinkedIn(http.MethodPost, c.ID, body)
	if status != http.StatusCreated || v["parentComment"] != c.ID {
		t.Fatalf("comment: %d %v", status, v)
	}
	if e := r.heard(targetLinkedIn, 2); e.Outcome != mention.Own || e.Key != v["$URN"] || e.Parent != c.ID {
		t.Errorf("our own comment: %+v, want %v", e, v["$URN"])
	}
	_, list := r.asLinkedIn(http.MethodGet, c.ID, "")
	if at(list, "elements", "0", "message", "text") != "Te respondo" || at(list, "elements", "0", "id") != v["id"] ||
		at(list, "elements", "0", "actor") != networkAccount(targetLinkedIn) || at(list, "paging", "total") != 1.0 {
		t.Errorf("comments: %v", list)
	}
	if sent := r.published(targetLinkedIn); len(sent) != 1 || sent[0].InReplyTo != c.ID || sent[0].ID != v["$URN"] {
		t.Errorf("sent %+v", sent)
	}
	for name, c := range map[string]struct {
		urn, body string
		extra     []header
		status    int
	}{
		"no version":    {c.ID, body, []header{{"Linkedin-Version", ""}}, 400},
		"no token":      {c.ID, body, []header{{"Authorization", ""}}, 401},
		"other actor":   {c.ID, strings.Replace(body, "1000031", "7", 1), nil, 403},
		"unknown":       {"urn:li:activity:1", body, nil, 404},
		"too long":      {c.ID, strings.Replace(body, "Te respondo", strings.Repeat("a", 1251), 1), nil, 422},
		"without a way": {"", body, nil, 404},
	} {
		if status, v := r.asLinkedIn(http.MethodPost, c.urn, c.body, c.extra...); status != c.status {
			t.Errorf("%s: %d %v, want %d", name, status, v, c.status)
		}
	}
	m := r.on(targetLinkedIn, `{"text":"dos","kind":"mention"}`)
	if status, v := r.asLinkedIn(http.MethodPost, m.ID, strings.Replace(body, c.Thread, m.ID, 1)); status != http.StatusCreated {
		t.Errorf("answer to a mention: %d %v", status, v)
	}
}

// Each network's faults hit its own API only, and what was published before a fault stays published.
func TestFaultsHitTheirOwnNetwork(t *testing.T) {
	r := newRig(t)
	ig, x, li, wa := r.on(targetInstagram, `{"text":"a"}`), r.on(targetX, `{"text":"a"}`), r.on(targetLinkedIn, `{"text":"a"}`), r.on(targetWhatsApp, `{"text":"a"}`)
	talk := r.on(targetInstagram, `{"text":"a","kind":"dm"}`)
	n := 0
	writes := map[string]func() (int, map[string]any){
		targetInstagram: func() (int, map[string]any) {
			return r.graph(http.MethodPost, "/graph/v25.0/"+ig.ID+"/replies", "message="+strconv.Itoa(n))
		},
		"instagram, from the page": func() (int, map[string]any) {
			return r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/messages", `recipient={"id":"`+talk.Thread+`"}&message={"text":"a"}`)
		},
		targetX: func() (int, map[string]any) {
			return r.asX(http.MethodPost, "/2/tweets", fmt.Sprintf(`{"text":"texto %d","reply":{"in_reply_to_tweet_id":"%s"}}`, n, x.ID))
		},
		targetLinkedIn: func() (int, map[string]any) {
			return r.asLinkedIn(http.MethodPost, li.ID, `{"actor":"`+networkAccount(targetLinkedIn)+`","object":"`+li.Thread+`","message":{"text":"a"}}`)
		},
		targetWhatsApp: func() (int, map[string]any) {
			return r.graph(http.MethodPost, "/graph/v25.0/"+networkAccount(targetWhatsApp)+"/messages", "messaging_product=whatsapp&to="+wa.Thread+`&text={"body":"a"}`)
		},
	}
	for name, write := range writes {
		network, _, _ := strings.Cut(name, ",")
		for mode, want := range map[string]int{refuse429: 429, refuse500: 500, applyThen500: 500} {
			n++
			before := len(r.published(network))
			r.breaks(`{"target":"facebook","mode":"down","count":1}`)
			r.breaks(`{"target":"` + network + `","mode":"` + mode + `","count":1}`)
			applied := 0
			if mode == applyThen500 {
				applied = 1
			}
			if status, v := write(); status != want || len(r.published(network)) != before+applied {
				t.Errorf("%s under %s: %d %v, published %d more, want %d and %d", name, mode, status, v, len(r.published(network))-before, want, applied)
			}
		}
		n++
		if status, v := write(); status/100 != 2 {
			t.Errorf("%s after the faults: %d %v", name, status, v)
		}
	}
	r.breaks(`{"target":"x","mode":"drop_webhooks","count":1}`)
	told := len(r.gestor.deliveries("/webhooks/x"))
	lost := r.on(targetX, `{"text":"nadie me oye"}`)
	r.on(targetX, `{"text":"a mí sí"}`)
	r.delivered("/webhooks/x", told+1)
	r.sim.read(func(w *world) {
		if note := w.items[lost.ID].Note; note == "" {
			t.Error("the lost text has no note")
		}
	})
}
