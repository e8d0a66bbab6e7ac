package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// texts collects one member of every object of a list.
func texts(list any, path ...string) []any {
	all, _ := list.([]any)
	out := make([]any, 0, len(all))
	for _, one := range all {
		out = append(out, at(one, path...))
	}
	return out
}

// What a network told nobody of is in its lists, as what it did tell of is.
func TestWhatWasNeverToldCanBeRead(t *testing.T) {
	page, ig, us := "/graph/v25.0/"+DefaultPageID, "/graph/v25.0/"+networkAccount(targetInstagram), networkAccount(targetX)
	organization := url.QueryEscape(networkAccount(targetLinkedIn))
	for name, c := range map[string]struct {
		network, body string
		list          string // its address
		path          []string
		id            func(p placed) string
	}{
		"facebook post":     {targetFacebook, `{"text":"a","kind":"post"}`, page + "/feed?fields=id,message,from,created_time,updated_time,is_hidden,attachments%7Bmedia,type%7D&limit=25", []string{"id"}, nil},
		"facebook comment":  {targetFacebook, `{"text":"a"}`, "/graph/v25.0/THREAD/comments?filter=stream&order=reverse_chronological&limit=100&fields=id,message,from,created_time,parent%7Bid%7D,is_hidden,attachment", []string{"id"}, nil},
		"facebook tag":      {targetFacebook, `{"text":"a","kind":"tag"}`, page + "/tagged?fields=id,message,from,created_time,attachments&limit=50", []string{"id"}, nil},
		"facebook review":   {targetFacebook, `{"text":"a","kind":"review","rating":1}`, page + "/ratings?fields=created_time,reviewer,recommendation_type,review_text,has_review,open_graph_story%7Bid%7D&limit=50", []string{"open_graph_story", "id"}, func(p placed) string { return lastNumber(p.ID) }},
		"messenger":         {targetFacebook, `{"text":"a","kind":"dm"}`, "/graph/v25.0/t_THREAD/messages?fields=id,created_time,from,to,message,attachments,shares,sticker&limit=100", []string{"id"}, nil},
		"instagram comment": {targetInstagram, `{"text":"a"}`, "/graph/v25.0/THREAD/comments?fields=id,text,timestamp,from,username,user,replies%7Bid,text,timestamp,from,username,user,parent_id%7D&limit=50", []string{"id"}, nil},
		"instagram tag":     {targetInstagram, `{"text":"a","kind":"tag"}`, ig + "/tags?fields=id,caption,username,timestamp,media_type,media_url&limit=50", []string{"id"}, nil},
		"instagram message": {targetInstagram, `{"text":"a","kind":"dm"}`, "/graph/v25.0/t_ig_THREAD/messages?fields=id,created_time,from,to,message,attachments,shares,story,is_unsupported&limit=100", []string{"id"}, nil},
		"x mention":         {targetX, `{"text":"a"}`, "/x-api/2/users/" + us + "/mentions?max_results=100&start_time=2026-11-24T12:00:00Z&tweet.fields=author_id&expansions=author_id", []string{"id"}, nil},
		"x answer":          {targetX, `{"text":"a","kind":"comment"}`, "/x-api/2/users/" + us + "/mentions?since_id=1", []string{"id"}, nil},
		"x message":         {targetX, `{"text":"a","kind":"dm"}`, "/x-api/2/dm_events?max_results=100&event_types=MessageCreate&dm_event.fields=id,sender_id", []string{"id"}, nil},
		"linkedin comment":  {targetLinkedIn, `{"text":"a"}`, "/linkedin-api/rest/organizationalEntityNotifications?q=criteria&actions=List(COMMENT,SHARE_MENTION)&organizationalEntity=" + organization + "&timeRange=(start:1764000000000)&start=0&count=100", []string{"decoratedGeneratedActivity", "comment", "entity"}, nil},
		"linkedin mention":  {targetLinkedIn, `{"text":"a","kind":"mention"}`, "/linkedin-api/rest/organizationalEntityNotifications?q=criteria&actions=List(COMMENT,SHARE_MENTION)&organizationalEntity=" + organization, []string{"generatedActivity"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.breaks(`{"target":"` + c.network + `","mode":"drop_webhooks"}`)
			p := r.on(c.network, c.body)
			address := strings.ReplaceAll(c.list, "THREAD", p.Thread)
			list := r.read(address)
			want := p.ID
			if c.id != nil {
				want = c.id(p)
			}
			if found := texts(list, c.path...); !slices.Contains(found, any(want)) {
				t.Errorf("%s: %v, want %s among them", address, found, want)
			}
			if told := r.gestor.deliveries("/webhooks/" + c.network); len(told) != 0 {
				t.Errorf("%d deliveries", len(told))
			}
			r.call(http.MethodDelete, "/sim/"+c.network+"/messages/"+url.PathEscape(p.ID), "")
			if found := texts(r.read(address), c.path...); slices.Contains(found, any(want)) && c.network != targetLinkedIn {
				t.Errorf("deleted and still there: %v", found)
			}
		})
	}
}

