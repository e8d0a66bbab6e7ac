package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// answered is what came back of a write.
type answered struct {
	StatusCode int
	Header     http.Header
}

// writes are a way to publish on each network as our system does; n makes the text different.
func (r *rig) writes() map[string]func(n int) (answered, string) {
	r.t.Helper()
	fb, ig, x, li, wa := r.write(`{"text":"a"}`), r.on(targetInstagram, `{"text":"a"}`), r.on(targetX, `{"text":"a"}`), r.on(targetLinkedIn, `{"text":"a"}`), r.on(targetWhatsApp, `{"text":"a"}`)
	form := "application/x-www-form-urlencoded"
	proof := "&appsecret_proof=" + hmacHex(testSecret, []byte(testToken))
	post := func(path, kind, body string) (answered, string) {
		r.t.Helper()
		req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+path, strings.NewReader(body))
		if err != nil {
			r.t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Authorization", "Bearer "+testToken)
		req.Header.Set("Linkedin-Version", "202607")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			r.t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		raw, err := io.ReadAll(res.Body)
		if err != nil {
			r.t.Fatal(err)
		}
		return answered{res.StatusCode, res.Header}, string(raw)
	}
	us := networkAccount(targetLinkedIn)
	return map[string]func(int) (answered, string){
		targetFacebook: func(n int) (answered, string) {
			return post("/graph/v25.0/"+fb.ID+"/comments", form, "message=texto+"+strconv.Itoa(n)+proof)
		},
		targetInstagram: func(n int) (answered, string) {
			return post("/graph/v25.0/"+ig.ID+"/replies", form, "message=texto+"+strconv.Itoa(n)+proof)
		},
		targetX: func(n int) (answered, string) {
			return post("/x-api/2/tweets", "application/json", `{"text":"texto `+strconv.Itoa(n)+`","reply":{"in_reply_to_tweet_id":"`+x.ID+`"}}`)
		},
		targetLinkedIn: func(n int) (answered, string) {
			return post("/linkedin-api/rest/socialActions/"+li.ID+"/comments", "application/json", `{"actor":"`+us+`","object":"`+li.Thread+`","message":{"text":"texto `+strconv.Itoa(n)+`"}}`)
		},
		targetWhatsApp: func(n int) (answered, string) {
			return post("/graph/v25.0/"+networkAccount(targetWhatsApp)+"/messages", form, "messaging_product=whatsapp&to="+wa.Thread+`&text={"body":"texto `+strconv.Itoa(n)+`"}`+proof)
		},
	}
}

func TestRefusalsThatSurprise(t *testing.T) {
	r := newRig(t)
	for network, write := range r.writes() {
		for mode, check := range map[string]func(res answered, body string) bool{
			refuse500Bare: func(res answered, body string) bool {
				return res.StatusCode == 500 && strings.TrimSpace(body) == `{"debug":{}}`
			},
			htmlError: func(res answered, body string) bool {
				return res.StatusCode == 503 && strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && strings.Contains(body, "<html>")
			},
			quota429: func(res answered, body string) bool {
				return res.StatusCode == 429 && r.regains(network, res, 90)
			},
		} {
			before := len(r.published(network))
			r.breaks(`{"target":"` + network + `","mode":"` + mode + `","count":1,"ms":90000}`)
			if res, body := write(1); !check(res, body) || len(r.published(network)) != before {
				t.Errorf("%s under %s: %d %v %s", network, mode, res.StatusCode, res.Header, body)
			}
		}
		if res, body := write(2); res.StatusCode/100 != 2 {
			t.Errorf("%s after the faults: %d %s", network, res.StatusCode, body)
		}
	}
}

// regains reports whether the headers of a refusal say when the network lets us in again.
func (r *rig) regains(network string, res answered, seconds int) bool {
	r.t.Helper()
	switch network {
	case targetX:
		return res.Header.Get("X-Rate-Limit-Remaining") == "0" &&
			res.Header.Get("X-Rate-Limit-Reset") == strconv.FormatInt(r.clock.now().Add(time.Duration(seconds)*time.Second).Unix(), 10)
	case targetLinkedIn:
		return res.Header.Get("Retry-After") == strconv.Itoa(seconds)
	}
	var all map[string][]struct {
		Minutes int `json:"estimated_time_to_regain_access"`
		Calls   int `json:"call_count"`
	}
	if err := json.Unmarshal([]byte(res.Header.Get("X-Business-Use-Case-Usage")), &all); err != nil {
		r.t.Errorf("%s: %v in %q", network, err, res.Header.Get("X-Business-Use-Case-Usage"))
		return false
	}
	one := all[r.sim.account(network)]
	return len(one) == 1 && one[0].Minutes == (seconds+59)/60 && one[0].Calls == 100
}

func TestFaultsMayHitReads(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	for mode, want := range map[string]int{refuse429: 429, refuse500: 500, htmlError: 503, quota429: 429, tokenExpired: 400, refuse500Bare: 500} {
		r.breaks(`{"target":"facebook","mode":"` + mode + `","count":1,"reads":true}`)
		if status, _ := r.call(http.MethodGet, "/graph/v25.0/"+c.ID+"?appsecret_proof="+hmacHex(testSecret, []byte(testToken)), "", header{"Authorization", "Bearer " + testToken}); status != want {
			t.Errorf("%s: %d, want %d", mode, status, want)
		}
	}
	// A fault that is not for reads keeps its count for a write.
	r.breaks(`{"target":"facebook","mode":"refuse_500","count":1}`)
	if status, _ := r.graph(http.MethodGet, "/graph/v25.0/"+c.ID, ""); status != 200 {
		t.Errorf("a read: %d", status)
	}
	if hits := r.sim.activeFaults()[0].Hits; hits != 0 {
		t.Errorf("%d hits", hits)
	}
}

