package sim

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const returning = "http://127.0.0.1:8080/api/v1/conexion/vuelta"

// saysYes answers as a person who is sent to an address, and gives what the network sends back.
func (r *rig) saysYes(network, address, more string) url.Values {
	r.t.Helper()
	got := calls[map[string]string](r, 200, http.MethodPost, "/sim/"+network+"/consent", `{"url":"`+address+`"`+more+`}`)
	back, err := url.Parse(got["redirect"])
	if err != nil || !strings.HasPrefix(got["redirect"], returning) {
		r.t.Fatalf("sent back to %q", got["redirect"])
	}
	return back.Query()
}

// posts sends a form and decodes the answer.
func (r *rig) posts(want int, path string, v url.Values, headers ...header) map[string]any {
	r.t.Helper()
	headers = append([]header{{"Content-Type", "application/x-www-form-urlencoded"}}, headers...)
	return calls[map[string]any](r, want, http.MethodPost, path, v.Encode(), headers...)
}

// asMeta calls Graph with a key.
func (r *rig) asMeta(method, path, form, token string) (int, map[string]any) {
	r.t.Helper()
	proof := "appsecret_proof=" + hmacHex(testSecret, []byte(token))
	if method == http.MethodGet {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		return r.answer(method, "/graph/v25.0/"+path+sep+proof, "", header{"Authorization", "Bearer " + token})
	}
	return r.answer(method, "/graph/v25.0/"+path, form+"&"+proof, header{"Authorization", "Bearer " + token}, header{"Content-Type", "application/x-www-form-urlencoded"})
}

func metaDialog(scopes string) string {
	return "/v25.0/dialog/oauth?" + url.Values{
		"client_id": {DefaultMetaAppID}, "redirect_uri": {returning}, "state": {"estado-1"}, "response_type": {"code"}, "scope": {scopes}, "auth_type": {"rerequest"},
	}.Encode()
}

const metaScopes = "pages_show_list,pages_read_engagement,pages_read_user_content,pages_manage_engagement,pages_manage_metadata,pages_manage_posts,pages_messaging," +
	"instagram_basic,instagram_manage_comments,instagram_content_publish,instagram_manage_messages,whatsapp_business_management,whatsapp_business_messaging"

// metaUser goes the whole way to a person's long key.
func (r *rig) metaUser(more string) string {
	r.t.Helper()
	back := r.saysYes(targetFacebook, metaDialog(metaScopes), more)
	if back.Get("state") != "estado-1" || back.Get("code") == "" {
		r.t.Fatalf("sent back with %v", back)
	}
	client := url.Values{"client_id": {DefaultMetaAppID}, "client_secret": {testSecret}}
	ask := url.Values{"code": {back.Get("code")}, "redirect_uri": {returning}, "client_id": client["client_id"], "client_secret": client["client_secret"]}
	short := r.posts(200, "/graph/v25.0/oauth/access_token", ask)
	if short["expires_in"] != 7200.0 {
		r.t.Errorf("short key: %v", short)
	}
	r.posts(400, "/graph/v25.0/oauth/access_token", ask) // a code is good once
	client.Set("grant_type", "fb_exchange_token")
	client.Set("fb_exchange_token", short["access_token"].(string))
	long := r.posts(200, "/graph/v25.0/oauth/access_token", client)
	if long["expires_in"] != metaLongLife.Seconds() {
		r.t.Errorf("long key: %v", long)
	}
	return long["access_token"].(string)
}