// read gets a list as our system would, and gives its objects.
func (r *rig) read(address string) any {
	r.t.Helper()
	headers := []header{{"Authorization", "Bearer " + testToken}, {"Linkedin-Version", "202607"}}
	if strings.HasPrefix(address, "/graph/") {
		sep := "?"
		if strings.Contains(address, "?") {
			sep = "&"
		}
		address += sep + "appsecret_proof=" + hmacHex(testSecret, []byte(testToken))
	}
	status, raw := r.call(http.MethodGet, address, "", headers...)
	var v struct {
		Data     []any
		Elements []any
	}
	if err := json.Unmarshal(raw, &v); err != nil || status != http.StatusOK {
		r.t.Fatalf("%s: %d %v in %s", address, status, err, raw)
	}
	if v.Elements != nil {
		return v.Elements
	}
	return v.Data
}

func TestFacebookListsInFull(t *testing.T) {
	r := newRig(t)
	post := r.write(`{"text":"una publicación","kind":"post","media":["image"],"author":"vecina.ficticia","name":"Vecina Ficticia"}`)
	first := r.write(`{"text":"uno","thread":"` + post.ID + `"}`)
	r.clock.move(time.Minute)
	r.write(`{"text":"dos","thread":"` + first.ID + `","media":["image"]}`)
	_, v := r.graph(http.MethodGet, "/graph/v25.0/"+DefaultPageID+"/feed?fields=id,message,from,created_time,updated_time,is_hidden,attachments&limit=1", "")
	one := at(v, "data", "0")
	if at(one, "id") != post.ID || at(one, "from", "name") != "Vecina Ficticia" || at(one, "created_time") != "2026-11-24T13:00:00+0000" ||
		at(one, "updated_time") != "2026-11-24T13:01:00+0000" || at(one, "is_hidden") != false || at(one, "attachments", "data", "0", "media_type") != "photo" ||
		at(v, "paging", "next") == nil {
		t.Errorf("feed: %v", v)
	}
	picture, _ := at(one, "attachments", "data", "0", "media", "image", "src").(string)
	if status, kind, _ := r.fetched(picture); status != http.StatusOK || kind != "image/png" {
		t.Errorf("picture %q: %d %s", picture, status, kind)
	}
	_, v = r.graph(http.MethodGet, "/graph/v25.0/"+post.ID+"/comments?filter=stream&order=reverse_chronological&fields=message,parent%7Bid%7D,attachment", "")
	if diff := cmp.Diff([]any{"dos", "uno"}, texts(v["data"], "message")); diff != "" {
		t.Errorf("stream (-want +got):\n%s", diff)
	}
	if at(v, "data", "0", "parent", "id") != first.ID || at(v, "data", "1", "parent") != nil || at(v, "data", "0", "attachment", "type") != "photo" {
		t.Errorf("stream: %v", v)
	}
	_, v = r.graph(http.MethodGet, "/graph/v25.0/"+DefaultPageID+"/visitor_posts?fields=id", "")
	if diff := cmp.Diff([]any{post.ID}, texts(v["data"], "id")); diff != "" {
		t.Errorf("visitors' posts (-want +got):\n%s", diff)
	}
	r.write(`{"text":"malo","kind":"review","rating":2,"name":"Otra Ficticia"}`)
	r.write(`{"text":"bueno","kind":"review","rating":5}`)
	_, v = r.graph(http.MethodGet, "/graph/v25.0/"+DefaultPageID+"/ratings?fields=reviewer,review_text,recommendation_type&limit=1", "")
	if at(v, "data", "0", "review_text") == nil || at(v, "data", "0", "id") != nil || at(v, "data", "0", "cursor") != nil || at(v, "paging", "next") == nil {
		t.Errorf("ratings: %v", v)
	}
	_, v = r.graph(http.MethodGet, "/graph/v25.0/"+DefaultPageID+"/ratings?fields=recommendation_type", "")
	if kinds := texts(v["data"], "recommendation_type"); len(kinds) != 2 || kinds[0] == kinds[1] {
		t.Errorf("recommendations: %v", kinds)
	}
}

