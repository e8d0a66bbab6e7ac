package sim

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/huandu/facebook/v2"
)

func graphCode(v map[string]any) (code, subcode float64) {
	e, _ := v["error"].(map[string]any)
	code, _ = e["code"].(float64)
	subcode, _ = e["error_subcode"].(float64)
	return code, subcode
}

func TestGraphWantsTokenAndProof(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	proof := hmacHex(testSecret, []byte(testToken))
	bearer := header{"Authorization", "Bearer " + testToken}
	for name, q := range map[string]struct {
		query   string
		headers []header
		code    float64
	}{
		"nothing":        {"?appsecret_proof=" + proof, nil, 104},
		"wrong token":    {"?appsecret_proof=" + proof, []header{{"Authorization", "Bearer otro"}}, 190},
		"token in query": {"?access_token=" + testToken + "&appsecret_proof=" + proof, nil, 190},
		"no proof":       {"", []header{bearer}, 100},
		"wrong proof":    {"?appsecret_proof=" + strings.Repeat("0", 64), []header{bearer}, 100},
		"all right":      {"?appsecret_proof=" + proof, []header{bearer}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := *r
			r.t = t
			want := http.StatusBadRequest
			if q.code == 0 {
				want = http.StatusOK
			}
			v := calls[map[string]any](&r, want, http.MethodGet, "/graph/v25.0/"+c.ID+q.query, "", q.headers...)
			if code, _ := graphCode(v); code != q.code {
				t.Errorf("code %v, want %v in %v", code, q.code, v)
			}
		})
	}
	if status, v := r.graph(http.MethodGet, "/graph/"+c.ID, ""); status != http.StatusBadRequest {
		t.Errorf("unversioned: %d %v", status, v)
	}
}

func TestPublishingAndReadingBack(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	r.delivered(facebookPath, 1)
	status, v := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", url.Values{"message": {"Hola, ¿qué tal? + 1"}}.Encode())
	id, _ := v["id"].(string)
	if status != http.StatusOK || !strings.HasPrefix(id, tail(c.Thread)+"_") {
		t.Fatalf("publish: %d %v", status, v)
	}
	_, echo, _ := r.change(2)
	if from := echo["from"].(map[string]any); from["id"] != DefaultPageID || echo["comment_id"] != id || echo["parent_id"] != c.ID {
		t.Errorf("echo %v", echo)
	}
	_, back := r.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"/comments?fields=id,message,from,created_time&order=reverse_chronological&limit=100", "")
	want := map[string]any{"data": []any{map[string]any{
		"id": id, "message": "Hola, ¿qué tal? + 1", "from": map[string]any{"id": DefaultPageID, "name": pageName}, "created_time": "2026-11-24T13:00:00+0000",
	}}, "paging": map[string]any{"cursors": map[string]any{"before": id, "after": id}}}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	// An answer to an answer hangs beside it, and is found under the id our system named.
	reply := r.write(`{"text":"gracias","thread":"` + id + `"}`)
	_, v = r.graph(http.MethodPost, "/graph/v25.0/"+reply.ID+"/comments", "message=de+nada")
	_, back = r.graph(http.MethodGet, "/graph/v25.0/"+reply.ID+"/comments?fields=id", "")
	if data := back["data"].([]any); len(data) != 1 || data[0].(map[string]any)["id"] != v["id"] {
		t.Errorf("under the reply: %v, want %v", data, v["id"])
	}
}

func TestEchoesMayOvertakeTheAnswer(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	r.delivered(facebookPath, 1)
	r.gestor.mu.Lock()
	r.gestor.hold = 30 * time.Millisecond // or every echo would win
	r.gestor.mu.Unlock()
	overtaken := 0
	for i := range 12 {
		r.clock.move(time.Millisecond) // ids follow the clock
		_, v := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", fmt.Sprintf("message=%d", i))
		id := v["id"].(string)
		for _, d := range r.gestor.deliveries(facebookPath) {
			if id[len(id)-1]%2 == 0 && strings.Contains(string(d.body), id) {
				overtaken++
			}
		}
	}
	if overtaken == 0 {
		t.Error("no echo came before the answer to the call that published it")
	}
}

func TestPublishingIsRefused(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	dead := r.write(`{"text":"me voy"}`)
	dm := r.write(`{"kind":"dm","text":"por interno"}`)
	r.call(http.MethodDelete, "/sim/facebook/messages/"+dead.ID, "")
	for name, q := range map[string]struct {
		object, message string
		code, subcode   float64
	}{
		"gone":    {dead.ID, "hola", 100, 33},
		"unknown": {"1_2", "hola", 100, 33},
		"message": {dm.ID, "hola", 100, 33},
		"empty":   {c.ID, "", 100, 0},
		"long":    {c.ID, strings.Repeat("a", 8001), 100, 0},
	} {
		status, v := r.graph(http.MethodPost, "/graph/v25.0/"+q.object+"/comments", "message="+q.message)
		if code, sub := graphCode(v); status != http.StatusBadRequest || code != q.code || sub != q.subcode {
			t.Errorf("%s: %d %v/%v, want %v/%v", name, status, code, sub, q.code, q.subcode)
		}
	}
	if status, v := r.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"?fields=id,secretos", ""); status != http.StatusBadRequest {
		t.Errorf("unknown field: %d %v", status, v)
	}
	if sent := calls[[]any](r, 200, http.MethodGet, "/sim/facebook/sent", ""); len(sent) != 0 {
		t.Errorf("refused texts were published: %v", sent)
	}
}