func TestMetaConnectsAccounts(t *testing.T) {
	r := newRig(t)
	user := r.metaUser(`,"accounts":["` + DefaultPageID + `","` + networkAccount(targetInstagram) + `","` + networkAccount(targetWhatsApp) + `","` + secondAccount(targetFacebook) + `"]`)
	app := DefaultMetaAppID + "|" + testSecret
	_, v := r.answer(http.MethodGet, "/graph/v25.0/debug_token?input_token="+user, "", header{"Authorization", "Bearer " + app})
	data := at(v, "data")
	if at(data, "is_valid") != true || at(data, "type") != "USER" || at(data, "expires_at") != float64(r.clock.now().Add(metaLongLife).Unix()) ||
		at(data, "data_access_expires_at") != float64(r.clock.now().Add(metaDataLife).Unix()) || len(texts(at(data, "scopes"))) != 13 {
		t.Errorf("debug_token: %v", data)
	}
	granular := map[any]any{}
	for _, one := range at(data, "granular_scopes").([]any) {
		granular[at(one, "scope")] = at(one, "target_ids")
	}
	if diff := cmp.Diff([]any{whatsappBusiness}, granular["whatsapp_business_management"]); diff != "" {
		t.Errorf("business accounts (-want +got):\n%s", diff)
	}
	if _, v := r.asMeta(http.MethodGet, whatsappBusiness+"/phone_numbers?fields=id,display_phone_number,verified_name", "", user); at(v, "data", "0", "id") != networkAccount(targetWhatsApp) {
		t.Errorf("telephones: %v", v)
	}
	_, v = r.asMeta(http.MethodGet, "me/accounts?fields=id,name,access_token,tasks,instagram_business_account%7Bid,username%7D&limit=100", "", user)
	if diff := cmp.Diff([]any{DefaultPageID, secondAccount(targetFacebook)}, texts(v["data"], "id")); diff != "" {
		t.Fatalf("pages (-want +got):\n%s", diff)
	}
	if at(v, "data", "0", "instagram_business_account", "id") != networkAccount(targetInstagram) || at(v, "data", "1", "instagram_business_account") != nil {
		t.Errorf("linked accounts: %v", v)
	}
	page, second := at(v, "data", "0", "access_token").(string), at(v, "data", "1", "access_token").(string)
	if _, again := r.asMeta(http.MethodGet, "me/accounts", "", user); at(again, "data", "0", "access_token") != page {
		t.Error("the page has another key each time")
	}
	if _, v := r.asMeta(http.MethodGet, "me?fields=id,instagram_business_account%7Bid,username%7D", "", page); v["id"] != DefaultPageID || at(v, "instagram_business_account", "id") != networkAccount(targetInstagram) {
		t.Errorf("me: %v", v)
	}
	c := r.write(`{"text":"hola"}`)
	for name, q := range map[string]struct {
		token string
		code  float64
	}{"the page's key": {page, 0}, "a person's key": {user, 210}, "another page's key": {second, 100}, "nobody's key": {"inventada", 190}} {
		_, v := r.asMeta(http.MethodPost, c.ID+"/comments", "message="+url.QueryEscape(name), q.token)
		if code, _ := graphCode(v); code != q.code {
			t.Errorf("%s: %v", name, v)
		}
	}
	r.clock.move(metaLongLife)
	if _, v := r.asMeta(http.MethodGet, "me", "", user); at(v, "error", "error_subcode") != 463.0 {
		t.Errorf("after 60 days: %v", v)
	}
	if status, v := r.asMeta(http.MethodGet, DefaultPageID+"?fields=name", "", page); status != http.StatusOK {
		t.Errorf("the page's key after 60 days: %v", v)
	}
}

func TestRightsThatWereNotGivenAreMissed(t *testing.T) {
	r := newRig(t)
	user := r.metaUser(`,"without":["pages_manage_engagement","pages_read_user_content"]`)
	_, v := r.asMeta(http.MethodGet, "me/permissions", "", user)
	declined := 0
	for _, one := range v["data"].([]any) {
		if at(one, "status") == "declined" {
			declined++
		}
	}
	if declined != 5 { // business_management and what is counted were not asked for
		t.Errorf("%d declined: %v", declined, v)
	}
	_, v = r.asMeta(http.MethodGet, "me/accounts", "", user)
	page := at(v, "data", "0", "access_token").(string)
	c := r.write(`{"text":"hola"}`)
	status, v := r.asMeta(http.MethodPost, c.ID+"/comments", "message=a", page)
	if code, _ := graphCode(v); status != http.StatusForbidden || code != 200 {
		t.Errorf("write: %d %v", status, v)
	}
	_, v = r.asMeta(http.MethodGet, c.Thread+"/comments", "", page)
	if code, sub := graphCode(v); code != 10 || sub != 0 {
		t.Errorf("read: %v", v)
	}
	if status, v := r.asMeta(http.MethodGet, DefaultPageID+"/conversations", "", page); status != http.StatusOK {
		t.Errorf("what was given: %d %v", status, v)
	}
}

func TestAPersonMaySayNo(t *testing.T) {
	r := newRig(t)
	for network, c := range map[string]struct{ address, name, value string }{
		targetFacebook: {metaDialog("pages_show_list"), "error_reason", "user_denied"},
		targetX:        {xAuthorize("reto"), "error", "access_denied"},
		targetLinkedIn: {linkedinAuthorize("r_organization_social_feed"), "error", "user_cancelled_authorize"},
	} {
		back := r.saysYes(network, c.address, `,"no":true`)
		if back.Get(c.name) != c.value || back.Get("code") != "" || back.Get("state") == "" {
			t.Errorf("%s: %v", network, back)
		}
	}
}

// What is wrong with the address our system sends people to is said, and nobody is sent on.
func TestWrongQuestionsAreRefused(t *testing.T) {
	r := newRig(t)
	for name, c := range map[string]struct{ network, address string }{
		"unknown application":  {targetFacebook, strings.Replace(metaDialog("a"), DefaultMetaAppID, "7", 1)},
		"foreign way back":     {targetFacebook, strings.Replace(metaDialog("a"), url.QueryEscape("http://127.0.0.1:8080"), url.QueryEscape("https://malo.example"), 1)},
		"no state":             {targetLinkedIn, strings.Replace(linkedinAuthorize("a"), "state=", "estado=", 1)},
		"no rights":            {targetLinkedIn, linkedinAuthorize("")},
		"no PKCE":              {targetX, strings.Replace(xAuthorize("reto"), "S256", "plain", 1)},
		"unknown request":      {targetX, "/oauth/authorize?oauth_token=inventado"},
		"no code asked":        {targetX, strings.Replace(xAuthorize("reto"), "response_type=code", "response_type=token", 1)},
		"somebody's account":   {targetX, xAuthorize("reto") + `","accounts":["77"],"a":"`},
		"two accounts at once": {targetX, xAuthorize("reto") + `","accounts":["` + networkAccount(targetX) + `","` + secondAccount(targetX) + `"],"a":"`},
	} {
		if status, raw := r.call(http.MethodPost, "/sim/"+c.network+"/consent", `{"url":"`+c.address+`"}`); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, raw)
		}
	}
}