func TestTalksArePaged(t *testing.T) {
	for network, path := range map[string]string{
		targetFacebook:  DefaultPageID + "/conversations?platform=messenger",
		targetInstagram: networkAccount(targetInstagram) + "/conversations?platform=instagram",
	} {
		r := newRig(t)
		for i := range 3 {
			r.clock.move(time.Minute)
			r.on(network, fmt.Sprintf(`{"text":"hola","kind":"dm","author":"persona.%d"}`, i))
		}
		var seen []any
		for next := "/graph/v25.0/" + path + "&fields=id,updated_time&limit=2"; next != ""; {
			_, v := r.graph(http.MethodGet, next, "")
			seen = append(seen, texts(v["data"], "updated_time")...)
			following, _ := at(v, "paging", "next").(string)
			next = strings.TrimPrefix(following, r.url)
		}
		if diff := cmp.Diff([]any{"2026-11-24T13:03:00+0000", "2026-11-24T13:02:00+0000", "2026-11-24T13:01:00+0000"}, seen); diff != "" {
			t.Errorf("%s (-want +got):\n%s", network, diff)
		}
	}
}

func TestMessagesAreReadWithWhatHangsOnThem(t *testing.T) {
	r := newRig(t)
	fields := "?fields=id,created_time,from,to,message,attachments,shares,sticker"
	dm := r.write(`{"kind":"dm","text":"miren","media":["image"],"name":"Persona Ficticia"}`)
	_, v := r.graph(http.MethodGet, "/graph/v25.0/"+dm.ID+fields, "")
	if v["message"] != "miren" || at(v, "from", "id") != dm.Thread || at(v, "from", "name") != "Persona Ficticia" || at(v, "to", "data", "0", "id") != DefaultPageID ||
		at(v, "attachments", "data", "0", "mime_type") != "image/png" || at(v, "attachments", "data", "0", "image_data", "url") == nil {
		t.Errorf("message: %v", v)
	}
	sticker := r.write(`{"kind":"dm","media":["sticker"]}`)
	if _, v := r.graph(http.MethodGet, "/graph/v25.0/"+sticker.ID+fields, ""); v["sticker"] == nil || v["attachments"] != nil {
		t.Errorf("sticker: %v", v)
	}
	file := r.write(`{"kind":"dm","media":["file"]}`)
	if _, v := r.graph(http.MethodGet, "/graph/v25.0/"+file.ID+fields, ""); at(v, "attachments", "data", "0", "file_url") == nil {
		t.Errorf("file: %v", v)
	}
	fields = "?fields=id,created_time,from,to,message,attachments,shares,story,is_unsupported"
	story := r.on(targetInstagram, `{"kind":"story_mention","author":"vecina.ficticia"}`)
	if _, v := r.graph(http.MethodGet, "/graph/v25.0/"+story.ID+fields, ""); at(v, "story", "mention", "link") == nil || at(v, "from", "username") != "vecina_ficticia" || v["attachments"] != nil {
		t.Errorf("story mention: %v", v)
	}
	reply := r.on(targetInstagram, `{"kind":"story_reply","text":"hola"}`)
	if _, v := r.graph(http.MethodGet, "/graph/v25.0/"+reply.ID+fields, ""); at(v, "story", "reply_to", "id") == nil {
		t.Errorf("story reply: %v", v)
	}
}

