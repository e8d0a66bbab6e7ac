package sim

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestBadMessagesAreRefusedInSpanish(t *testing.T) {
	r := newRig(t)
	dm := r.write(`{"kind":"dm","author":"ana.ficticia","text":"hola"}`)
	for name, c := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"no text":             {"facebook", `{"text":"  "}`, 400, "Falta el texto"},
		"broken":              {"facebook", `{"text":`, 400, "JSON"},
		"unknown kind":        {"facebook", `{"text":"a","kind":"story"}`, 400, "tipo"},
		"too long":            {"facebook", `{"text":"` + strings.Repeat("ñ", 8001) + `"}`, 400, "8000"},
		"unknown thread":      {"facebook", `{"text":"a","thread":"no-existe"}`, 400, "hilo no existe"},
		"foreign unknown":     {"facebook", `{"text":"a","thread":"999999_888888"}`, 400, "hilo no existe"},
		"comment on talk":     {"facebook", `{"text":"a","thread":"` + dm.ID + `"}`, 400, "dm"},
		"other's talk":        {"facebook", `{"text":"a","kind":"dm","author":"otra.ficticia","thread":"` + dm.Thread + `"}`, 400, "otra persona"},
		"post with thread":    {"facebook", `{"text":"a","kind":"post","thread":"1"}`, 400, "no cuelga"},
		"as the page":         {"facebook", `{"text":"a","author":"` + DefaultPageID + `"}`, 400, "página"},
		"future":              {"facebook", `{"text":"a","at":"2030-01-01T00:00:00Z"}`, 400, "futuro"},
		"rating":              {"facebook", `{"text":"a","kind":"rating","rating":6}`, 400, "1 a 5"},
		"no posts there":      {"instagram", `{"text":"a","kind":"post"}`, 422, "Instagram"},
		"no private messages": {"linkedin", `{"text":"a","kind":"dm"}`, 422, "LinkedIn"},
		"only messages":       {"whatsapp", `{"text":"a","kind":"comment"}`, 422, "WhatsApp"},
		"no ratings on X":     {"x", `{"text":"a","kind":"rating"}`, 422, "X"},
		"nothing to say":      {"x", `{}`, 400, "Falta el texto"},
		"as our account":      {"x", `{"text":"a","author":"1000000000000000021"}`, 400, "página"},
		"another's thread":    {"instagram", `{"text":"a","thread":"m_1"}`, 400, "hilo no existe"},
		"unknown network":     {"myspace", `{"text":"a"}`, 404, "no existe"},
	} {
		t.Run(name, func(t *testing.T) {
			status, raw := r.call(http.MethodPost, "/sim/"+c.path+"/messages", c.body)
			var p struct{ Title, Detail string }
			if err := json.Unmarshal(raw, &p); err != nil {
				t.Fatalf("%v in %s", err, raw)
			}
			if status != c.status || !strings.Contains(p.Detail, c.says) || p.Title == "" {
				t.Errorf("%d %q, want %d and %q", status, p.Detail, c.status, c.says)
			}
		})
	}
}

func TestWhereTextsHang(t *testing.T) {
	r := newRig(t)
	first := r.write(`{"text":"sin hilo"}`)
	if want := DefaultPageID + "_"; !strings.HasPrefix(first.Thread, want) {
		t.Errorf("thread %s, want a post of the page", first.Thread)
	}
	r.delivered(facebookPath, 1)
	under := r.write(`{"text":"debajo","thread":"` + first.ID + `"}`)
	if _, v, _ := r.change(2); v["parent_id"] != first.ID || v["post_id"] != first.Thread || under.Thread != first.Thread {
		t.Errorf("answer to a comment: %v", v)
	}
	r.write(`{"text":"más abajo","thread":"` + under.ID + `"}`)
	if _, v, _ := r.change(3); v["parent_id"] != first.ID {
		t.Errorf("answer to an answer hangs on %v, want the comment %s", v["parent_id"], first.ID)
	}
	old := DefaultPageID + "_122099000000000000"
	if p := r.write(`{"text":"en una antigua","thread":"` + old + `"}`); p.Thread != old {
		t.Errorf("thread %s, want %s", p.Thread, old)
	}
	post := r.write(`{"kind":"post","text":"mía"}`)
	if post.Thread != post.ID {
		t.Errorf("a post's thread is %s, want its id %s", post.Thread, post.ID)
	}
	if p := r.write(`{"text":"en la tuya","thread":"` + post.ID + `"}`); p.Thread != post.ID {
		t.Errorf("thread %s, want %s", p.Thread, post.ID)
	}
	a, b := r.write(`{"kind":"dm","author":"ana.ficticia","text":"1"}`), r.write(`{"kind":"dm","author":"Ana.Ficticia","text":"2"}`)
	if a.Thread != b.Thread || a.ID == b.ID {
		t.Errorf("the same author got conversations %v and %v", a, b)
	}
}