// Every network's calls stop when the account's keys end, the first ones too, and go on with a new key.
func TestKilledKeysOpenNothing(t *testing.T) {
	for network, c := range map[string]struct {
		read, write string
		body        string
		dead        int
	}{
		targetFacebook:  {"/graph/v25.0/COMMENT", "/graph/v25.0/COMMENT/comments", "message=a", 400},
		targetInstagram: {"/graph/v25.0/COMMENT", "/graph/v25.0/COMMENT/replies", "message=a", 400},
		targetWhatsApp:  {"/graph/v25.0/" + networkAccount(targetWhatsApp), "/graph/v25.0/" + networkAccount(targetWhatsApp) + "/messages", "messaging_product=whatsapp&to=THREAD&text={%22body%22:%22a%22}", 400},
		targetX:         {"/x-api/2/users/me", "/x-api/2/tweets", `{"text":"TEXT"}`, 401},
		targetLinkedIn:  {"/linkedin-api/rest/organizationAcls?q=roleAssignee", "/linkedin-api/rest/socialActions/COMMENT/comments", `{"actor":"urn:li:organization:1000031","object":"urn:li:activity:7100000000000000011","message":{"text":"TEXT"}}`, 401},
	} {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			p := r.on(network, `{"text":"hola"}`)
			n := 0
			works := func(want bool, when string) {
				t.Helper()
				n++
				fill := strings.NewReplacer("COMMENT", url.PathEscape(p.ID), "THREAD", p.Thread, "TEXT", "texto "+string(rune('a'+n)))
				headers := []header{{"Authorization", "Bearer " + testToken}, {"Linkedin-Version", "202607"}}
				read, write, body := fill.Replace(c.read), fill.Replace(c.write), fill.Replace(c.body)
				if strings.HasPrefix(read, "/graph/") {
					proof := "appsecret_proof=" + hmacHex(testSecret, []byte(testToken))
					read, body = read+"?"+proof, body+"&"+proof
					headers = append(headers, header{"Content-Type", "application/x-www-form-urlencoded"})
				}
				for call, q := range map[string][3]string{"read": {http.MethodGet, read, ""}, "write": {http.MethodPost, write, body}} {
					status, raw := r.call(q[0], q[1], q[2], headers...)
					if want && status/100 != 2 || !want && status != c.dead {
						t.Errorf("%s, %s: %d %s", when, call, status, raw)
					}
				}
			}
			works(true, "at first")
			for _, state := range []string{tokenRevoked, tokenStale} {
				v := calls[[]tokenView](r, 200, http.MethodPost, "/sim/"+network+"/token", `{"state":"`+state+`"}`)
				if v[0].State != state || v[0].Keys[0].Works {
					t.Errorf("%s: %+v", state, v[0])
				}
				works(false, state)
			}
			again := r.again()
			if v := calls[tokenView](again, 200, http.MethodGet, "/sim/"+network+"/token", ""); v.State != tokenStale {
				t.Errorf("after a restart: %+v", v)
			}
			r.call(http.MethodPost, "/sim/"+network+"/token", `{"state":"ok"}`)
			works(true, "again")
			r.call(http.MethodPost, "/sim/"+network+"/token", `{"until":"2026-11-24T13:00:01Z"}`)
			works(true, "before its end")
			r.clock.move(time.Second)
			works(false, "after its end")
		})
	}
}

func TestTokenOrdersAreChecked(t *testing.T) {
	r := newRig(t)
	for body, want := range map[string]int{`{"state":"muerta"}`: 400, `{"state":"demoted"}`: 400, `{"state":"ok","account":"7"}`: 404, `{"state":"ok","account":"` + secondAccount(targetX) + `"}`: 200} {
		if status, raw := r.call(http.MethodPost, "/sim/x/token", body); status != want {
			t.Errorf("%s: %d %s", body, status, raw)
		}
	}
	if status, _ := r.call(http.MethodGet, "/sim/x/token?account=7", ""); status != http.StatusNotFound {
		t.Errorf("another's account: %d", status)
	}
	if status, _ := r.call(http.MethodGet, "/sim/luna/token", ""); status != http.StatusNotFound {
		t.Errorf("unknown network: %d", status)
	}
	r.call(http.MethodPost, "/sim/facebook/token", `{"state":"ok","missing":["pages_manage_engagement"]}`)
	c := r.write(`{"text":"hola"}`)
	_, v := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=a")
	if code, _ := graphCode(v); code != 200 {
		t.Errorf("a right that was taken away: %v", v)
	}
}