func TestInstagramPostsThatNameUs(t *testing.T) {
	r := newRig(t)
	p := r.on(targetInstagram, `{"kind":"tag","text":"curso con @sence_simulado","author":"vecina.ficticia"}`)
	if e := r.heard(targetInstagram, 1); e.Key != p.ID || e.Thread != p.ID {
		t.Errorf("told as %+v", e)
	}
	account := "/graph/v25.0/" + networkAccount(targetInstagram)
	_, v := r.graph(http.MethodGet, account+"?fields=mentioned_media.media_id("+p.ID+")%7Bid,caption,media_type,media_url,timestamp,username%7D", "")
	if at(v, "mentioned_media", "caption") != "curso con @sence_simulado" || at(v, "mentioned_media", "username") != "vecina_ficticia" || at(v, "mentioned_media", "media_url") == nil {
		t.Errorf("mentioned media: %v", v)
	}
	if status, v := r.graph(http.MethodPost, account+"/mentions", "media_id="+p.ID+"&message=Gracias"); status != http.StatusOK {
		t.Errorf("answer: %d %v", status, v)
	}
	c := r.on(targetInstagram, `{"text":"uno"}`)
	_, v = r.graph(http.MethodGet, account+"/media?fields=id,timestamp,comments_count&limit=25", "")
	if at(v, "data", "0", "id") != c.Thread || at(v, "data", "0", "comments_count") != 1.0 {
		t.Errorf("media: %v", v)
	}
	_, v = r.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"?fields=id,text,timestamp,from,username,user,parent_id,media%7Bid%7D", "")
	if at(v, "media", "id") != c.Thread || v["user"] != nil {
		t.Errorf("comment: %v", v)
	}
}