func TestOnlyCitizensTextsCanBeChanged(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	_, v := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=buenas")
	own := v["id"].(string)
	for id, want := range map[string]int{own: 400, foreignPost(): 400, "1_2": 404} {
		if status, raw := r.call(http.MethodPatch, "/sim/facebook/messages/"+id, `{"text":"otro"}`); status != want {
			t.Errorf("PATCH %s: %d, want %d: %s", id, status, want, raw)
		}
		if status, raw := r.call(http.MethodDelete, "/sim/facebook/messages/"+id, ""); status != want {
			t.Errorf("DELETE %s: %d, want %d: %s", id, status, want, raw)
		}
	}
}

func TestSentListsWhatOurSystemPublishedInOrder(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	dm := r.write(`{"kind":"dm","text":"por interno"}`)
	r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=uno")
	status, v := r.graph(http.MethodPost, "/graph/v25.0/"+DefaultPageID+"/messages",
		`recipient={"id":"`+dm.Thread+`"}&message={"text":"dos"}&messaging_type=RESPONSE`)
	if status != http.StatusOK || v["recipient_id"] != dm.Thread {
		t.Fatalf("message: %d %v", status, v)
	}
	sent := calls[[]map[string]any](r, 200, http.MethodGet, "/sim/facebook/sent", "")
	if len(sent) != 2 || sent[0]["text"] != "uno" || sent[0]["visibility"] != "public" || sent[0]["inReplyTo"] != c.ID ||
		sent[1]["text"] != "dos" || sent[1]["visibility"] != "private" || sent[1]["inReplyTo"] != dm.ID || sent[1]["id"] != v["message_id"] {
		t.Errorf("sent = %v", sent)
	}
	if others := calls[[]any](r, 200, http.MethodGet, "/sim/x/sent", ""); len(others) != 0 {
		t.Errorf("x sent = %v, want none", others)
	}
	if status, _ := r.call(http.MethodGet, "/sim/myspace/sent", ""); status != http.StatusNotFound {
		t.Errorf("unknown network: %d, want 404", status)
	}
}

func TestOtherSitesCannotWrite(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct {
		headers []header
		status  int
	}{
		"no origin":        {nil, 200},
		"same origin":      {[]header{{"Origin", r.url}}, 200},
		"localhost":        {[]header{{"Host", "localhost:8090"}}, 200},
		"ipv6":             {[]header{{"Host", "[::1]:8090"}}, 200},
		"foreign origin":   {[]header{{"Origin", "https://malo.example"}}, 403},
		"null origin":      {[]header{{"Origin", "null"}}, 403},
		"rebound host":     {[]header{{"Host", "malo.example:8090"}}, 403},
		"lookalike host":   {[]header{{"Host", "127.0.0.1.malo.example"}}, 403},
		"cross-site fetch": {[]header{{"Sec-Fetch-Site", "cross-site"}}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			if status, raw := r.call(http.MethodPost, "/sim/facebook/messages", `{"text":"hola"}`, c.headers...); status != c.status {
				t.Errorf("%d, want %d: %s", status, c.status, raw)
			}
		})
	}
}