func TestCommentsArePaged(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	for i := range 7 {
		r.clock.move(time.Minute)
		r.write(fmt.Sprintf(`{"text":"%d","thread":"%s"}`, i, c.ID))
	}
	var got []string
	path := "/graph/v25.0/" + c.ID + "/comments?fields=message&order=reverse_chronological&limit=3"
	for pages := 1; path != ""; pages++ {
		if pages > 3 {
			t.Fatal("paging does not end")
		}
		_, v := r.graph(http.MethodGet, path, "")
		for _, d := range v["data"].([]any) {
			got = append(got, d.(map[string]any)["message"].(string))
		}
		paging, _ := v["paging"].(map[string]any)
		next, _ := paging["next"].(string)
		if strings.Contains(next, "appsecret_proof") {
			t.Errorf("next carries the proof: %s", next)
		}
		path = strings.TrimPrefix(next, r.url)
	}
	if diff := cmp.Diff([]string{"6", "5", "4", "3", "2", "1", "0"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	_, v := r.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"/comments?after=123_456", "")
	if data := v["data"].([]any); len(data) != 0 {
		t.Errorf("after an unknown cursor: %v", data)
	}
}

// The library our system sends with must find here what it finds at Facebook.
func TestTheLibraryWorksAgainstIt(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	app := facebook.New("1", testSecret)
	session := app.Session(testToken)
	session.BaseURL, session.Version = r.url+"/graph/", "v25.0"
	session.UseAuthorizationHeader()
	if err := session.EnableAppsecretProof(true); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		res, err := session.Post("/"+c.ID+"/comments", facebook.Params{"message": fmt.Sprintf("Año %d 👏", i)})
		if err != nil || res.Get("id") == nil {
			t.Fatalf("post: %v %v", res, err)
		}
		if res.UsageInfo() == nil {
			t.Error("no usage in the answer")
		}
	}
	res, err := session.Get("/"+c.ID+"/comments", facebook.Params{"fields": "id,message", "limit": 2})
	if err != nil {
		t.Fatal(err)
	}
	paging, err := res.Paging(session)
	if err != nil {
		t.Fatal(err)
	}
	if noMore, err := paging.Next(); noMore || err != nil {
		t.Fatalf("next: %v %v", noMore, err)
	}
	if data := paging.Data(); len(data) != 1 || data[0].Get("message") != "Año 2 👏" {
		t.Errorf("second page %v", data)
	}
	var no *facebook.Error
	if _, err := session.Post("/1_2/comments", facebook.Params{"message": "hola"}); !errors.As(err, &no) || no.Code != 100 || no.ErrorSubcode != 33 {
		t.Errorf("gone object: %v", err)
	}
}

func TestPrivateAnswersKeepTheirWindows(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"author":"ana.ficticia","text":"hola"}`)
	dm := r.write(`{"kind":"dm","author":"beto.ficticio","text":"hola"}`)
	page := "/graph/v25.0/" + DefaultPageID + "/messages"
	body := func(recipient, text string) string {
		return url.Values{"recipient": {recipient}, "message": {`{"text":"` + text + `"}`}}.Encode()
	}
	comment := `{"comment_id":"` + c.ID + `"}`
	if status, v := r.graph(http.MethodPost, page, body(comment, "por interno")); status != http.StatusOK || v["recipient_id"] != scopedID("ana.ficticia") {
		t.Errorf("private reply: %d %v", status, v)
	}
	if _, v := r.graph(http.MethodPost, page, body(comment, "otra vez")); v["error"] == nil {
		t.Errorf("second private reply: %v", v)
	}
	talk := `{"id":"` + dm.Thread + `"}`
	if status, v := r.graph(http.MethodPost, page, body(talk, strings.Repeat("ñ", 2001))); status != http.StatusBadRequest {
		t.Errorf("too long: %d %v", status, v)
	}
	r.clock.move(messageWindow + time.Second)
	if _, v := r.graph(http.MethodPost, page, body(talk, "tarde")); v["error"] == nil {
		t.Errorf("after the window: %v", v)
	} else if code, sub := graphCode(v); code != 10 || sub != 2018278 {
		t.Errorf("after the window: %v/%v, want 10/2018278", code, sub)
	}
	if status, v := r.graph(http.MethodPost, page, body(talk, "de una persona")+"&messaging_type=MESSAGE_TAG&tag=HUMAN_AGENT"); status != http.StatusOK {
		t.Errorf("a person's own words within seven days: %d %v", status, v)
	}
	if _, v := r.graph(http.MethodPost, page, body(talk, "de nadie")+"&messaging_type=MESSAGE_TAG&tag=ACCOUNT_UPDATE"); v["error"] == nil {
		t.Error("another tag was taken")
	} else if code, sub := graphCode(v); code != 100 || sub != 1893061 {
		t.Errorf("another tag: %v/%v", code, sub)
	}
	r.clock.move(humanWindow)
	if _, v := r.graph(http.MethodPost, page, body(talk, "tarde")+"&messaging_type=MESSAGE_TAG&tag=HUMAN_AGENT"); v["error"] == nil {
		t.Error("after seven days a person's words were taken")
	}
	if _, v := r.graph(http.MethodPost, page, body(`{"id":"123456789"}`, "hola")); v["error"] == nil {
		t.Errorf("to nobody: %v", v)
	}
}