func TestXReadsInFull(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("palabra ", 50) + "final"
	q := "?tweet.fields=attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,note_tweet,referenced_tweets" +
		"&expansions=author_id,attachments.media_keys,referenced_tweets.id&user.fields=name,username&media.fields=type,url"
	p := r.on(targetX, `{"text":"`+long+`","kind":"comment","media":["image"],"name":"Persona Ficticia","author":"persona.ficticia"}`)
	_, v := r.asX(http.MethodGet, "/2/tweets/"+p.ID+q, "")
	if short, _ := at(v, "data", "text").(string); at(v, "data", "note_tweet", "text") != long || !strings.Contains(short, "… https://t.co/") || len(short) >= len(long) {
		t.Errorf("long post: %v", v["data"])
	}
	if at(v, "includes", "users", "0", "username") != "persona_ficticia"[:15] || at(v, "includes", "media", "0", "type") != "photo" || at(v, "includes", "tweets", "0", "id") != p.Thread {
		t.Errorf("includes: %v", v["includes"])
	}
	if _, v := r.asX(http.MethodGet, "/2/tweets/"+p.ID, ""); at(v, "data", "note_tweet") != nil || v["includes"] != nil {
		t.Errorf("what nobody asked for came along: %v", v)
	}
	_, v = r.asX(http.MethodGet, "/2/tweets?ids="+p.ID+",77", "")
	if at(v, "data", "0", "id") != p.ID || at(v, "errors", "0", "value") != "77" {
		t.Errorf("several: %v", v)
	}
	var ids []any
	for i := range 7 {
		r.clock.move(time.Minute)
		r.on(targetX, fmt.Sprintf(`{"text":"mención %d"}`, i))
	}
	path := "/2/users/" + networkAccount(targetX) + "/mentions?max_results=5"
	for token := ""; ; {
		_, v := r.asX(http.MethodGet, path+token, "")
		ids = append(ids, texts(v["data"], "id")...)
		next, _ := at(v, "meta", "next_token").(string)
		if next == "" {
			break
		}
		token = "&pagination_token=" + next
	}
	if len(ids) != 8 {
		t.Errorf("%d mentions in pages, want 8", len(ids))
	}
	newest, _ := ids[0].(string)
	if _, v := r.asX(http.MethodGet, path+"&since_id="+newest, ""); v["data"] != nil || at(v, "meta", "result_count") != 0.0 {
		t.Errorf("since the newest: %v", v)
	}
	dm := r.on(targetX, `{"text":"por interno","kind":"dm","media":["image"]}`)
	r.on(targetX, `{"text":"cifrado","kind":"chat"}`)
	_, v = r.asX(http.MethodGet, "/2/dm_events?dm_event.fields=attachments,sender_id,dm_conversation_id&expansions=sender_id,attachments.media_keys", "")
	if len(texts(v["data"])) != 1 || at(v, "data", "0", "id") != dm.ID || at(v, "data", "0", "attachments", "media_keys", "0") == nil || at(v, "includes", "users", "0", "id") != dm.Thread {
		t.Errorf("messages: %v", v)
	}
	media, _ := at(v, "includes", "media", "0", "url").(string)
	_, words, _ := strings.Cut(media, "/dm/")
	if status, kind, raw := r.fetched(r.url+"/x-api/2/dm_conversations/media/"+words, header{"Authorization", "Bearer x"}); status != http.StatusOK || kind != "image/png" || len(raw) == 0 {
		t.Errorf("%s: %d %s", words, status, kind)
	}
	if _, v := r.asX(http.MethodGet, "/2/dm_events/"+dm.ID+"?dm_event.fields=sender_id", ""); at(v, "data", "sender_id") != dm.Thread {
		t.Errorf("one message: %v", v)
	}
	if _, v := r.asX(http.MethodGet, "/2/users/me", ""); at(v, "data", "id") != networkAccount(targetX) {
		t.Errorf("me: %v", v)
	}
}

func TestLinkedInReadsInFull(t *testing.T) {
	r := newRig(t)
	c := r.on(targetLinkedIn, `{"text":"uno (dos)","name":"Persona Ficticia Rojas","author":"persona.ficticia"}`)
	told := r.heard(targetLinkedIn, 1)
	path := "socialActions/" + url.QueryEscape(c.Thread) + "/comments/" + lastNumber(c.ID)
	status, v := r.rest(http.MethodGet, path, "")
	if status != http.StatusOK || v["$URN"] != c.ID || at(v, "message", "text") != "uno (dos)" || v["actor"] != told.Author.ID {
		t.Errorf("comment: %d %v", status, v)
	}
	person := strings.TrimPrefix(told.Author.ID, "urn:li:person:")
	if _, v := r.rest(http.MethodGet, "people/(id:"+person+")", ""); v["localizedFirstName"] != "Persona" || v["localizedLastName"] != "Ficticia Rojas" {
		t.Errorf("person: %v", v)
	}
	if status, _ := r.rest(http.MethodGet, "people/(id:nadie)", ""); status != http.StatusNotFound {
		t.Errorf("nobody: %d", status)
	}
	m := r.on(targetLinkedIn, `{"text":"hola [sence]","kind":"mention"}`)
	if _, v := r.rest(http.MethodGet, "posts/"+url.QueryEscape(strings.Replace(m.ID, "activity", "share", 1)), ""); v["commentary"] != `hola \[sence\]` {
		t.Errorf("post: %v", v)
	}
	r.clock.move(time.Hour)
	r.call(http.MethodPatch, "/sim/linkedin/messages/"+url.PathEscape(c.ID), `{"text":"tres"}`)
	list := "organizationalEntityNotifications?q=criteria&organizationalEntity=" + url.QueryEscape(networkAccount(targetLinkedIn))
	_, v = r.rest(http.MethodGet, list, "")
	if diff := cmp.Diff([]any{"COMMENT_EDIT", "SHARE_MENTION", "COMMENT"}, texts(v["elements"], "action")); diff != "" {
		t.Errorf("notifications (-want +got):\n%s", diff)
	}
	_, v = r.rest(http.MethodGet, list+"&count=2", "")
	if len(texts(v["elements"])) != 2 || at(v, "paging", "links", "0", "rel") != "next" || at(v, "paging", "total") != 3.0 {
		t.Errorf("first page: %v", v["paging"])
	}
	since := fmt.Sprint(r.clock.now().UnixMilli())
	if _, v := r.rest(http.MethodGet, list+"&timeRange=(start:"+since+")&actions=List(COMMENT,COMMENT_EDIT)", ""); len(texts(v["elements"])) != 1 {
		t.Errorf("since now: %v", v)
	}
	if status, _ := r.rest(http.MethodGet, "organizationalEntityNotifications", ""); status != http.StatusBadRequest {
		t.Errorf("without criteria: %d", status)
	}
	r.clock.move(61 * 24 * time.Hour)
	if _, v := r.rest(http.MethodGet, list, ""); len(texts(v["elements"])) != 0 {
		t.Errorf("after 60 days: %v", v)
	}
}