func TestTheEchoComesFirst(t *testing.T) {
	for network := range newRig(t).writes() {
		t.Run(network, func(t *testing.T) {
			r := newRig(t)
			write := r.writes()[network]
			r.delivered("/webhooks/"+network, 1)
			r.gestor.mu.Lock()
			r.gestor.hold = 30 * time.Millisecond // or every echo would win
			r.gestor.mu.Unlock()
			r.breaks(`{"target":"` + network + `","mode":"echo_first"}`)
			for n := range 4 {
				r.clock.move(time.Millisecond) // ids follow the clock
				before := len(r.gestor.deliveries("/webhooks/" + network))
				if res, body := write(n); res.StatusCode/100 != 2 {
					t.Fatalf("%d %s", res.StatusCode, body)
				}
				if got := len(r.gestor.deliveries("/webhooks/" + network)); got == before {
					t.Errorf("write %d was answered before its echo", n)
				}
			}
			if hits := r.sim.activeFaults()[0].Hits; hits != 4 {
				t.Errorf("%d hits, want 4", hits)
			}
		})
	}
}

func TestNextPagesElsewhere(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	r.write(`{"text":"uno","thread":"` + c.ID + `"}`)
	r.on(targetX, `{"text":"hola"}`)
	for network, q := range map[string]struct {
		ask  func() map[string]any
		path []string
	}{
		targetFacebook: {func() map[string]any { _, v := r.graph(http.MethodGet, "/graph/v25.0/"+c.ID+"/comments", ""); return v }, []string{"paging", "next"}},
		targetX: {func() map[string]any {
			_, v := r.asX(http.MethodGet, "/2/users/"+networkAccount(targetX)+"/mentions", "")
			return v
		}, []string{"meta", "next_token"}},
		targetLinkedIn: {func() map[string]any {
			_, v := r.asLinkedIn(http.MethodGet, "urn:li:activity:7100000000000000011", "")
			return v
		}, []string{"paging", "links", "0", "href"}},
	} {
		r.breaks(`{"target":"` + network + `","mode":"foreign_paging","count":1}`)
		if next, _ := at(q.ask(), q.path...).(string); !strings.HasPrefix(next, foreignHost) {
			t.Errorf("%s: next %q", network, next)
		}
		if next, _ := at(q.ask(), q.path...).(string); strings.HasPrefix(next, foreignHost) {
			t.Errorf("%s after the fault: next %q", network, next)
		}
	}
	if status, _ := r.call(http.MethodPost, "/sim/faults", `{"target":"whatsapp","mode":"foreign_paging"}`); status != http.StatusBadRequest {
		t.Errorf("lists of whatsapp: %d", status)
	}
}

func TestDuplicatesNameWhatStandsThere(t *testing.T) {
	r := newRig(t)
	writes := r.writes()
	for network, status := range map[string]int{targetFacebook: 400, targetLinkedIn: 422} {
		if res, body := writes[network](1); res.StatusCode/100 != 2 {
			t.Fatalf("%s: %d %s", network, res.StatusCode, body)
		}
		r.breaks(`{"target":"` + network + `","mode":"refuse_duplicate"}`)
		res, body := writes[network](1)
		if res.StatusCode != status || !strings.Contains(body, r.published(network)[0].ID) {
			t.Errorf("%s: %d %s", network, res.StatusCode, body)
		}
		if res, body := writes[network](2); res.StatusCode/100 != 2 {
			t.Errorf("%s, another text: %d %s", network, res.StatusCode, body)
		}
	}
}

func TestUseRisesAndRefuses(t *testing.T) {
	r := newRig(t)
	writes := r.writes()
	share := func(network string, res answered) string {
		if network == targetX {
			return res.Header.Get("X-Rate-Limit-Remaining")
		}
		return res.Header.Get("X-App-Usage")
	}
	for network, want := range map[string]string{
		targetFacebook: `{"call_count":80,"total_time":80,"total_cputime":80}`, targetInstagram: `{"call_count":80,"total_time":80,"total_cputime":80}`,
		targetWhatsApp: `{"call_count":80,"total_time":80,"total_cputime":80}`, targetX: "20", targetLinkedIn: "",
	} {
		r.call(http.MethodPost, "/sim/"+network+"/usage", `{"share":0.8}`)
		if res, body := writes[network](1); res.StatusCode/100 != 2 || share(network, res) != want {
			t.Errorf("%s: %d %q %s", network, res.StatusCode, share(network, res), body)
		}
		if q := calls[quota](r.again(), 200, http.MethodGet, "/sim/"+network+"/usage", ""); q.Share != 0.8 {
			t.Errorf("%s after a restart: %+v", network, q)
		}
		r.call(http.MethodPost, "/sim/"+network+"/usage", `{"share":0.9,"step":0.06,"minutes":3}`)
		if res, _ := writes[network](2); res.StatusCode/100 != 2 {
			t.Errorf("%s at 0.96: %d", network, res.StatusCode)
		}
		if res, _ := writes[network](3); res.StatusCode != 429 || !r.regains(network, res, 180) {
			t.Errorf("%s, used up: %d %v", network, res.StatusCode, res.Header)
		}
		r.clock.move(3 * time.Minute)
		if res, body := writes[network](4); res.StatusCode/100 != 2 {
			t.Errorf("%s, counted anew: %d %s", network, res.StatusCode, body)
		}
	}
	for _, bad := range []string{`{"share":2}`, `{"share":0.5,"step":-1}`, `{"share":0.5,"minutes":-1}`} {
		if status, _ := r.call(http.MethodPost, "/sim/x/usage", bad); status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, status)
		}
	}
}