func TestWhatsAppMediaAreFetchedInTwoSteps(t *testing.T) {
	r := newRig(t)
	r.on(targetWhatsApp, `{"media":["image"]}`)
	id := r.heard(targetWhatsApp, 1).Attachments[0].ID
	path := "/graph/v25.0/" + id + "?phone_number_id=" + networkAccount(targetWhatsApp)
	status, v := r.graph(http.MethodGet, path, "")
	address, _ := v["url"].(string)
	if status != http.StatusOK || v["mime_type"] != "image/png" || v["id"] != id || v["file_size"] == nil {
		t.Fatalf("medium: %d %v", status, v)
	}
	ours := header{"Authorization", "Bearer " + testToken}
	if status, kind, raw := r.fetched(address, ours); status != http.StatusOK || kind != "image/png" || float64(len(raw)) != v["file_size"] {
		t.Errorf("bytes: %d %s %d", status, kind, len(raw))
	}
	if status, _, _ := r.fetched(address); status != http.StatusUnauthorized {
		t.Errorf("without a key: %d", status)
	}
	if status, _, _ := r.fetched(strings.Replace(address, "hash=", "hash=0", 1), ours); status != http.StatusNotFound {
		t.Errorf("another address: %d", status)
	}
	r.clock.move(whatsappMediaLife + time.Second)
	if status, _, _ := r.fetched(address, ours); status != http.StatusNotFound {
		t.Errorf("after five minutes: %d", status)
	}
	r.clock.move(whatsappMediaKept)
	if status, _ := r.graph(http.MethodGet, path, ""); status != http.StatusBadRequest {
		t.Errorf("after a week: %d", status)
	}
}

// A field may say how many of its objects it wants; the others are on a page of their own.
func TestFieldsMaySayHowMany(t *testing.T) {
	r := newRig(t)
	c := r.on(targetInstagram, `{"text":"uno"}`)
	for i := range 3 {
		r.on(targetInstagram, fmt.Sprintf(`{"text":"respuesta %d","thread":"%s"}`, i, c.ID))
	}
	_, v := r.graph(http.MethodGet, "/graph/v25.0/"+c.Thread+"/comments?fields=id,replies.limit(2)%7Bid,text%7D", "")
	next, _ := at(v, "data", "0", "replies", "paging", "next").(string)
	if got := texts(at(v, "data", "0", "replies", "data"), "text"); len(got) != 2 || next == "" {
		t.Fatalf("replies: %v", at(v, "data", "0", "replies"))
	}
	_, v = r.graph(http.MethodGet, strings.TrimPrefix(next, r.url)+"&fields=text", "")
	if diff := cmp.Diff([]any{"respuesta 2"}, texts(v["data"], "text")); diff != "" {
		t.Errorf("the others (-want +got):\n%s", diff)
	}
}
